import type { ObservedSlot } from '../../../core/observed.ts'
import { largestGroupMemory } from '../../command/process-group.ts'
import type { Instance } from './instance.ts'
import type { Occupant } from './occupancy.ts'
import type { Seen } from './record.ts'

/** What a supervisor says of its slot. An instance that is being stopped still runs, but is no longer offered to a router. */
export function observed(occupant: Occupant, instances: readonly Instance[], seen: Seen): ObservedSlot {
  const { release, digest, version, desired } = occupant
  const serving = instances.filter((instance) => instance.ready && !instance.stopping)
  const pids = instances.map(({ pid }) => pid).filter((pid) => pid !== null)
  return {
    present: true,
    release,
    digest,
    version,
    desired,
    running: pids.length,
    ready: serving.length,
    ...unreadyOf(instances),
    upstreams: serving.map(({ record }) => `127.0.0.1:${record.port}`),
    ...seen,
    memoryBytes: largestGroupMemory(pids),
  }
}

function unreadyOf(instances: readonly Instance[]): Pick<ObservedSlot, 'unready'> {
  const why = instances.find(({ ready, stopping, unready }) => !ready && !stopping && unready !== null)?.unready
  return why ? { unready: why } : {}
}
