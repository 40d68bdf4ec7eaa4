/**
 * Latency histograms with logarithmic buckets of equal ratio: bucket b holds `(unitMs·base^(b-1), unitMs·base^b]`. They
 * merge by addition, so counts of several routers and ticks pool without loss, and every answer is off by at most one
 * bucket (2 % at base 1.02) to the slow side, never to the fast one.
 */
import type { Histogram } from './observed.ts'

/** What two histograms must share to be added: `{ base: 1.02, unitMs: 0.1 }`. */
export type Scale = Pick<Histogram, 'base' | 'unitMs'>

/** Largest bucket number accepted; at base 1.02 that is far beyond a year. Keeps a broken source from costing memory. */
const BUCKET_MAX = 4096
/** Room for the rounding of `base^b` when an edge is compared with a limit that was meant to be that edge. */
const SAME = 1 + 1e-9

export function emptyHistogram(scale: Scale): Histogram {
  return { base: scale.base, unitMs: scale.unitMs, counts: {} }
}

/** The slow end of a bucket, ms. */
export function bucketEdgeMs(scale: Scale, bucket: number): number {
  return scale.unitMs * scale.base ** bucket
}

/** The bucket of one duration; everything up to `unitMs`, zero included, falls into bucket 0. */
export function bucketOf(scale: Scale, durationMs: number): number {
  if (durationMs <= scale.unitMs) return 0
  return Math.ceil(Math.log(durationMs / (scale.unitMs * SAME)) / Math.log(scale.base))
}

/** Throws when the scales differ: counts of different buckets have no sum. */
export function mergeHistograms(left: Histogram, right: Histogram): Histogram {
  demandSameScale(left, right)
  return combine(left, right, (a, b) => a + b)
}

/** What came on top of `earlier`; a bucket that fell counts 0, never less. Throws when the scales differ. */
export function subtractHistogram(later: Histogram, earlier: Histogram): Histogram {
  demandSameScale(later, earlier)
  return combine(later, earlier, (a, b) => Math.max(0, a - b))
}

export function histogramCount(histogram: Histogram): number {
  let sum = 0
  for (const bucket in histogram.counts) sum += histogram.counts[bucket]!
  return sum
}

/** Slow edge of the bucket that holds the request at rank `ceil(q·n)`, ms; null of no requests. */
export function histogramQuantile(histogram: Histogram, q: number): number | null {
  const total = histogramCount(histogram)
  if (!(total > 0)) return null
  const rank = rankOf(q, total)
  let seen = 0
  let last = 0
  for (const [bucket, count] of sorted(histogram)) {
    seen += count
    last = bucket
    if (seen >= rank) break
  }
  return bucketEdgeMs(histogram, last)
}

/** How many requests have to be counted to reach quantile `q`; a product that rounding lifted over a whole number counts as it. */
export function rankOf(q: number, total: number): number {
  return Math.max(q * total * (1 - 1e-12), Number.MIN_VALUE)
}

/**
 * Requests slower than `thresholdMs`. The bucket that the threshold cuts counts as slower, so that
 * `countAbove(h, t) > (1-q)·n` exactly when `histogramQuantile(h, q) > t`.
 */
export function countAbove(histogram: Histogram, thresholdMs: number): number {
  const first = firstBucketAbove(histogram, thresholdMs)
  let above = 0
  for (const [bucket, count] of Object.entries(histogram.counts)) {
    if (Number(bucket) >= first) above += count
  }
  return above
}

/** The first bucket whose slow edge is above `thresholdMs`: one look for a tick instead of a power for every bucket. */
export function firstBucketAbove(scale: Scale, thresholdMs: number): number {
  const limit = thresholdMs * SAME
  if (!(scale.base > 1)) return scale.unitMs > limit ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  if (!(limit > 0)) return Number.NEGATIVE_INFINITY
  if (limit === Number.POSITIVE_INFINITY) return limit
  let bucket = Math.floor(Math.log(limit / scale.unitMs) / Math.log(scale.base)) - 1
  while (!(bucketEdgeMs(scale, bucket) > limit)) bucket += 1
  return bucket
}

/** The same counts as two lists, in no particular order: `Object.entries` without its pairs. */
export type Cells = { readonly buckets: readonly number[]; readonly counts: readonly number[] }

export const NO_CELLS: Cells = { buckets: [], counts: [] }

export function cellsOf({ counts }: Histogram): Cells {
  const keys = Object.keys(counts)
  return { buckets: keys.map(Number), counts: keys.map((bucket) => counts[bucket]!) }
}

/** Share (0-1) of requests slower than `thresholdMs`, see `countAbove`; null of no requests. */
export function shareAbove(histogram: Histogram, thresholdMs: number): number | null {
  const total = histogramCount(histogram)
  return total > 0 ? countAbove(histogram, thresholdMs) / total : null
}

export function sameScale(left: Scale, right: Scale): boolean {
  return left.base === right.base && left.unitMs === right.unitMs
}

/** Why these are not counts that anything could be judged by, or null: `bucket 12 counts NaN`. */
export function histogramProblem({ base, unitMs, counts }: Histogram): string | null {
  if (!(Number.isFinite(base) && base > 1)) return `base is ${base}, must be a number above 1`
  if (!(Number.isFinite(unitMs) && unitMs > 0)) return `unitMs is ${unitMs}, must be a number above 0`
  for (const bucket in counts) {
    const count = counts[bucket]!
    if (!(/^-?\d{1,4}$/.test(bucket) && Math.abs(Number(bucket)) <= BUCKET_MAX)) return `has no bucket "${bucket}"`
    if (!(Number.isFinite(count) && count >= 0)) return `bucket ${bucket} counts ${count}`
  }
  return null
}

function combine(left: Histogram, right: Histogram, add: (a: number, b: number) => number): Histogram {
  const counts: Record<string, number> = {}
  for (const bucket in left.counts) {
    const count = add(left.counts[bucket]!, right.counts[bucket] ?? 0)
    if (count !== 0) counts[bucket] = count
  }
  for (const bucket in right.counts) {
    if (bucket in left.counts) continue
    const count = add(0, right.counts[bucket]!)
    if (count !== 0) counts[bucket] = count
  }
  return { base: left.base, unitMs: left.unitMs, counts }
}

function sorted(histogram: Histogram): readonly (readonly [number, number])[] {
  return Object.entries(histogram.counts)
    .filter(([, count]) => count > 0)
    .map(([bucket, count]) => [Number(bucket), count] as const)
    .sort(([left], [right]) => left - right)
}

function demandSameScale(left: Histogram, right: Histogram): void {
  if (sameScale(left, right)) return
  throw new Error(
    `histograms of different buckets cannot be combined: base ${left.base}, unit ${left.unitMs} ms ` +
      `and base ${right.base}, unit ${right.unitMs} ms`,
  )
}
