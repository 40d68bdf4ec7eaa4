/**
 * What can a step see? Before anything starts: how long until a regression of each size would be found at this traffic,
 * by the mean growth of the evidence per request. Simulated means were 0.80-1.01 of what this says.
 */
import { formatDuration } from '../../time.ts'
import { percent } from '../text.ts'
import { bernoulli, ODDS_EXPERTS, timesOdds, worstRate } from './increments.ts'
import { ALONE_ODDS, EVIDENCE_WEIGHTS, SEQUENTIAL_DEFAULTS, type SequentialOptions } from './options.ts'

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
}

export type Sight = {
  /** Times live's odds of an error. */
  readonly times: number
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
  /** Set when it takes more than five times live's errors to be seen. */
  readonly warning: string | null
  readonly text: string
}

const TIMES = [2, 3, 5, 10, 20, 50]
const WARN_TIMES = 5
/** 95 of 100 detections take at most so many times the mean. */
const SPREAD = 2.1

export function whatAStepCanSee(traffic: StepTraffic, options: SequentialOptions = SEQUENTIAL_DEFAULTS): StepSight {
  const sights = TIMES.map((times) => sightOf(times, traffic, options))
  const smallest = sights.find(({ likely }) => likely) ?? null
  const blind = smallest === null || smallest.times > WARN_TIMES
  return {
    sights,
    smallest,
    warning: blind
      ? `${name(traffic)} sees no regression of up to ${WARN_TIMES} times live's errors: hold longer or give it more traffic`
      : null,
    text: textOf(traffic, sights, smallest),
  }
}

function sightOf(times: number, traffic: StepTraffic, options: SequentialOptions): Sight {
  const gain = gainPerRequest(times, traffic, options)
  const needed =
    Math.log(1 / options.alpha.rollback) +
    Math.log(ODDS_EXPERTS.length) +
    Math.log(1 / options.first) +
    Math.log(1 / relativeWeight(options))
  const requests = gain > 0 ? needed / gain : Number.POSITIVE_INFINITY
  const perSecond = (traffic.weight / 100) * traffic.rps
  const meanMs = perSecond > 0 ? (requests / perSecond) * 1000 + options.warmUpMs : Number.POSITIVE_INFINITY
  const p95Ms = perSecond > 0 ? ((SPREAD * requests) / perSecond) * 1000 + options.warmUpMs : Number.POSITIVE_INFINITY
  return { times, requests, meanMs, p95Ms, likely: meanMs <= traffic.holdMs, sure: p95Ms <= traffic.holdMs }
}

function relativeWeight({ latency }: SequentialOptions): number {
  const { relative, limit, slower, slow } = EVIDENCE_WEIGHTS
  return relative / (relative + limit + (latency === null ? 0 : slower + slow))
}

/** Nats per request of the candidate that the best of the experts gains. */
function gainPerRequest(times: number, traffic: StepTraffic, options: SequentialOptions): number {
  const rate = timesOdds(traffic.baseline, times)
  const share = traffic.weight / 100
  const tolerated = 1 + (options.errors?.tolerance ?? 0)
  if (share >= 1) {
    const past = { n: traffic.liveRequests, x: traffic.baseline * traffic.liveRequests }
    const worst = Math.max(options.errors?.floor ?? 0, timesOdds(Math.min(0.999, worstRate(past)), ALONE_ODDS))
    return Math.max(...ODDS_EXPERTS.map((o) => bernoulli({ n: 1, x: rate }, timesOdds(worst, o), worst)))
  }
  const labels = rate + (traffic.baseline * (1 - share)) / share
  return Math.max(
    ...ODDS_EXPERTS.map((o) => {
      const norm = Math.log((share * tolerated * o + 1 - share) / (share * tolerated + 1 - share))
      return rate * Math.log(o) - labels * norm
    }),
  )
}

function textOf(traffic: StepTraffic, sights: readonly Sight[], smallest: Sight | null): string {
  if (smallest === null) return `${name(traffic)} sees no regression of up to ${TIMES.at(-1)} times live's errors`
  const missed = sights.findLast(({ times }) => times < smallest.times)
  const found = `${smallest.times} times live's errors (${formatDuration(smallest.meanMs)}; in 95 of 100: ${formatDuration(smallest.p95Ms)})`
  if (missed === undefined) return `${name(traffic)} sees ${found}`
  const never = Number.isFinite(missed.meanMs) ? `(${formatDuration(missed.meanMs)})` : '(never)'
  return `${name(traffic)} sees ${found}, not ${missed.times} times ${never}`
}

function name({ weight, holdMs, rps, baseline }: StepTraffic): string {
  return `${weight} % for ${formatDuration(holdMs)} at ${rps} requests/s with ${percent(baseline)} errors`
}
