/** What both slots did, as a metrics source answers it: of the access log, and of what HAProxy shows of requests in flight. */
import type { MetricsSnapshot, Slot, SlotCounts } from '../../../core/observed.ts'
import type { Clock } from '../../../ports/clock.ts'
import { failure, ok, type Result } from '../../../ports/result.ts'
import { type Logs, SCALE } from './logs.ts'
import type { Options } from './options.ts'
import { ask } from './socket.ts'
import { oldestWaiting, statOf } from './stats.ts'

export async function counts(
  { socket, backend, logs: address }: Options,
  { clock, logs }: { readonly clock: Clock; readonly logs: Logs },
  signal: AbortSignal,
): Promise<Result<MetricsSnapshot>> {
  if (logs.trouble !== null) return failure('transient', `HAProxy's log at ${address}: ${logs.trouble}`)
  const said = await ask(socket, ['show stat', 'show sess'], signal)
  if (!said.ok) return said
  const silent = silence(said.value, backend, logs)
  if (silent !== null) {
    return failure(
      'transient',
      `HAProxy has served ${silent} requests of backend ${backend}, and no line of its log came to ${address}: its frontend needs "option httplog" and "log ${address} len 4096 format raw local0 info"`,
    )
  }
  const inFlight = statOf(said.value, backend, 'scur')
  const oldest = oldestWaiting(said.value, backend)
  const of = (slot: Slot): SlotCounts => {
    const { requests, errors, latency } = logs.slots[slot]
    const histogram = { ...SCALE, counts: { ...latency } }
    return { requests, errors, latency: histogram, inFlight: inFlight[slot], waitingOldestMs: oldest[slot] }
  }
  return ok({ epoch: logs.epoch, at: clock.now(), slots: { blue: of('blue'), green: of('green') } })
}

/** So many have been served that one line at least would have come; those in flight have none yet. */
const SERVED_MIN = 20

/** How many requests were served of which the log tells nothing at all; null while that may be as it should. */
function silence(said: string, backend: string, logs: Logs): number | null {
  const { blue, green } = statOf(said, backend, 'stot')
  const flying = statOf(said, backend, 'scur')
  const served = blue + green - flying.blue - flying.green
  // HAProxy counts from its own start: a restart is a new beginning.
  if (logs.servedBefore === null || served < logs.servedBefore) logs.servedBefore = served
  const since = served - logs.servedBefore
  const told = logs.slots.blue.requests + logs.slots.green.requests
  return told === 0 && since >= SERVED_MIN ? since : null
}
