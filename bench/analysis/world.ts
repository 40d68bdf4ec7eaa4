/** What the releases of the comparison live in: traffic, what both sides do tick by tick, and since when one is worse. */
import { type Random, randomOf } from '../../src/core/random.ts'
import { binomial, normal } from '../../src/testing/fake-metrics.ts'

export const TICK_S = 5
/** Live alone for so many ticks before the first shift, so that its past is known: 5 minutes. */
export const BEFORE_TICKS = 60

export type SideNow = {
  /** Chance of an error, 0-1. */
  readonly rate: number
  /** Errors come in groups of this mean size (geometric); 1: each by itself. */
  readonly burst?: number
  /** Chance that a group is a large one of 40. */
  readonly large?: number
  /** Latencies are multiplied by this. */
  readonly slowness?: number
  /** Share of the tick's requests that wait for a pause: each takes up to a second more. */
  readonly paused?: number
  /** Users send this many times what they usually do. */
  readonly load?: number
  /** What one route does instead, where the world has routes. */
  readonly route?: (route: number) => Partial<SideNow>
  /** Requests per second beside the users', that never fail and take no time. */
  readonly probes?: number
  /** Share of requests that take six times as long as the others: a second hump. */
  readonly far?: number
}

export type World = {
  readonly group: 'healthy' | 'drawn' | 'worse' | 'slower' | 'later' | 'routes'
  readonly name: string
  readonly rps: number
  readonly baseline: number
  /** Percent of the candidate per tick, from the first shift on. */
  readonly weights: readonly number[]
  /** One release: what live and the candidate do in each tick (0 is the first with traffic; before that: negative). */
  readonly release: (random: Random) => (tick: number) => { readonly live: SideNow; readonly candidate: SideNow }
  /** First tick in which the candidate is worse; null: it never is. */
  readonly onset: number | null
  /** The candidate's rate, or times live's latency, once it is worse: what Wald's test is told. */
  readonly worse: number
  readonly timed: boolean
  /** The router keeps sessions on their side, and says so. */
  readonly sticky?: boolean
  /** What the spec says of its warm-up, where it says something. */
  readonly warmUpMs?: number
  /** Share of the traffic of each route, and the routes are told; absent: nobody knows of any. */
  readonly routes?: readonly number[]
}

export const HOUR: readonly number[] = many(720, 10)
/** 10 % for 10 minutes, 50 % for 20, 100 % for 30. */
export const STAGED: readonly number[] = [...many(120, 10), ...many(240, 50), ...many(360, 100)]

export function many(count: number, weight: number): readonly number[] {
  return Array.from({ length: count }, () => weight)
}

export function world(part: Partial<World> & { readonly name: string }): World {
  const { rps = 20, baseline = 0.005 } = part
  const steady = same({ rate: baseline })
  const rest = { weights: HOUR, onset: null, worse: 5 * baseline, timed: false, release: () => () => steady } as const
  return { group: 'healthy', ...rest, rps, baseline, ...part }
}

export function worseFrom(onset: number, part: Partial<World> & { readonly name: string }, rate: number): World {
  const base = world(part)
  const healthy = same({ rate: base.baseline })
  const worse = { live: { rate: base.baseline }, candidate: { rate } }
  return { ...base, onset, worse: rate, release: () => (tick) => (tick >= onset ? worse : healthy) }
}

export function same(side: SideNow) {
  return { live: side, candidate: side }
}

/** Seconds since the first shift at which something happens, a Poisson process over what is played. */
export function momentsOf(random: Random, everyS: number): readonly number[] {
  const moments: number[] = []
  for (let at = -BEFORE_TICKS * TICK_S; at < 3600; moments.push(at)) at -= everyS * Math.log(1 - random())
  return moments
}

/** Share of the tick that lies within `seconds` after one of the moments. */
export function overlap(moments: readonly number[], tick: number, seconds: number): number {
  const from = tick * TICK_S
  const shared = moments.map((at) => Math.max(0, Math.min(from + TICK_S, at + seconds) - Math.max(from, at)))
  return Math.min(1, Math.max(0, ...shared) / TICK_S)
}

/** A standard normal noise per tick, from before the first shift to the end, that takes a while to forget. */
export function noiseOf(random: Random, forgetsS: number): (tick: number) => number {
  const keep = Math.exp(-TICK_S / forgetsS)
  const noise: number[] = []
  let at = normal(random)
  for (let tick = 0; tick < BEFORE_TICKS + 720; tick++) {
    at = keep * at + Math.sqrt(1 - keep * keep) * normal(random)
    noise.push(at)
  }
  return (tick) => noise[tick + BEFORE_TICKS]!
}

/** The rate of both sides is multiplied by a log-normal noise that takes a while to forget; `meanOf`: what its median is times. */
export function wandering(
  rate: number,
  { spread, forgetsS, meanOf } = { spread: 0.7, forgetsS: 300, meanOf: Math.exp(-0.245) },
): World['release'] {
  return (random) => {
    const noise = noiseOf(random, forgetsS)
    return (tick) => same({ rate: Math.min(1, rate * meanOf * Math.exp(spread * noise(tick))) })
  }
}

/** Users stay on their side, and all errors are those of a few of them: chance gives one side more. */
export function stickyUsers(users: number, bad: number): World['release'] {
  const each = 0.005 / bad
  return (random) => {
    const tenth = users / 10
    const mine = (binomial(random, tenth, bad) / tenth) * each
    const theirs = (binomial(random, users - tenth, bad) / (users - tenth)) * each
    return (tick) => ({ live: { rate: tick < 0 ? (9 * theirs + mine) / 10 : theirs }, candidate: { rate: mine } })
  }
}

export function releaseOf(world: World, seed: number) {
  const random = randomOf(seed)
  return { random, sides: world.release(random) }
}
