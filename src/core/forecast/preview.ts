/**
 * What can a step see? Before anything starts: how long until a regression of each size would be found at this traffic,
 * by the mean growth of the evidence per tick. In 52 settings (20 and 200 requests/s, 10 and 50 %,
 * 0.1-1 % errors, 2 to 20 times as many) simulated means were 0.83-1.14 of what this says.
 */
import { type Part, say, type Sentence } from '../say.ts'
import { formatDuration } from '../time.ts'
import { percent, roundly } from '../analysis/text.ts'
import { coldTicks, lastingTicks, limitTicks, relativeTicks, type StepTraffic, tickMsOf } from './growth.ts'
import { bernoulli, timesOdds } from '../analysis/sequential/increments.ts'
import { ACCEPT_EXPERTS, SEQUENTIAL_DEFAULTS, type SequentialOptions } from '../analysis/sequential/options.ts'

export type DetectableEffect = {
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

export type StepEffects = {
  readonly effects: readonly DetectableEffect[]
  /** The smallest regression that the step is likely to find; null when none of those looked at. */
  readonly smallest: DetectableEffect | null
  /** How a candidate of which every request fails is found. */
  readonly failure: DetectableEffect
  /** Set when it takes more than five times live's errors to be seen. */
  readonly warning: Sentence | null
  readonly text: Sentence
  /** `text` without what traffic it is about: `5 times live's errors (5m; …), not 3 times (16m)`. */
  readonly seen: Sentence
}

const TIMES = [2, 3, 5, 10, 20, 50, 100]
const WARN_TIMES = 5
/** 95 of 100 detections take at most so many times the mean. */
const SPREAD = 2.1
const NEARLY_ALL = 0.999

export function whatAStepCanSee(traffic: StepTraffic, options: SequentialOptions = SEQUENTIAL_DEFAULTS): StepEffects {
  const unit = unitOf(traffic, options)
  const effects = TIMES.map((times) => effectOf(times, timesOdds(unit, times), traffic, options))
  const failure = effectOf(Number.POSITIVE_INFINITY, NEARLY_ALL, traffic, options)
  const smallest = effects.find(({ likely }) => likely) ?? null
  const unseen = smallest === null || smallest.times > WARN_TIMES
  const isKnown = traffic.baseline >= unit
  const many = (times: number) =>
    isKnown ? say`${times} times live's errors` : say`${percent(timesOdds(unit, times))} errors`
  const total = failure.likely ? say`in ${roundly(failure.meanMs)}` : say`not either`
  const missed = (times: number) => (isKnown ? say`${times} times` : many(times))
  const seen = say`${seenText(effects, smallest, { many, missed })}; a total failure ${total}`
  return {
    effects,
    smallest,
    failure,
    warning: unseen
      ? say`${name(traffic)} sees no regression of up to ${many(WARN_TIMES)}: hold longer or give it more traffic`
      : null,
    text: say`${name(traffic)} sees ${seen}`,
    seen,
  }
}

/** Below the floor nothing rolls back, so that is what a regression is measured in where live has fewer errors. */
function unitOf({ baseline }: StepTraffic, { errors }: SequentialOptions): number {
  return Math.max(baseline, errors?.floor ?? 0)
}

function effectOf(times: number, rate: number, traffic: StepTraffic, options: SequentialOptions): DetectableEffect {
  const perTick = ((traffic.weight / 100) * traffic.rps * tickMsOf(traffic)) / 1000
  const [relative, limit] = [relativeTicks(rate, perTick, traffic, options), limitTicks(rate, perTick, options)]
  const warmUpMs = traffic.warm === true ? 0 : options.warmUpMs
  const atOnce = (traffic.warm === true ? lastingTicks : coldTicks)(rate, perTick, options)
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

/** How a multiple of live's errors is called, and how the one beside it that is missed. */
type Named = Readonly<Record<'many' | 'missed', (times: number) => Sentence>>

function seenText(effects: readonly DetectableEffect[], smallest: DetectableEffect | null, named: Named): Sentence {
  const { many } = named
  if (smallest === null) return say`no regression of up to ${many(TIMES.at(-1) ?? 1)}`
  const missed = effects.findLast(({ times }) => times < smallest.times)
  const found = say`${many(smallest.times)} (${roundly(smallest.meanMs)}; in 95 of 100: ${roundly(smallest.p95Ms)})`
  if (missed === undefined) return found
  const never: Part = Number.isFinite(missed.meanMs) ? roundly(missed.meanMs) : say`never`
  return say`${found}, not ${named.missed(missed.times)} (${never})`
}

function name({ weight, holdMs, rps, baseline }: StepTraffic): Sentence {
  return say`${weight} % for ${formatDuration(holdMs)} at ${rps} requests/s with ${percent(baseline)} errors`
}
