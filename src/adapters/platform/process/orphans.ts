/** The truth about a slot whose supervisor is dead: its instances may well live and serve. */
import type { ObservedSlot } from '../../../core/observed.ts'
import { isSameProcess, largestGroupMemory } from '../../command/process-group.ts'
import { PROBE_LIMIT_MS, probe } from './probe.ts'
import type { InstanceRecord, SlotRecord } from './record.ts'

/** Asks every recorded instance that lives, once, as the supervisor would. Counts are as the dead supervisor last wrote them. */
export async function observeOrphans(record: SlotRecord, signal: AbortSignal): Promise<ObservedSlot> {
  const living = record.instances.filter(lives)
  // Nobody here knows the instances' secrets, so of what they answer no more is told than how it ended.
  const asking = { signal, limitMs: PROBE_LIMIT_MS, redact: () => '' }
  const probes = await Promise.all(living.map(({ port }) => probe(port, record.health, asking)))
  const serving = living.filter((_, index) => probes[index]!.ready)
  const { release, digest, version, desired, seen } = record
  return {
    present: true,
    release,
    digest,
    version,
    desired,
    ...seen,
    running: living.length,
    ready: serving.length,
    upstreams: serving.map(({ port }) => `127.0.0.1:${port}`),
    memoryBytes: largestGroupMemory(living.map(({ process }) => process!.pid)),
  }
}

export function lives({ process }: InstanceRecord): boolean {
  return process !== null && isSameProcess(process.pid, process.start)
}
