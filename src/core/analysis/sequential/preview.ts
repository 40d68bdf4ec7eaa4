/**
 * What can a step see? Before anything starts: how long until a regression of each size would be found at this traffic,
 * by the mean growth of the evidence per tick. Simulated means were 0.80-1.01 of what this says.
 */
import { formatDuration } from '../../time.ts'
import { percent, roundly } from '../text.ts'
import {
  ABSOLUTE_EXPERTS,
  bernoulli,
  errorsPerTick,
  ODDS_EXPERTS,
  TICK_NATS,
  timesOdds,
  worstRate,
} from './increments.ts'
import { ACCEPT_EXPERTS, ALONE_ODDS, EVIDENCE_WEIGHTS, SEQUENTIAL_DEFAULTS, type SequentialOptions } from './options.ts'

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

export type Sight = {
  /** Times live's odds of an error, or those of the floor where live has fewer; Infinity: every request fails. */
  readonly times: number
  /** Share of the candidate's requests that fail, 0-1. */
  readonly rate: number
  /** Requests of the candidate and time until it is found, on average and in 95 of 100 cases; Infinity: never. */
  readonly requests: number
  readonly meanMs: number
  readonly p95Ms: number
  /** Found within the step in more than half, and in 95 of 100 rollouts. */
  readonly likely: boolean
  readonly sure: boolean
}

export type StepSight = {
  readonly sights: readonly Sight[]
  /** The smallest regression that the step is likely to find; null when none of those looked at. */
  readonly smallest: Sight | null
  /** How a candidate of which every request fails is found. */
  readonly failure: Sight
  /** Set when it takes more than five times live's errors to be seen. */
  readonly warning: string | null
  readonly text: string
  /** `text` without what traffic it is about: `5 times live's errors (5m; …), not 3 times (16m)`. */
  readonly seen: string
}

type Factors = readonly number[]

const TIMES = [2, 3, 5, 10, 20, 50, 100]
const WARN_TIMES = 5
/** 95 of 100 detections take at most so many times the mean. */
const SPREAD = 2.1
const NEARLY_ALL = 0.999

export function whatAStepCanSee(traffic: StepTraffic, options: SequentialOptions = SEQUENTIAL_DEFAULTS): StepSight {
  const unit = unitOf(traffic, options)
  const sights = TIMES.map((times) => sightOf(times, timesOdds(unit, times), traffic, options))
  const failure = sightOf(Number.POSITIVE_INFINITY, NEARLY_ALL, traffic, options)
  const smallest = sights.find(({ likely }) => likely) ?? null
  const blind = smallest === null || smallest.times > WARN_TIMES
  const many = (times: number) =>
    traffic.baseline >= unit ? `${times} times live's errors` : `${percent(timesOdds(unit, times))} errors`
  const total = failure.likely ? `in ${roundly(failure.meanMs)}` : 'not either'
  const seen = `${seenText(sights, smallest, many)}; a total failure ${total}`
  return {
    sights,
    smallest,
    failure,
    warning: blind
      ? `${name(traffic)} sees no regression of up to ${many(WARN_TIMES)}: hold longer or give it more traffic`
      : null,
    text: `${name(traffic)} sees ${seen}`,
    seen,
  }
}

/** Below the floor nothing rolls back, so that is what a regression is measured in where live has fewer errors. */
function unitOf({ baseline }: StepTraffic, { errors }: SequentialOptions): number {
  return Math.max(baseline, errors?.floor ?? 0)
}

function sightOf(times: number, rate: number, traffic: StepTraffic, options: SequentialOptions): Sight {
  const perTick = ((traffic.weight / 100) * traffic.rps * tickMsOf(traffic)) / 1000
  const [relative, limit] = [relativeTicks(rate, perTick, traffic, options), limitTicks(rate, perTick, options)]
  const warmUpMs = traffic.warm === true ? 0 : options.warmUpMs
  const [, , , , largest] = ABSOLUTE_EXPERTS
  const atOnce = limitTicks(rate, perTick, options, [largest])
  const after = (spread: number) =>
    Math.min(Math.min(relative, limit) * spread * tickMsOf(traffic) + warmUpMs, atOnce * spread * tickMsOf(traffic))
  const [meanMs, p95Ms] = [after(1), after(SPREAD)]
  return {
    times,
    rate,
    requests: Math.min(relative, limit) === Number.POSITIVE_INFINITY ? Infinity : Math.min(relative, limit) * perTick,
    meanMs,
    p95Ms,
    likely: meanMs <= traffic.holdMs,
    sure: p95Ms <= traffic.holdMs,
  }
}

/** Mean requests in a step until `limit` is shown to be kept by a candidate with the rate `rate`; Infinity: never. */
export function requestsToAccept(rate: number, limit: number): number {
  const { accept } = SEQUENTIAL_DEFAULTS.alpha
  const gain = Math.max(...ACCEPT_EXPERTS.map((factor) => bernoulli({ n: 1, x: rate }, factor * limit, limit)))
  return gain > 0 ? Math.log(ACCEPT_EXPERTS.length / accept) / gain : Number.POSITIVE_INFINITY
}

/** Ticks until "worse than live, and above the floor" is shown: the slower of both decides. */
function relativeTicks(rate: number, perTick: number, traffic: StepTraffic, options: SequentialOptions): number {
  if (options.errors === null) return Number.POSITIVE_INFINITY
  const gains = [gainAgainstLive(rate, perTick, traffic, options), gainAgainst(options.errors.floor, rate, perTick)]
  return ticksFor(Math.min(...gains), weightOf('relative', options), options)
}

/** `factors`: those that are bet on, all of them after the cold start, only the largest while it lasts. */
function limitTicks(
  rate: number,
  perTick: number,
  options: SequentialOptions,
  factors: Factors = ABSOLUTE_EXPERTS,
): number {
  if (options.errors === null) return Number.POSITIVE_INFINITY
  return ticksFor(gainAgainst(options.errors.limit, rate, perTick, factors), weightOf('limit', options), options)
}

function ticksFor(gain: number, weight: number, { alpha, first, minBadTicks }: SequentialOptions): number {
  if (!(gain > 0)) return Number.POSITIVE_INFINITY
  const needed = Math.log(ODDS_EXPERTS.length / (alpha.rollback * first * weight))
  return Math.max(minBadTicks, needed / gain)
}

function weightOf(part: 'relative' | 'limit', { latency }: SequentialOptions): number {
  const { relative, limit, slower, slow } = EVIDENCE_WEIGHTS
  return EVIDENCE_WEIGHTS[part] / (relative + limit + (latency === null ? 0 : slower + slow))
}

/** Nats per tick that the best of the experts gains; no tick gives more than its cap. */
function gainAgainst(limit: number, rate: number, perTick: number, factors: Factors = ABSOLUTE_EXPERTS) {
  const bad = { n: perTick, x: perTick * rate }
  return Math.max(
    ...factors.map((factor) => {
      const bet = timesOdds(limit, factor)
      return Math.min(bernoulli(bad, bet, limit), Math.max(TICK_NATS, Math.log(bet / limit)))
    }),
  )
}

function gainAgainstLive(rate: number, perTick: number, traffic: StepTraffic, options: SequentialOptions): number {
  const share = traffic.weight / 100
  const tolerated = 1 + (options.errors?.tolerance ?? 0)
  if (share >= 1) {
    const past = { n: traffic.liveRequests, x: traffic.baseline * traffic.liveRequests }
    const worst = Math.max(options.errors?.floor ?? 0, timesOdds(Math.min(0.999, worstRate(past)), ALONE_ODDS))
    return gainAgainst(worst, rate, perTick, ODDS_EXPERTS)
  }
  const labels = rate + (traffic.baseline * (1 - share)) / share
  const expected = (traffic.baseline * perTick) / share
  return Math.max(
    ...ODDS_EXPERTS.map((o) => {
      const norm = Math.log((share * tolerated * o + 1 - share) / (share * tolerated + 1 - share))
      return Math.min(perTick * (rate * Math.log(o) - labels * norm), errorsPerTick(expected) * (Math.log(o) - norm))
    }),
  )
}

function tickMsOf({ tickMs }: StepTraffic): number {
  return tickMs ?? 5000
}

function seenText(sights: readonly Sight[], smallest: Sight | null, many: (times: number) => string): string {
  if (smallest === null) return `no regression of up to ${many(TIMES.at(-1) ?? 1)}`
  const missed = sights.findLast(({ times }) => times < smallest.times)
  const found = `${many(smallest.times)} (${roundly(smallest.meanMs)}; in 95 of 100: ${roundly(smallest.p95Ms)})`
  if (missed === undefined) return found
  const never = Number.isFinite(missed.meanMs) ? roundly(missed.meanMs) : 'never'
  return `${found}, not ${many(missed.times).replace(" live's errors", '')} (${never})`
}

function name({ weight, holdMs, rps, baseline }: StepTraffic): string {
  return `${weight} % for ${formatDuration(holdMs)} at ${rps} requests/s with ${percent(baseline)} errors`
}
