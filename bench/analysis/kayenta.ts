/**
 * Kayenta's `NetflixACAJudge-v1.0`, re-told from a description of its behaviour: per metric one value a minute and side,
 * compared as bags by a Mann-Whitney interval at 98 %; worse when the whole interval lies above a quarter of the estimate.
 * Judged every 10 minutes over all since the start, as its documentation asks for at least 50 values in the end.
 */
import type { MetricsTick } from '../../src/core/analysis/state.ts'
import { histogramQuantile, mergeHistograms } from '../../src/core/histogram.ts'
import { normalScore } from '../../src/core/analysis/sequential/normal.ts'
import type { Policy } from './policy.ts'

const MINUTE_TICKS = 12
const JUDGED_EVERY_MINUTES = 10
const TOLERANCE = 0.25
/** Where its root finder stops, in the unit of the metric. */
const SOLVER = 1e-4
const Z = -normalScore(0.01)

export type Label = 'pass' | 'high' | 'low' | 'no-data'
type Series = { readonly candidate: number[]; readonly live: number[] }

export const kayenta: Policy = {
  name: 'Kayenta, every 10 min',
  start: ({ timed }) => {
    const errors: Series = { candidate: [], live: [] }
    const slow: Series = { candidate: [], live: [] }
    let minute: MetricsTick[] = []
    return (tick) => {
      if (tick.weight === 0) return false
      minute.push(tick)
      if (minute.length < MINUTE_TICKS) return false
      for (const side of ['candidate', 'live'] as const) {
        errors[side].push(errorRate(minute, side))
        if (timed) slow[side].push(p95(minute, side))
      }
      minute = []
      if (errors.candidate.length % JUDGED_EVERY_MINUTES !== 0) return false
      return [errors, ...(timed ? [slow] : [])].some(({ candidate, live }) => classify(candidate, live) === 'high')
    }
  },
}

/** In percent: the solver stops at 1e-4, whatever the unit. */
function errorRate(ticks: readonly MetricsTick[], side: 'candidate' | 'live'): number {
  const requests = ticks.reduce((sum, tick) => sum + tick[side].requests, 0)
  return (100 * ticks.reduce((sum, tick) => sum + tick[side].errors, 0)) / requests
}

function p95(ticks: readonly MetricsTick[], side: 'candidate' | 'live'): number {
  return histogramQuantile(ticks.map((tick) => tick[side].latency).reduce(mergeHistograms), 0.95) ?? Number.NaN
}

/** `nanStrategy: remove`, `outliers: keep`, `allowedIncrease: 1`. Two different constants are told apart without noise. */
export function classify(experiment: readonly number[], control: readonly number[]): Label {
  const x = experiment.filter((value) => !Number.isNaN(value)).toSorted((a, b) => a - b)
  const y = control.filter((value) => !Number.isNaN(value)).toSorted((a, b) => a - b)
  if (x.length === 0 || y.length === 0) return 'no-data'
  if (new Set([...x, ...y]).size === 1 || (x.length === y.length && x.every((value, at) => value === y[at])))
    return 'pass'
  const { low, estimate, high } = interval(x, y)
  const effect = mean(x) / mean(y)
  const unknown = !(mean(x) !== 0 && mean(y) !== 0)
  if (low > TOLERANCE * Math.abs(estimate) && (unknown || effect >= 1)) return 'high'
  if (high < -TOLERANCE * Math.abs(estimate) && (unknown || effect <= 1)) return 'low'
  return 'pass'
}

/**
 * By how much the experiment lies above the control, with its 98 % interval; both lists sorted. What the solver cannot tell
 * from 0 is 0: where most minutes have no error, all three lie there, and its rounding would decide (for the worse).
 */
export function interval(x: readonly number[], y: readonly number[]) {
  const from = x[0]! - y.at(-1)!
  const to = x.at(-1)! - y[0]!
  const at = (target: number) => {
    const found = root((shift) => rankScore(x, y, shift) - target, from, to)
    return Math.abs(found) < 2 * SOLVER ? 0 : found
  }
  return { low: at(Z), estimate: at(0), high: at(-Z) }
}

/** z-score of the rank sum of x - shift among y: ties share their ranks, continuity corrected. */
function rankScore(x: readonly number[], y: readonly number[], shift: number): number {
  const m = x.length
  const n = y.length
  let ranks = 0
  let ties = 0
  let i = 0
  let j = 0
  while (i < m || j < n) {
    const value = Math.min(i < m ? x[i]! - shift : Infinity, j < n ? y[j]! : Infinity)
    const before = i + j
    const mine = i
    while (i < m && x[i]! - shift === value) i += 1
    while (j < n && y[j] === value) j += 1
    const tied = i + j - before
    ranks += (i - mine) * (before + (tied + 1) / 2)
    ties += tied ** 3 - tied
  }
  const above = ranks - (m * (m + 1)) / 2 - (m * n) / 2
  const sigma = Math.sqrt(((m * n) / 12) * (m + n + 1 - ties / ((m + n) * (m + n - 1))))
  return (above - 0.5 * Math.sign(above)) / sigma
}

/** Where a falling function crosses 0: an end that is already beyond it, else by halving to 1e-4 as Kayenta's solver. */
function root(falling: (at: number) => number, from: number, to: number): number {
  let [low, high] = [from, to]
  if (falling(low) <= 0) return low
  if (falling(high) >= 0) return high
  while (high - low > SOLVER) {
    const middle = (low + high) / 2
    if (falling(middle) > 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
