import type { RoleCountsDelta } from '../analysis/state.ts'
import { mergeHistograms } from '../histogram.ts'
import type { Slot, SlotCounts } from '../observed.ts'
import type { Instant } from '../time.ts'
import type { EventData } from './events.ts'
import { behind, type Counted, partAt, type RolloutState } from './state.ts'

/** The counts that a source began with. */
export function countedFirst(
  state: RolloutState,
  { component, epoch, measuredAt, slots }: EventData<'MetricsBegun'>,
  at: Instant,
): Counted {
  const blue = marked(state, component, 'blue', slots.blue)
  const green = marked(state, component, 'green', slots.green)
  return { epoch, at, ...(measuredAt === undefined ? {} : { measuredAt }), slots: { blue, green } }
}

/** The cumulative counts after this tick, kept so that the next snapshot can be turned into differences. */
export function counted(state: RolloutState, data: EventData<'MetricsObserved'>, at: Instant): Counted {
  const before = state.metrics[data.component]
  const after = (slot: Slot) => {
    const role = data.judged === slot ? 'candidate' : 'live'
    const delta = data[role]
    const previous = data.restarted[role] ? null : (before?.slots[slot] ?? null)
    return marked(state, data.component, slot, addCounts(previous, delta))
  }
  const { epoch, measuredAt } = data
  const slots = { blue: after('blue'), green: after('green') }
  return { epoch, at, ...(measuredAt === undefined ? {} : { measuredAt }), slots }
}

/** Counts together with what the platform had counted at the same moment. */
function marked(state: RolloutState, component: string, slot: Slot, counts: SlotCounts): Counted['slots'][Slot] {
  const part = partAt(state, component)
  const name = part ? behind(state, part, slot) : component
  const seen = name === null ? undefined : state.slots[name]?.[slot]?.value
  return { ...counts, readiness: seen?.readiness ?? null, logLines: seen?.logLines ?? null }
}

function addCounts(previous: SlotCounts | null, delta: RoleCountsDelta): SlotCounts {
  const { inFlight, waitingOldestMs } = delta
  if (!previous)
    return { requests: delta.requests, errors: delta.errors, latency: delta.latency, inFlight, waitingOldestMs }
  return {
    requests: previous.requests + delta.requests,
    errors: previous.errors + delta.errors,
    latency: mergeHistograms(previous.latency, delta.latency),
    inFlight,
    waitingOldestMs,
  }
}
