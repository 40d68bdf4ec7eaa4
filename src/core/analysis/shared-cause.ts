/**
 * When live itself breaks a limit, what the candidate does in that time says nothing about the candidate. For every limit
 * that live was seen to break, this keeps what the candidate did in the rest of the time, so that a disturbance which has
 * ended does not count against it (analysis §2.7). Until live breaks a limit, nothing is kept.
 *
 * Whether live suffers is seen in its newest 100 to 200 requests: whole ticks, the newest included. A chance finding costs
 * the candidate a tick of evidence, and neither speaks for it nor against it.
 */
import { allowedShare, isLatency } from './reading.ts'
import type { OwnLimit, OwnRule } from './own/rule.ts'
import { type LimitRule, type Rule, TRIGGER_REQUESTS_MAX } from './rules.ts'
import type { Calm, Ceiling, Granule, Row, SharedCauses, Span, Tally } from './state.ts'
import { SUM_LATENCY_CHARS, withSpan } from './tally.ts'

const LIVE_REQUESTS_MIN = 100
/** Where live gets few requests, older ticks than these say nothing of now. */
const LIVE_TICKS_MAX = 12
const BAD_MIN = 3

export const NO_SHARED_CAUSE: SharedCauses = { live: { older: [], newer: [], ticks: 0 }, step: {}, window: {} }

/** A service-wide number is live's as much as the candidate's; what a platform saw is of one side only. */
export function ceilingsOf(rules: readonly Rule[], slowLimitsMs: readonly number[]): readonly Ceiling[] {
  return rules.flatMap((rule): readonly Ceiling[] => {
    if (rule.kind === 'limit') return limitCeilings(rule, slowLimitsMs)
    return rule.kind === 'own' && rule.perSlot && rule.demand.kind === 'limit' ? ownCeilings(rule, rule.demand) : []
  })
}

function limitCeilings({ id, metric, max, trigger }: LimitRule, slowLimitsMs: readonly number[]): readonly Ceiling[] {
  if (metric !== 'error-rate' && !isLatency(metric)) return []
  const ceiling = (limit: number, windowMs: number | null): Ceiling => ({
    rule: id,
    windowMs,
    of: isLatency(metric)
      ? { bad: slowLimitsMs.indexOf(limit), share: allowedShare(metric) }
      : { bad: 'errors', share: limit },
  })
  return [
    ...(max === null ? [] : [ceiling(max, null)]),
    ...(trigger === null ? [] : [ceiling(trigger.above, trigger.forMs)]),
  ]
}

function ownCeilings({ id }: OwnRule, { max, min }: OwnLimit): readonly Ceiling[] {
  return max === null && min === null ? [] : [{ rule: id, windowMs: null, of: { max, min } }]
}

/** A new step has sums of its own; what live's requests and the windows say goes on. */
export function atStep(shared: SharedCauses): SharedCauses {
  return { ...shared, step: {} }
}

/** One tick more of a component. */
export function foldSharedCauses(
  { shared, sinceStep }: { readonly shared: SharedCauses; readonly sinceStep: Span | null },
  ceilings: readonly Ceiling[],
  granule: Granule,
  isOfStep: boolean,
): SharedCauses {
  const live = withTick(shared.live, granule.live)
  const next = { live, step: { ...shared.step }, window: { ...shared.window } }
  for (const ceiling of ceilings) {
    const { rule, windowMs } = ceiling
    const suffers = granule.exposure !== 'none' && breaks(ceiling, live, granule)
    if (windowMs !== null) {
      const calm = suffers ? begun(granule, null) : sinceThen(shared.window[rule], granule, windowMs)
      if (calm) next.window[rule] = calm
      else delete next.window[rule]
    } else if (isOfStep) {
      const known = shared.step[rule]
      if (suffers) next.step[rule] = known ? again(known, granule) : begun(granule, sinceStep)
      else if (known) next.step[rule] = within(known, granule)
    }
  }
  return next
}

function begun({ to, coveredMs }: Granule, span: Span | null): Calm {
  return { span, excludedMs: coveredMs, lastAt: to, suffers: true }
}

function again(calm: Calm, { to, coveredMs }: Granule): Calm {
  return { ...calm, excludedMs: calm.excludedMs + coveredMs, lastAt: to, suffers: true }
}

function within(calm: Calm, granule: Granule): Calm {
  return { ...calm, span: withSpan(calm.span, granule, SUM_LATENCY_CHARS), suffers: false }
}

/** Forgotten once live's trouble has left the window, however far back that reaches for its requests. */
function sinceThen(calm: Calm | undefined, granule: Granule, windowMs: number): Calm | null {
  if (calm === undefined) return null
  const since = calm.span?.candidate.requests ?? 0
  if (granule.to - calm.lastAt >= windowMs && since >= TRIGGER_REQUESTS_MAX) return null
  return granule.exposure === 'none' ? calm : within(calm, granule)
}

function withTick({ older, newer, ticks }: SharedCauses['live'], live: Tally): SharedCauses['live'] {
  const row = [Math.max(live.requests, live.errors), live.errors, live.timed, ...live.slow]
  const isFull = (newer[0] ?? 0) >= LIVE_REQUESTS_MIN || ticks >= LIVE_TICKS_MAX
  return isFull ? { older: newer, newer: row, ticks: 1 } : { older, newer: sum(newer, row), ticks: ticks + 1 }
}

function breaks({ rule, of }: Ceiling, { older, newer }: SharedCauses['live'], { live, own }: Granule): boolean {
  if ('bad' in of) {
    const [all, bad] = of.bad === 'errors' ? [0, 1] : [2, 3 + of.bad]
    const count = (column: number) => (older[column] ?? 0) + (newer[column] ?? 0)
    return count(bad) >= BAD_MIN && count(bad) > of.share * count(all)
  }
  const seen = own.live?.[rule]
  if (seen === undefined || live.requests === 0) return false
  return (of.max !== null && seen.last > of.max) || (of.min !== null && seen.last < of.min)
}

function sum(left: Row, right: Row): Row {
  return left.length === 0 ? right : left.map((value, column) => value + (right[column] ?? 0))
}
