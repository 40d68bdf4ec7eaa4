/**
 * Is the candidate slower than live, by more than a tolerance? Requests are sorted into 15 bins at quantiles of what live
 * was before; experts bet on density ratios that rise with the bin: a shift of everything, or a heavier tail. Valid for any
 * distribution of latencies and any drift that both sides share; needs 2-4 times fewer requests than comparing one quantile.
 */
import { type Bins, QUANTILES, REFERENCE_REQUESTS } from './bins.ts'
import { normalScore } from './normal.ts'

/** Each twice the one before, so that its ratios are the squares. */
const SHIFTS = [0.2, 0.4, 0.8, 1.6] as const
const TAILS = [0.9, 0.95, 0.99].flatMap((quantile) => [2, 5, 20].map((odds) => ({ quantile, odds })))
export const ORDINAL_PRIOR: readonly number[] = [...SHIFTS.map(() => 1 / 8), ...TAILS.map(() => 1 / 18)]

/** Density ratios candidate : live per expert and bin; each row is non-decreasing. */
export function ordinalExperts({ masses }: Bins): readonly (readonly number[])[] {
  const experts: (readonly number[])[] = []
  let raw = scoresOf(masses).map((score) => Math.exp(SHIFTS[0] * score))
  for (let shift = 0; shift < SHIFTS.length; shift++) {
    if (shift > 0) raw = raw.map((ratio) => ratio * ratio)
    const mean = weighted(masses, raw)
    experts.push(raw.map((ratio) => ratio / mean))
  }
  for (const { quantile, odds } of TAILS) experts.push(tail(masses, quantile, odds))
  return experts
}

/** Normal score of each bin's middle rank. */
function scoresOf(masses: readonly number[]): readonly number[] {
  let below = 0
  return masses.map((mass) => {
    const middle = below + mass / 2
    below += mass
    return normalScore(Math.min(1 - 1e-9, Math.max(1e-9, middle)))
  })
}

/** Against "the candidate is not slower than live", for counts per bin of both sides in one tick; uncapped. */
export function ordinalIncrements(
  candidate: readonly number[],
  live: readonly number[],
  experts: readonly (readonly number[])[],
): readonly number[] {
  return ordinalBet(sum(candidate), live, experts)(candidate)
}

/**
 * The same in two parts, for several ways of sorting the same requests of the candidate into bins: nearly all of the work
 * is in the logarithms, and those depend on how many requests each side had, not on where they fell.
 */
export function ordinalBet(
  candidateN: number,
  live: readonly number[],
  experts: readonly (readonly number[])[],
): (candidate: readonly number[]) => readonly number[] {
  const share = candidateN / (candidateN + sum(live))
  if (!(share > 0 && share < 1)) return () => experts.map(() => 0)
  const bets = experts.map((ratios) => settlement(ratios, live, share))
  return (candidate) => bets.map(({ gains, loss }) => weighted(candidate, gains) - loss)
}

type Settlement = {
  /** What one request of the candidate in each bin gains. */
  readonly gains: readonly number[]
  /** What live's requests cost. */
  readonly loss: number
}

function settlement(ratios: readonly number[], live: readonly number[], share: number): Settlement {
  const gains: number[] = []
  let loss = 0
  let last = Number.NaN
  let norm = 0
  let gain = 0
  for (let bin = 0; bin < ratios.length; bin++) {
    const ratio = ratios[bin]!
    if (ratio !== last) {
      last = ratio
      norm = Math.log1p(share * (ratio - 1))
      gain = Math.log(ratio) - norm
    }
    gains.push(gain)
    loss += live[bin]! * norm
  }
  return { gains, loss }
}

/** The same where live has no traffic any more: against live's past, its mean of the ratios plus three standard errors. */
export function ordinalIncrementsAlone(
  candidate: readonly number[],
  past: readonly number[],
  experts: readonly (readonly number[])[],
): readonly number[] {
  return ordinalBetAlone(past, experts)(candidate)
}

export function ordinalBetAlone(
  past: readonly number[],
  experts: readonly (readonly number[])[],
): (candidate: readonly number[]) => readonly number[] {
  const pastN = sum(past)
  if (pastN < REFERENCE_REQUESTS) return () => experts.map(() => 0)
  const worst = experts.map((ratios) => {
    const mean = weighted(past, ratios) / pastN
    let squares = 0
    for (let bin = 0; bin < past.length; bin++) squares += past[bin]! * (ratios[bin]! - mean) ** 2
    return Math.log(mean + 3 * Math.sqrt(squares / pastN / pastN))
  })
  const logs = experts.map(logsOf)
  return (candidate) => {
    const all = sum(candidate)
    return worst.map((log, expert) => weighted(candidate, logs[expert]!) - all * log)
  }
}

function logsOf(ratios: readonly number[]): readonly number[] {
  const logs = ratios.slice()
  for (let bin = 0; bin < ratios.length; bin++) {
    logs[bin] = bin > 0 && ratios[bin] === ratios[bin - 1] ? logs[bin - 1]! : Math.log(ratios[bin]!)
  }
  return logs
}

function tail(masses: readonly number[], quantile: number, odds: number): readonly number[] {
  const first = QUANTILES.indexOf(quantile) + 1
  let mass = 0
  for (let bin = first; bin < masses.length; bin++) mass += masses[bin]!
  if (!(mass > 0 && mass < 1)) return masses.map(() => 1)
  const more = (odds * mass) / (1 - mass + odds * mass)
  const above = more / mass
  const below = (1 - more) / (1 - mass)
  const ratios: number[] = []
  for (let bin = 0; bin < masses.length; bin++) ratios.push(bin >= first ? above : below)
  return ratios
}

function sum(values: readonly number[]): number {
  let total = 0
  for (const value of values) total += value
  return total
}

/** No request in a bin is worth nothing, whatever a request there would be. */
function weighted(counts: readonly number[], weights: readonly number[]): number {
  let total = 0
  for (let bin = 0; bin < counts.length; bin++) if (counts[bin] !== 0) total += counts[bin]! * weights[bin]!
  return total
}
