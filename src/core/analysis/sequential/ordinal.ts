/**
 * Is the candidate slower than live, by more than a tolerance? Requests are sorted into 15 bins at quantiles of what live
 * was before; experts bet on density ratios that rise with the bin: a shift of everything, or a heavier tail. Valid for any
 * distribution of latencies and any drift that both sides share; needs 2-4 times fewer requests than comparing one quantile.
 */
import type { Histogram } from '../../observed.ts'
import { type Packed, packedCells } from '../packed.ts'
import { normalScore } from './normal.ts'

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
const SHIFTS = [0.2, 0.4, 0.8, 1.6]
const TAILS = [0.9, 0.95, 0.99].flatMap((quantile) => [2, 5, 20].map((odds) => ({ quantile, odds })))
export const REFERENCE_REQUESTS = 1000

export const ORDINAL_PRIOR: readonly number[] = [...SHIFTS.map(() => 1 / 8), ...TAILS.map(() => 1 / 18)]

/** Null below 1 000 requests: too few to say where the tail begins. */
export function binsOf(reference: Packed): Bins | null {
  const cells = packedCells(reference)
  const total = cells.reduce((sum, [, count]) => sum + count, 0)
  if (total < REFERENCE_REQUESTS) return null
  const edges = QUANTILES.map((quantile) => {
    let seen = 0
    return cells.find(([, count]) => (seen += count) >= quantile * total)?.[0] ?? 0
  })
  const masses = binned(cells, edges).map((count) => count / total)
  return { edges, masses }
}

/** Counts per bin; `slackBuckets` later edges forgive that much slowness (5 buckets of 2 % are 10 %). */
export function binCounts(histogram: Histogram, bins: Bins, slackBuckets: number): readonly number[] {
  const cells = Object.entries(histogram.counts).map(
    ([bucket, count]) => [Number(bucket) - slackBuckets, count] as const,
  )
  return binned(cells, bins.edges)
}

/** Whole buckets that make at least `tolerance` (0.1 for 10 %). */
export function slackBuckets(base: number, tolerance: number): number {
  return Math.max(0, Math.ceil(Math.log1p(tolerance) / Math.log(base) - 1e-9))
}

/** Density ratios candidate : live per expert and bin; each row is non-decreasing. */
export function ordinalExperts({ masses }: Bins): readonly (readonly number[])[] {
  let below = 0
  const scores = masses.map((mass) => {
    const middle = below + mass / 2
    below += mass
    return normalScore(Math.min(1 - 1e-9, Math.max(1e-9, middle)))
  })
  return [
    ...SHIFTS.map((beta) => {
      const raw = scores.map((score) => Math.exp(beta * score))
      const mean = raw.reduce((sum, ratio, bin) => sum + ratio * (masses[bin] ?? 0), 0)
      return raw.map((ratio) => ratio / mean)
    }),
    ...TAILS.map(({ quantile, odds }) => tail(masses, quantile, odds)),
  ]
}

/** Against "the candidate is not slower than live", for counts per bin of both sides in one tick; uncapped. */
export function ordinalIncrements(
  candidate: readonly number[],
  live: readonly number[],
  experts: readonly (readonly number[])[],
): readonly number[] {
  const share = sum(candidate) / (sum(candidate) + sum(live))
  if (!(share > 0 && share < 1)) return experts.map(() => 0)
  return experts.map((ratios) =>
    ratios.reduce((total, ratio, bin) => {
      const mine = candidate[bin] ?? 0
      const both = mine + (live[bin] ?? 0)
      return both === 0 ? total : total + mine * Math.log(ratio) - both * Math.log1p(share * (ratio - 1))
    }, 0),
  )
}

/** The same where live has no traffic any more: against live's past, its mean of the ratios plus three standard errors. */
export function ordinalIncrementsAlone(
  candidate: readonly number[],
  past: readonly number[],
  experts: readonly (readonly number[])[],
): readonly number[] {
  const pastN = sum(past)
  if (pastN < REFERENCE_REQUESTS) return experts.map(() => 0)
  return experts.map((ratios) => {
    const mean = weighted(past, (bin) => ratios[bin] ?? 1) / pastN
    const variance = weighted(past, (bin) => ((ratios[bin] ?? 1) - mean) ** 2) / pastN
    const worst = mean + 3 * Math.sqrt(variance / pastN)
    return weighted(candidate, (bin) => Math.log(ratios[bin] ?? 1)) - sum(candidate) * Math.log(worst)
  })
}

function tail(masses: readonly number[], quantile: number, odds: number): readonly number[] {
  const first = QUANTILES.indexOf(quantile) + 1
  const mass = sum(masses.slice(first))
  if (!(mass > 0 && mass < 1)) return masses.map(() => 1)
  const more = (odds * mass) / (1 - mass + odds * mass)
  return masses.map((_, bin) => (bin >= first ? more / mass : (1 - more) / (1 - mass)))
}

function binned(cells: readonly (readonly [number, number])[], edges: readonly number[]): readonly number[] {
  const counts = Array.from({ length: edges.length + 1 }, () => 0)
  for (const [bucket, count] of cells) {
    const index = binOf(bucket, edges)
    counts[index] = (counts[index] ?? 0) + count
  }
  return counts
}

/** First bin whose last bucket is not below, by halving; the open one where there is none. */
function binOf(bucket: number, edges: readonly number[]): number {
  let low = 0
  let high = edges.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (bucket <= (edges[middle] ?? 0)) high = middle
    else low = middle + 1
  }
  return low
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function weighted(counts: readonly number[], weight: (bin: number) => number): number {
  return counts.reduce((total, count, bin) => (count === 0 ? total : total + count * weight(bin)), 0)
}
