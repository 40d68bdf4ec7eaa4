import type { OwnRule } from './own/rule.ts'

/** What a service is judged by. Ratios are 0-1, latencies ms, memory bytes; windows are half-open `(now - forMs, now]`. */
export type Metric =
  | 'error-rate'
  | 'latency-p50'
  | 'latency-p95'
  | 'latency-p99'
  | 'readiness-flapping'
  | 'memory'
  | 'info-logs'

export type Rule = LimitRule | RelativeRule | SilenceRule | SequentialRule | OwnRule

/** `{ metric: error-rate, max: 1%, trigger: { above: 2%, for: 5m } }`: no advance above `max`; rollback at the trigger. */
export type LimitRule = {
  readonly kind: 'limit'
  readonly id: string
  readonly metric: Exclude<Metric, 'info-logs'>
  /** Advancing needs the value since the step began to be at most this; null: only the trigger. */
  readonly max: number | null
  /** Rollback when the value over the whole window is above; the window must be fully covered. */
  readonly trigger: { readonly above: number; readonly forMs: number } | null
}

/** `{ metric: error-rate, relativeTo: live, margin: 50% }`: rollback when above the other side by more than the margin. */
export type RelativeRule = {
  readonly kind: 'relative'
  readonly id: string
  readonly metric: 'error-rate' | 'latency-p50' | 'latency-p95' | 'latency-p99'
  /** `live`: the same window of the live slot. `before`: live as it was before the first shift of this rollout. */
  readonly to: 'live' | 'before'
  readonly margin: number
  readonly forMs: number
}

/** `{ metric: info-logs, silence: 10m }`: a candidate that logs nothing for that long has failed (R-E07). */
export type SilenceRule = {
  readonly kind: 'silence'
  readonly id: string
  readonly metric: 'info-logs'
  readonly silenceMs: number
}

/**
 * `{ metric: error-rate, compare: sequential }`: rollback when worse than live, or than the limit, beyond chance; valid
 * however often one looks. Those of one plan are one comparison: at most one for errors and one for a latency.
 */
export type SequentialRule = {
  readonly kind: 'sequential'
  readonly id: string
  readonly metric: 'error-rate' | 'latency-p50' | 'latency-p95' | 'latency-p99'
  /** How much worse than live is tolerated: 0.2 for the odds of an error, 0.1 for latency. */
  readonly tolerance: number
  /** What is bad whatever live does: a share of errors (0.02), or the ms that the quantile may take (500). */
  readonly limit: number
}

/** Requests in the window that a rollback needs at most: waiting for the evidence that advancing needs would protect nobody. */
export const TRIGGER_REQUESTS_MAX = 20

/** Compares with the release before: there is nothing to compare a first one with. */
export function isComparison(rule: Rule): boolean {
  return rule.kind === 'relative' || (rule.kind === 'own' && rule.demand.kind === 'relative')
}
