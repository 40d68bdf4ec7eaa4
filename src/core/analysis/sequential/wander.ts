/**
 * Where live has no traffic any more, its past is the yardstick, and a past is more than a mean: many rates wander, and stay
 * high for a minute or two without anybody's fault. How far and for how long is learned from live, before and during the
 * steps: its rate is taken to be log-normal and to forget exponentially, so that the products of the errors of ticks that lie
 * apart tell its variance and its memory, whatever chance and bursts within a tick add.
 *
 * The candidate is then held against such a rate, filtered as it goes: what it is likely to be now, after all that was seen
 * (a hidden Markov chain; Wonham 1964, Rabiner 1989). A bet on "five times that" is the ratio of two such predictions, so a high
 * that live has had as well tells little, and one that does not end tells more with every minute.
 */
import { type Counts, worstRate } from './increments.ts'

/** One of live's ticks: requests, errors, and what is of no concern here. */
type Row = readonly [n: number, x: number, ...rest: number[]]

/** Sums of `x·y` and of `n·m` over pairs of live's ticks so far apart: their quotient is the mean product of two rates. */
type Products = { readonly seen: number; readonly expected: number }

export type Wandering = {
  /** Ticks up to a minute apart (at 5 s), and from there to two. */
  readonly near: Products
  readonly far: Products
  /** How long live was seen with traffic, in ticks and in ms. */
  readonly ticks: number
  readonly ms: number
}

const NO_PAIRS: Products = { seen: 0, expected: 0 }
export const NEVER_SEEN: Wandering = { near: NO_PAIRS, far: NO_PAIRS, ticks: 0, ms: 0 }

const LAGS = 12

/** `recent` are live's ticks before this one, oldest first. */
export function learned(wandering: Wandering, recent: readonly Row[], { n, x }: Counts, ms: number): Wandering {
  if (n === 0) return wandering
  return {
    near: withPairs(wandering.near, { n, x }, recent.slice(-LAGS)),
    far: withPairs(wandering.far, { n, x }, recent.slice(-2 * LAGS, -LAGS)),
    ticks: wandering.ticks + 1,
    ms: wandering.ms + ms,
  }
}

function withPairs({ seen, expected }: Products, { n, x }: Counts, rows: readonly Row[]): Products {
  let [requests, errors] = [0, 0]
  for (const [m, y] of rows) {
    requests += m
    errors += y
  }
  return { seen: seen + x * errors, expected: expected + n * requests }
}

/** How live's rate is taken to go on. */
export type Course = {
  /** Its mean, as high as it may have been. */
  readonly rate: number
  /** Standard deviation of its logarithm. */
  readonly spread: number
  /** Share of a deviation that is forgotten in a tick. */
  readonly forgets: number
  /** Enough was seen of live to say so; else the rest is a guess to the safe side. */
  readonly known: boolean
}

/** So long, and so many pairs of errors within a minute, live must have been seen: the variance is then known to a fifth. */
export const SEEN_MS = 600_000
const PAIRS = 25
const UNKNOWN = { spread: 1, forgets: 1 / 24, known: false } as const
const HIGHEST = 0.5
const SLOWEST_TICKS = 120
const FASTEST_TICKS = 15
/**
 * What is seen of a rate that is remembered for `m` ticks is worth one look in 2·m: so much its variance may be greater than
 * it was seen to be, and so much of it may not have been seen at all. Without both it was 1.5 to 2.3 % of healthy releases that
 * went back alone, live having been seen for 20 to 35 minutes; with them it is below 1 %, and five times the errors take
 * some 350 s (median) instead of 180.
 */
const UNSEEN_VARIANCE = 0.4

/** `floor`: a rate so small that nothing goes back for it, and of which nobody needs to know more. */
export function courseOf(past: Counts, { near, far, ticks, ms }: Wandering, floor: number): Course {
  const rate = Math.min(HIGHEST, worstRate(past))
  if (rate <= floor) return { rate, spread: 0, forgets: 0, known: true }
  const mean = past.n === 0 ? 0 : past.x / past.n
  const pairs = mean * mean * near.expected
  if (ms < SEEN_MS || pairs < PAIRS) return { rate, ...UNKNOWN }
  const [close, apart] = [near, far].map(({ seen, expected }) => Math.max(0, seen / (expected * mean * mean) - 1))
  const error = 1 / Math.sqrt(pairs)
  const wanders = close! > 2 * error
  const memory = wanders ? memoryOf(close!, apart! - error) : 2 * LAGS
  const look = (2 * memory) / ticks
  const variance = close! * Math.exp(MIDDLE_LAG / memory) * (1 + Math.sqrt(look)) + error + UNSEEN_VARIANCE * look
  return {
    rate: Math.min(HIGHEST, mean * Math.exp(2 * Math.sqrt(1 / past.x + variance * look))),
    spread: Math.sqrt(Math.log1p(variance)),
    forgets: -Math.expm1(-1 / memory),
    known: true,
  }
}

const MIDDLE_LAG = (LAGS + 1) / 2

/** Ticks until a deviation is down to 1/e, by what is left of it `LAGS` ticks later. */
function memoryOf(close: number, apart: number): number {
  const left = Math.min(0.99, Math.max(0.01, apart / close))
  return Math.min(SLOWEST_TICKS, Math.max(FASTEST_TICKS, LAGS / -Math.log(left)))
}
