/** Random numbers of a rehearsal, all from one seed: as cheap for a million requests as for ten. */
import { bucketOf, type Scale } from '../../core/histogram.ts'
import { binomial, normal } from '../../testing/fake-metrics.ts'

/**
 * Buckets of 5 % where a router has 2 %: most of a rehearsal's time goes into adding them up, and nobody says of an invented
 * build how slow it is to 5 %. What is read of them is never faster than what was drawn.
 */
export const SCALE: Scale = { base: 1.05, unitMs: 0.1 }

export type Random = () => number

/** Above this many expected events the normal approximation is used; its error is below what a rule could see. */
const EXACT_UP_TO = 60
/** Fewer latencies than this are drawn one by one. */
const ONE_BY_ONE = 80

export function successes(random: Random, n: number, p: number): number {
  if (n * Math.min(p, 1 - p) <= EXACT_UP_TO) return binomial(random, n, p)
  const drawn = Math.round(n * p + Math.sqrt(n * p * (1 - p)) * normal(random))
  return Math.min(n, Math.max(0, drawn))
}

export type LatencyShape = { readonly medianMs: number; readonly spread: number }

export type Buckets = Record<string, number>

/** Adds `count` lognormal latencies to the buckets of `SCALE`, the same ones to each of `into`. */
export function addLatencies(random: Random, into: readonly Buckets[], count: number, shape: LatencyShape): void {
  const add = (bucket: number | string, times: number) => {
    for (const counts of into) counts[bucket] = (counts[bucket] ?? 0) + times
  }
  if (count <= ONE_BY_ONE) {
    for (let drawn = 0; drawn < count; drawn++) {
      add(bucketOf(SCALE, shape.medianMs * Math.exp(shape.spread * normal(random))), 1)
    }
    return
  }
  let left = count
  for (const { bucket, ofRest } of bucketsOf(shape)) {
    const here = successes(random, left, ofRest)
    if (here > 0) add(bucket, here)
    left -= here
    if (left === 0) return
  }
}

type Bucket = { readonly bucket: number; readonly ofRest: number }
const shapes = new Map<string, readonly Bucket[]>()

/** The distribution over buckets, each with its share of what the buckets before it left. */
function bucketsOf(shape: LatencyShape): readonly Bucket[] {
  const key = `${shape.medianMs} ${shape.spread}`
  const known = shapes.get(key)
  if (known) return known
  const made = makeBuckets(shape)
  shapes.set(key, made)
  return made
}

const WIDEST = 4.5

function makeBuckets({ medianMs, spread }: LatencyShape): readonly Bucket[] {
  const [low, high] = [-WIDEST, WIDEST].map((z) => bucketOf(SCALE, medianMs * Math.exp(spread * z))) as [number, number]
  const buckets: Bucket[] = []
  let before = 0
  for (let bucket = low; bucket <= high; bucket++) {
    const edge = SCALE.unitMs * SCALE.base ** bucket
    const below = bucket === high ? 1 : normalCdf(Math.log(edge / medianMs) / Math.max(spread, 1e-6))
    buckets.push({ bucket, ofRest: before >= 1 ? 1 : Math.min(1, Math.max(0, (below - before) / (1 - before))) })
    before = below
  }
  return buckets
}

/** Abramowitz and Stegun 26.2.17; off by less than 1e-7. */
function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z))
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  const tail = Math.exp((-z * z) / 2) * 0.3989422804014327 * poly
  return z >= 0 ? 1 - tail : tail
}
