import type { MetricsSnapshot } from '../core/observed.ts'
import type { Result } from './result.ts'

/**
 * Counts and histograms per slot, cumulative, as the source has them now.
 *
 * No data is an answer of its own: a source that cannot tell answers a failure, never zeros (law L3).
 */
export interface MetricsSource {
  /** For people: `router 127.0.0.1:8080`. */
  readonly name: string
  collect(signal: AbortSignal): Promise<Result<MetricsSnapshot>>
}
