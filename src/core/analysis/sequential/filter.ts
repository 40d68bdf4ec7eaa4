/**
 * What a rate that wanders is likely to be now, on thirteen levels of its logarithm, and how likely each tick's errors are by
 * that: the filter of a hidden Markov chain. Between two ticks a level moves to a neighbour at most (Ehrenfest's urn, which
 * in small steps is the Ornstein-Uhlenbeck process).
 */
import { type Counts, timesOdds } from './increments.ts'
import type { Course } from './wander.ts'

/** Chances of the levels, lowest first. */
export type Belief = readonly number[]

/** Levels, in standard deviations from the middle: further up than down, since that is what a regression looks like. */
const LEVELS = [-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4] as const
const STEP = 0.5
/** So likely every level is at least: what is held to be impossible could never come. */
const LEAST = 1e-6
const USUAL: Belief = normalised(LEVELS.map((level) => Math.exp((-level * level) / 2)))

/** One supposition of how bad the candidate is at each level, as logarithms of what a bad and of what a good request has. */
export type Levels = { readonly bad: readonly number[]; readonly good: readonly number[] }

/** The course itself, at least `least` at every level, then with the odds of each expert. */
export function suppositions({ rate, spread }: Course, least: number, odds: readonly number[]): readonly Levels[] {
  const course = LEVELS.map((level) =>
    Math.min(0.95, Math.max(least, rate * Math.exp(spread * level - (spread * spread) / 2))),
  )
  return [1, ...odds].map((factor) => {
    const rates = course.map((each) => timesOdds(each, factor))
    return { bad: rates.map(Math.log), good: rates.map((each) => Math.log1p(-each)) }
  })
}

export function beginning(all: readonly Levels[]): readonly Belief[] {
  return all.map(() => USUAL)
}

export type Filtered = {
  readonly beliefs: readonly Belief[]
  /** Log-likelihood ratio of each expert's supposition against the first. */
  readonly nats: readonly number[]
}

/** One tick with `x` bad ones of `n` requests. */
export function filtered(
  beliefs: readonly Belief[],
  all: readonly Levels[],
  { n, x }: Counts,
  forgets: number,
): Filtered {
  const likely = all.map((levels, index) => weighed(moved(beliefs[index] ?? USUAL, forgets), levels, { n, x }))
  const [first] = likely
  return {
    beliefs: likely.map(({ belief }) => belief),
    nats: likely.slice(1).map(({ nats }) => nats - first!.nats),
  }
}

/** Of a deviation `forgets` is lost per tick; the usual spread of the levels stays what it is. */
function moved(belief: Belief, forgets: number): Belief {
  const next = belief.map(() => 0)
  const moves = (forgets * (2 - forgets)) / (STEP * STEP)
  for (let index = 0; index < belief.length; index++) {
    const drift = Math.max(-1, Math.min(1, (forgets * LEVELS[index]!) / STEP))
    const all = Math.min(1, Math.max(moves, Math.abs(drift)))
    const up = index === belief.length - 1 ? 0 : Math.max(0, (all - drift) / 2)
    const down = index === 0 ? 0 : Math.max(0, (all + drift) / 2)
    const held = belief[index]!
    if (up > 0) next[index + 1]! += held * up
    if (down > 0) next[index - 1]! += held * down
    next[index]! += held * Math.max(0, 1 - up - down)
  }
  return next
}

function weighed(belief: Belief, { bad, good }: Levels, { n, x }: Counts) {
  const logs = bad.map((each, index) => x * each + (n - x) * good[index]!)
  const most = Math.max(...logs)
  const weights = logs.map((log, index) => belief[index]! * Math.exp(log - most))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return { belief: normalised(weights), nats: most + Math.log(sum) }
}

/** To six digits: a state is kept as text, and no verdict hangs on more. */
function normalised(weights: readonly number[]): Belief {
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => Math.max(LEAST, Math.round((weight / sum) * 1e6) / 1e6))
}
