/**
 * What happened between two looks at cumulative counters. A counter that restarted counts from 0 (what it held before the
 * restart was counted up to the earlier look), and what is not a count is no evidence at all, never a zero (law L3).
 */
import { histogramProblem, sameScale, subtractHistogram } from '../histogram.ts'
import type { SlotCounts } from '../observed.ts'
import type { RoleCountsDelta } from './state.ts'

export type SlotDelta = Pick<RoleCountsDelta, 'requests' | 'errors' | 'latency' | 'inFlight' | 'waitingOldestMs'>

/**
 * Null when there is no earlier look to compare with, or when either one holds something that is not a count. With
 * `sameEpoch` false, or when any counter fell, the slot's counters restarted and `current` is counted from 0.
 */
export function difference(previous: SlotCounts | null, current: SlotCounts, sameEpoch: boolean): SlotDelta | null {
  if (previous === null || countsProblem(current) !== null) return null
  const { inFlight, waitingOldestMs } = current
  if (!sameEpoch) return { ...cumulative(current), inFlight, waitingOldestMs }
  if (countsProblem(previous) !== null) return null
  if (restarted(previous, current)) return { ...cumulative(current), inFlight, waitingOldestMs }
  return {
    requests: current.requests - previous.requests,
    errors: current.errors - previous.errors,
    latency: subtractHistogram(current.latency, previous.latency),
    inFlight,
    waitingOldestMs,
  }
}

/** Why these are not counts, or null: `requests is NaN`. Also for deltas, which have the same members. */
export function countsProblem(counts: SlotDelta): string | null {
  for (const member of ['requests', 'errors', 'inFlight', 'waitingOldestMs'] as const) {
    if (!isCount(counts[member])) return `${member} is ${counts[member]}`
  }
  const problem = histogramProblem(counts.latency)
  return problem === null ? null : `the latency histogram's ${problem}`
}

export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

function cumulative({ requests, errors, latency }: SlotCounts): Pick<SlotDelta, 'requests' | 'errors' | 'latency'> {
  return { requests, errors, latency }
}

function restarted(previous: SlotCounts, current: SlotCounts): boolean {
  if (current.requests < previous.requests || current.errors < previous.errors) return true
  if (!sameScale(previous.latency, current.latency)) return true
  const [before, now] = [previous.latency.counts, current.latency.counts]
  return Object.keys(before).some((bucket) => (now[bucket] ?? 0) < before[bucket]!)
}
