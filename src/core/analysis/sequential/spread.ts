/**
 * Errors seldom come one by one: a retry storm or one slow instance brings them in groups. Groups of s errors tell as much
 * as one error, so counts that come in groups are worth that much less. How much, live says: the variance of its counts
 * from one tick to the next, beside that of a Poisson process of the same rate. Only neighbours are compared, so a rate
 * that drifts, or that daytime moves, is no clustering.
 */
import type { Counts } from './increments.ts'
import type { Spread } from './state.ts'

/** Above this, a past outage of live would hush everything for the rest of the rollout. */
const CLUSTERING_MAX = 10

/**
 * With x and y errors of n and m requests in two neighbouring ticks, and the same rate in both, the mean of
 * `(x·m - y·n)² / (n·m·(n + m))` is that of `(x + y) / (n + m)`, given the sum of errors. Clusters make it larger.
 */
export function addPair(spread: Spread, { n, x }: Counts, { n: m, x: y }: Counts): Spread {
  if (n === 0 || m === 0 || x + y === 0) return spread
  return {
    pairs: spread.pairs + 1,
    seen: spread.seen + ((x * m - y * n) / (n + m)) * (x / n - y / m),
    expected: spread.expected + (x + y) / (n + m),
  }
}

/** Errors that are worth one, from 1; one standard error of luck is taken off, so that it costs the others little. */
export function clustering({ pairs, seen, expected }: Spread): number {
  if (pairs === 0 || !(expected > 0)) return 1
  return Math.min(CLUSTERING_MAX, Math.max(1, seen / expected - Math.sqrt(3 / pairs)))
}
