/** How fast the evidence grows, on average, for a candidate of a given error rate: what a step can see follows from that. */
import {
  ABSOLUTE_EXPERTS,
  ABSOLUTE_PRIOR,
  BURST_TICKS,
  COLD_RATES,
  COLD_TICK_NATS,
  errorsPerTick,
  FIRST_TICK_NATS,
  isBurst,
  LASTING_NATS,
  ODDS_EXPERTS,
  ODDS_PRIOR,
  TICK_NATS,
  TICK_NATS_MOST,
  timesOdds,
  worstRate,
} from '../analysis/sequential/increments.ts'
import { normalScore } from '../analysis/sequential/normal.ts'
import { ALONE_ODDS, EVIDENCE_WEIGHTS, type SequentialOptions } from '../analysis/sequential/options.ts'

export type StepTraffic = {
  /** Percent of the traffic that the candidate gets. */
  readonly weight: number
  readonly holdMs: number
  /** Requests per second of all users. */
  readonly rps: number
  /** Live's error rate, 0-1. */
  readonly baseline: number
  /** Requests of live from which its past is known: what a candidate that has all traffic is compared with. */
  readonly liveRequests: number
  /** 5 s by default: evidence grows by at most so much per tick. */
  readonly tickMs?: number
  /** The cold start ended before this step began; false by default. */
  readonly warm?: boolean
}

/** Ticks until "worse than live, and above the floor" is shown: the slower of both decides. */
export function relativeTicks(rate: number, perTick: number, traffic: StepTraffic, options: SequentialOptions): number {
  if (options.errors === null) return Number.POSITIVE_INFINITY
  const ticks = (gains: readonly number[], prior: readonly number[]) => ticksFor({ gains, prior }, 'relative', options)
  return Math.max(
    ticks(gainsAgainstLive(rate, perTick, traffic, options), ODDS_PRIOR),
    ticks(gainsAgainst(options.errors.floor, rate, perTick), ABSOLUTE_PRIOR),
  )
}

export function limitTicks(rate: number, perTick: number, options: SequentialOptions): number {
  if (options.errors === null) return Number.POSITIVE_INFINITY
  const gains = gainsAgainst(options.errors.limit, rate, perTick)
  return ticksFor({ gains, prior: ABSOLUTE_PRIOR }, 'limit', options)
}

/** The same while the candidate may just be starting. */
export function coldTicks(rate: number, perTick: number, options: SequentialOptions): number {
  if (options.errors === null) return Number.POSITIVE_INFINITY
  const limit = Math.max(options.errors.limit, COLD_RATES.errors)
  const gains = ABSOLUTE_EXPERTS.map((factor) => gainAgainst(limit, factor, { rate, perTick, cap: COLD_TICK_NATS }))
  return ticksFor({ gains, prior: ABSOLUTE_PRIOR }, 'limit', options)
}

/** The same once the cold start is over, where every tick is as bad as a burst: it may tell more after the third. */
export function lastingTicks(rate: number, perTick: number, options: SequentialOptions): number {
  const { errors } = options
  if (errors === null || !isBurst({ n: perTick, x: rate * perTick }, errors.limit)) return Number.POSITIVE_INFINITY
  const ticks = ABSOLUTE_EXPERTS.map((factor, expert) => {
    const gain = gainAgainst(errors.limit, factor, { rate, perTick, cap: LASTING_NATS })
    const left = demanded('limit', ABSOLUTE_PRIOR[expert]!, options) - BURST_TICKS * Math.min(gain, TICK_NATS_MOST)
    return gain > 0 ? BURST_TICKS + Math.max(1, left / gain) : Number.POSITIVE_INFINITY
  })
  return Math.min(...ticks)
}

/** Until the expert that is first has what is demanded, its share of the stake made up for. */
function ticksFor(
  { gains, prior }: { readonly gains: readonly number[]; readonly prior: readonly number[] },
  part: 'relative' | 'limit',
  options: SequentialOptions,
): number {
  const ticks = gains.map((gain, expert) => (gain > 0 ? demanded(part, prior[expert]!, options) / gain : Infinity))
  return Math.max(options.minBadTicks, Math.min(...ticks))
}

/** Nats that an expert with this share of the stake needs by itself. */
function demanded(part: 'relative' | 'limit', share: number, options: SequentialOptions): number {
  const { alpha, first } = options
  return -Math.log(alpha.rollback * first * weightOf(part, options) * share)
}

function weightOf(part: 'relative' | 'limit', { latency }: SequentialOptions): number {
  const { relative, limit, slower, slow } = EVIDENCE_WEIGHTS
  return EVIDENCE_WEIGHTS[part] / (relative + limit + (latency === null ? 0 : slower + slow))
}

/** Nats per tick that each of the experts gains; no tick gives more than its cap. */
function gainsAgainst(limit: number, rate: number, perTick: number, factors: readonly number[] = ABSOLUTE_EXPERTS) {
  return factors.map((factor) => {
    const oneError = Math.log(timesOdds(limit, factor) / limit)
    return gainAgainst(limit, factor, { rate, perTick, cap: Math.max(TICK_NATS, Math.min(TICK_NATS_MOST, oneError)) })
  })
}

function gainAgainst(limit: number, factor: number, { rate, perTick, cap }: Tick): number {
  const norm = perTick * Math.log1p(limit * (factor - 1))
  return meanCapped(errorPoints(perTick, rate), [[1, 1]], { gain: Math.log(factor), loss: norm, cap })
}

type Tick = { readonly rate: number; readonly perTick: number; readonly cap: number }

function gainsAgainstLive(rate: number, perTick: number, traffic: StepTraffic, options: SequentialOptions) {
  const share = traffic.weight / 100
  const tolerated = 1 + (options.errors?.tolerance ?? 0)
  if (share >= 1) {
    const past = { n: traffic.liveRequests, x: traffic.baseline * traffic.liveRequests }
    const worst = Math.max(options.errors?.floor ?? 0, timesOdds(Math.min(0.999, worstRate(past)), ALONE_ODDS))
    return gainsAgainst(worst, rate, perTick, ODDS_EXPERTS)
  }
  const livePerTick = (perTick * (1 - share)) / share
  const [mine, lives] = [errorPoints(perTick, rate), errorPoints(livePerTick, traffic.baseline)]
  const expected = traffic.baseline * (perTick + livePerTick)
  return ODDS_EXPERTS.map((o) => {
    const norm = Math.log((share * tolerated * o + 1 - share) / (share * tolerated + 1 - share))
    const gain = Math.log(o) - norm
    const cap = Math.min(FIRST_TICK_NATS, errorsPerTick(expected) * gain)
    return meanCapped(mine, lives, { gain, loss: norm, cap })
  })
}

type Points = readonly (readonly [count: number, chance: number])[]

/**
 * Mean of what a tick tells, where each of the candidate's errors gains and each of live's loses so much, and the cap takes
 * what goes beyond: at 50 % half of the ticks reach it, so that mean counts alone would promise up to twice too much.
 */
function meanCapped(mine: Points, lives: Points, nats: { readonly gain: number; readonly loss: number; cap: number }) {
  const { gain, loss, cap } = nats
  let mean = 0
  for (const [x, chance] of mine) {
    for (const [y, other] of lives) mean += chance * other * Math.min(cap, x * gain - y * loss)
  }
  return mean
}

const MANY = 30
const RARE = 0.1

/** Counts of errors with their chances: Poisson's where they are few, else equally likely points of the normal one. */
function errorPoints(requests: number, rate: number): Points {
  const mean = requests * rate
  const deviation = Math.sqrt(mean * (1 - rate))
  if (mean > MANY || rate > RARE) return NORMAL_POINTS.map((score) => [mean + deviation * score, 1 / MANY])
  const points: [number, number][] = []
  let chance = Math.exp(-mean)
  for (let count = 0; count <= mean || chance > 1e-6; count++) {
    points.push([count, chance])
    chance *= mean / (count + 1)
  }
  return points
}

const NORMAL_POINTS = Array.from({ length: MANY }, (_, point) => normalScore((point + 0.5) / MANY))

export function tickMsOf({ tickMs }: StepTraffic): number {
  return tickMs ?? 5000
}
