/**
 * Latency in logarithmic buckets of 2 %: a sparse, mergeable histogram.
 *
 * Bucket `i` holds the values in `(0.1 ms · 1.02^(i-1), 0.1 ms · 1.02^i]`; bucket 0 holds everything up to 0.1 ms. A
 * quantile is therefore never more than 2 % above the true value, whatever its size, and the histograms of many
 * workers, routers or ticks add up bucket by bucket. Rejected: HDR histograms (a dependency for ten lines), t-digests
 * (merging loses the error bound), fixed Prometheus buckets (a p95 off by 50 % between two edges).
 */

export const BASE = 1.02
export const UNIT_MS = 0.1
/** Highest bucket, about 17 hours; longer values are counted in it. */
export const BUCKET_MAX = 1023

const LOG_BASE = Math.log(BASE)

/** As it travels and adds up: `{ base: 1.02, unitMs: 0.1, counts: { "117": 42 } }` says 42 values of about 1 ms. */
export type Histogram = {
  readonly base: number
  readonly unitMs: number
  readonly counts: Readonly<Record<string, number>>
}

export function bucketOf(ms: number): number {
  if (!(ms > UNIT_MS)) return 0
  const bucket = Math.ceil(Math.log(ms / UNIT_MS) / LOG_BASE - 1e-9)
  return bucket > BUCKET_MAX ? BUCKET_MAX : bucket
}

/**
 * The largest value that falls into the bucket, in ms.
 * @kept The reading side: by it tests hold what is counted to what was measured.
 */
export function upperEdgeMs(bucket: number): number {
  return UNIT_MS * BASE ** bucket
}

export function emptyHistogram(): Histogram {
  return { base: BASE, unitMs: UNIT_MS, counts: {} }
}

/** @kept The reading side: by it tests hold what is counted to what was measured. */
export function record(histogram: Histogram, ms: number): Histogram {
  const bucket = String(bucketOf(ms))
  return { ...histogram, counts: { ...histogram.counts, [bucket]: (histogram.counts[bucket] ?? 0) + 1 } }
}

/** Throws when the two were counted with different buckets: adding them would be meaningless. */
export function merge(a: Histogram, b: Histogram): Histogram {
  if (a.base !== b.base || a.unitMs !== b.unitMs) throw new Error('cannot merge histograms with different buckets')
  const counts: Record<string, number> = { ...a.counts }
  for (const [bucket, count] of Object.entries(b.counts)) counts[bucket] = (counts[bucket] ?? 0) + count
  return { base: a.base, unitMs: a.unitMs, counts }
}

export function total(histogram: Histogram): number {
  return Object.values(histogram.counts).reduce((sum, count) => sum + count, 0)
}

/**
 * Upper edge in ms of the bucket that holds the `q` quantile (0–1), so at most 2 % too high; null without values.
 * @kept The reading side: by it tests hold what is counted to what was measured.
 */
export function quantile(histogram: Histogram, q: number): number | null {
  const rank = Math.max(1, Math.ceil(q * total(histogram)))
  let seen = 0
  for (const [bucket, count] of sorted(histogram)) {
    seen += count
    if (seen >= rank) return histogram.unitMs * histogram.base ** bucket
  }
  return null
}

/**
 * Share (0–1) of the values above `limitMs`, exact up to the 2 % of the bucket that holds the limit; null without values.
 * @kept The reading side: by it tests hold what is counted to what was measured.
 */
export function shareAbove(histogram: Histogram, limitMs: number): number | null {
  const all = total(histogram)
  if (all === 0) return null
  const limit = bucketOf(limitMs)
  let above = 0
  for (const [bucket, count] of sorted(histogram)) if (bucket > limit) above += count
  return above / all
}

function sorted(histogram: Histogram): (readonly [number, number])[] {
  return Object.entries(histogram.counts)
    .map(([bucket, count]) => [Number(bucket), count] as const)
    .sort(([a], [b]) => a - b)
}

/** Dense counterpart for the hot path: one counter per bucket, no allocation per value. */
export function denseCounts(): Float64Array {
  return new Float64Array(BUCKET_MAX + 1)
}

export function sparse(dense: Float64Array): Histogram {
  const counts: Record<string, number> = {}
  for (let bucket = 0; bucket < dense.length; bucket++) if (dense[bucket]) counts[bucket] = dense[bucket]!
  return { base: BASE, unitMs: UNIT_MS, counts }
}
