import type { SegmentsAsked } from '../core/analysis/sequential/options.ts'
import type { OwnRule } from '../core/analysis/own/rule.ts'
import type { MetricsSnapshot } from '../core/observed.ts'
import type { Description } from './description.ts'
import type { Result } from './result.ts'

export type MetricsDescription = Description & {
  /** For people: `Prometheus at prometheus:9090`. */
  readonly name: string
  /** Who counts requests, errors and latencies. */
  readonly countedBy: 'router' | 'source'
  /** How often its numbers change; null: with every request. */
  readonly everyMs: number | null
  /** How it tells segments of the traffic: by method and pattern of paths, by the values of a label; null: it does not. */
  readonly segments: 'routes' | 'label' | null
}

/** A question of the service's own: `$slot`, `$service`, `$environment` and `$component` are for the source to fill in. */
export type OwnQuery = Pick<OwnRule, 'id' | 'query' | 'perSlot' | 'maxAgeMs'>

/** Of the traffic, what is counted by itself as well; `slowMs`: what is slower counts as slow, null: nothing does. */
export type SegmentsQuery = SegmentsAsked & { readonly slowMs: number | null }

/** What a release would ask, at which pace. */
export type Inquiry = { readonly queries: readonly OwnQuery[]; readonly tickMs: number }

/** `bad`: no release could be judged. `warning`: it could be wrong, or nothing is known yet. */
export type Inquired = {
  readonly outcome: 'ok' | 'warning' | 'bad'
  readonly detail: string
  readonly fix: string | null
}

/**
 * Counts and histograms per slot, cumulative, as the source has them now.
 *
 * No data is an answer of its own: a source that cannot tell answers a failure, never zeros (law L3). `at` is when it
 * measured them, by its own clock: an answer that is not of later than the one before it is taken for a stale one. One whose adapter
 * declares `queries` answers every query it is given under `own`: a number, or why there is none, query by query,
 * so that a wrong one does not take the counts with it. One whose description says `segments` tells those that are asked for, the
 * largest first, and no others.
 */
export interface MetricsSource {
  /** As in its description. */
  readonly name: string
  collect(
    signal: AbortSignal,
    queries?: readonly OwnQuery[],
    segments?: SegmentsQuery,
  ): Promise<Result<MetricsSnapshot>>
}
