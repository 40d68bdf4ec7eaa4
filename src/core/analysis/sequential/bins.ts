/** Live's latencies sorted into 15 bins at quantiles of what live was before: what the bets on slowness are placed on. */
import { type Cells, cellsOf } from '../../histogram.ts'
import type { Histogram } from '../../observed.ts'
import { type Packed, packedCells } from '../packed.ts'

export type Bins = {
  /** Last histogram bucket of each bin but the last, which is open. */
  readonly edges: readonly number[]
  /** Live's share of requests per bin, when the bins were made. */
  readonly masses: readonly number[]
}

export const QUANTILES = [
  1 / 16,
  1 / 8,
  1 / 4,
  3 / 8,
  1 / 2,
  5 / 8,
  3 / 4,
  13 / 16,
  7 / 8,
  0.9,
  0.95,
  0.975,
  0.99,
  0.997,
]
export const REFERENCE_REQUESTS = 1000

/** Null below 1 000 requests: too few to say where the tail begins. */
export function binsOf(reference: Packed): Bins | null {
  const cells = packedCells(reference)
  const total = cells.reduce((sum, [, count]) => sum + count, 0)
  if (total < REFERENCE_REQUESTS) return null
  const edges = QUANTILES.map((quantile) => {
    let seen = 0
    return cells.find(([, count]) => (seen += count) >= quantile * total)?.[0] ?? 0
  })
  const buckets = cells.map(([bucket]) => bucket)
  const counts = cells.map(([, count]) => count)
  const masses = binCells({ buckets, counts }, edges, 0).map((count) => count / total)
  return { edges, masses }
}

/**
 * Counts per bin; `slackBuckets` later edges forgive that much slowness (5 buckets of 2 % are 10 %).
 * @kept The slow, plain way, against which tests hold the packed one.
 */
export function binCounts(histogram: Histogram, bins: Bins, slackBuckets: number): readonly number[] {
  return binCells(cellsOf(histogram), bins.edges, slackBuckets)
}

export function binCells(
  { buckets, counts }: Cells,
  edges: readonly number[],
  slackBuckets: number,
): readonly number[] {
  const binned = [0]
  for (let edge = 0; edge < edges.length; edge++) binned.push(0)
  let bin = 0
  for (let cell = 0; cell < buckets.length; cell++) {
    bin = binFrom(bin, buckets[cell]! - slackBuckets, edges)
    binned[bin] = binned[bin]! + counts[cell]!
  }
  return binned
}

/** Whole buckets that make at least `tolerance` (0.1 for 10 %). */
export function slackBuckets(base: number, tolerance: number): number {
  return Math.max(0, Math.ceil(Math.log1p(tolerance) / Math.log(base) - 1e-9))
}

/** First bin whose last bucket is not below, the open one where there is none; near `start`, as cells mostly come in order. */
function binFrom(start: number, bucket: number, edges: readonly number[]): number {
  let bin = start
  while (bin < edges.length && bucket > edges[bin]!) bin++
  while (bin > 0 && bucket <= edges[bin - 1]!) bin--
  return bin
}
