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
  const counts = { ...left.counts }
  for (const bucket of Object.keys(right.counts)) {
    const count = right.counts[bucket]!
    if (count !== 0) counts[bucket] = (counts[bucket] ?? 0) + count
  }
  return { base: left.base, unitMs: left.unitMs, counts }
}

/** What came on top of `earlier`; a bucket that fell counts 0, never less. Throws when the scales differ. */
export function subtractHistogram(later: Histogram, earlier: Histogram): Histogram {
  demandSameScale(later, earlier)
  const counts: Record<string, number> = {}
  for (const bucket of Object.keys(later.counts)) {
    const more = later.counts[bucket]! - (earlier.counts[bucket] ?? 0)
    if (more > 0) counts[bucket] = more
  }
  return { base: later.base, unitMs: later.unitMs, counts }
}

export function histogramCount(histogram: Histogram): number {
  return total(Object.values(histogram.counts))
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
  return countFrom(cellsOf(histogram), firstBucketAbove(histogram, thresholdMs))
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

/** The same counts as two lists, in no particular order: for what reads them more than once. */
export type Cells = { readonly buckets: readonly number[]; readonly counts: readonly number[] }

export const NO_CELLS: Cells = { buckets: [], counts: [] }

/** Of counts that `histogramProblem` finds nothing wrong with. */
export function cellsOf({ counts }: Histogram): Cells {
  const keys = Object.keys(counts)
  const cells: { buckets: number[]; counts: number[] } = { buckets: [], counts: [] }
  for (let cell = 0; cell < keys.length; cell++) {
    const bucket = Number(keys[cell])
    cells.buckets.push(bucket)
    cells.counts.push(counts[bucket]!)
  }
  return cells
}

export function total(counts: readonly number[]): number {
  let sum = 0
  for (let cell = 0; cell < counts.length; cell++) sum += counts[cell]!
  return sum
}

/** As `countAbove`, of cells: those from the bucket `first` on. */
export function countFrom({ buckets, counts }: Cells, first: number): number {
  let above = 0
  for (let cell = 0; cell < buckets.length; cell++) if (buckets[cell]! >= first) above += counts[cell]!
  return above
}

/**
 * Share (0-1) of requests slower than `thresholdMs`, see `countAbove`; null of no requests.
 * @kept The reading side, by which tests hold counting and quantiles together.
 */
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
  for (const key of Object.keys(counts)) {
    if (!isBucket(key)) return `has no bucket "${key}"`
    if (!isCount(counts[key])) return `bucket ${key} counts ${counts[key]}`
  }
  return null
}

/** Whole numbers in their one way of writing: "07" would be a second bucket 7. */
function isBucket(key: string): boolean {
  const bucket = Number(key)
  return Number.isInteger(bucket) && Math.abs(bucket) <= BUCKET_MAX && String(bucket) === key
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY
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
