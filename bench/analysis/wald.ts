/** What nobody can beat: tests that know the rates beforehand, and the information that two streams hold. */
import { timesOdds } from '../../src/core/analysis/sequential/increments.ts'
import type { Histogram } from '../../src/core/observed.ts'
import type { Policy } from './policy.ts'
import { MEDIAN_MS, SIGMA } from './streams.ts'

export const ALPHA = 0.01

/** Wald's sequential ratio of the candidate's counts, live's and the worse rate known; in healthy worlds five times it. */
export const wald: Policy = {
  name: 'Wald, rates known',
  start: ({ baseline, worse, timed, group }) => {
    let nats = 0
    const shift = Math.log(group === 'slower' ? worse : 1.5) / SIGMA
    return ({ weight, candidate }) => {
      if (weight === 0) return false
      const { requests, errors, latency } = candidate
      if (timed) nats += slowerNats(latency, shift)
      else nats += labelled(errors, worse / baseline) + labelled(requests - errors, (1 - worse) / (1 - baseline))
      return nats >= Math.log(1 / ALPHA)
    }
  },
}

function labelled(count: number, ratio: number): number {
  return count === 0 ? 0 : count * Math.log(ratio)
}

/** Of lognormal latencies, `shift` standard deviations slower against as before; each taken in the middle of its bucket. */
function slowerNats({ base, unitMs, counts }: Histogram, shift: number): number {
  let nats = 0
  for (const [bucket, count] of Object.entries(counts)) {
    const z = Math.log((unitMs * base ** (Number(bucket) - 0.5)) / MEDIAN_MS) / SIGMA
    nats += count * (z * shift - (shift * shift) / 2)
  }
  return nats
}

/** Requests of the candidate that Wald's test needs on average: `ln(1/α)` over the nats that one tells. */
export function waldBound(baseline: number, worse: number): number {
  return Math.log(1 / ALPHA) / divergence(worse, baseline)
}

/**
 * The same where live's rate has to be learnt beside it: nature picks the rates that look most alike among those within
 * the tolerated odds (1: equal rates), and live's `(1 - share) / share` requests per one of the candidate tell too.
 */
export function twoStreamBound(baseline: number, worse: number, share: number, tolerated = 1): number {
  const told = (rate: number) =>
    divergence(worse, timesOdds(rate, tolerated)) + ((1 - share) / share) * divergence(baseline, rate)
  let [low, high] = [1e-12, 1 - 1e-12]
  for (let step = 0; step < 200; step++) {
    const third = (high - low) / 3
    if (told(low + third) < told(high - third)) high -= third
    else low += third
  }
  return Math.log(1 / ALPHA) / told((low + high) / 2)
}

function divergence(p: number, q: number): number {
  const part = (a: number, b: number) => (a === 0 ? 0 : a * Math.log(a / b))
  return part(p, q) + part(1 - p, 1 - q)
}
