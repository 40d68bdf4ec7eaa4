import type { OwnRule } from '../core/analysis/own/rule.ts'
import type { MetricsSnapshot } from '../core/observed.ts'
import type { Result } from './result.ts'

/** A question of the service's own: `$slot`, `$service`, `$environment` and `$component` are for the source to fill in. */
export type OwnQuery = Pick<OwnRule, 'id' | 'query' | 'perSlot' | 'maxAgeMs'>

/**
 * Counts and histograms per slot, cumulative, as the source has them now.
 *
 * No data is an answer of its own: a source that cannot tell answers a failure, never zeros (law L3). `at` is when it
 * measured them, by its own clock: an answer that is not of later than the one before it is taken for a stale one. One whose adapter
 * declares `queries` answers every own query it was made with under `own`: a number, or why there is none, query by query,
 * so that a wrong one does not take the counts with it.
 */
export interface MetricsSource {
  /** For people: `router 127.0.0.1:8080`. */
  readonly name: string
  collect(signal: AbortSignal): Promise<Result<MetricsSnapshot>>
}
