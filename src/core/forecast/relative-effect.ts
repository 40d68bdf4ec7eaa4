/**
 * What a raw comparison with live sees. Its window is one sample of each side, so chance moves both: what it finds for sure
 * lies well above its margin, and what it takes for a regression by mistake is counted in `false-alarms.ts`.
 */
import { say, type Sentence } from '../say.ts'
import { formatDuration } from '../time.ts'
import { isLatency, quantileOf } from '../analysis/reading.ts'
import type { RelativeRule } from '../analysis/rules.ts'
import { normalScore } from '../analysis/sequential/normal.ts'
import { USUAL_SPREAD } from './slowness.ts'
import { count, percent } from '../analysis/text.ts'
import { exposedMs, liveBefore, requestsIn } from './exposure.ts'
import { type Seeing, type Seen, stepOf, times } from './detectable-effect.ts'

/** One-sided: exceeded in 95 of 100 cases. */
const SURE = 1.645

export function relativeEffect(rule: RelativeRule, seeing: Seeing): Seen {
  const { traffic, exposures } = seeing
  const silent = (said: Sentence): Seen => ({ rule: rule.id, smallest: null, said })
  const reached = exposedMs(exposures)
  const lasting = formatDuration(rule.forMs)
  if (rule.forMs > reached) {
    return silent(say`cannot roll back yet: ${lasting} are longer than the ${formatDuration(reached)} so far`)
  }
  const mine = requestsIn(exposures, rule.forMs, traffic.requestsPerSecond).candidate
  const theirs = referenceRequests(rule, seeing)
  const needed = Math.max(1, seeing.minRequests)
  if (mine < needed || theirs < needed) {
    const both = say`${count(Math.floor(mine))} requests against ${count(Math.floor(theirs))} of live`
    return silent(say`is silent: ${both} are too few, ${count(needed)} of each are needed`)
  }
  if (isLatency(rule.metric)) return silent(slowerText(rule.margin, surelySlower(rule, mine, theirs), lasting))
  if (traffic.errorRate <= 0) return silent(say`takes the first error for a regression: live has none`)
  const surely = surelyMore(traffic.errorRate, rule.margin, mine, theirs)
  const sure = surely * traffic.errorRate > 1 ? say`never surely` : say`in 95 of 100 from ${times(surely)} times`
  const said = say`rolls back from ${times(1 + rule.margin)} times live's errors after ${lasting} (${sure})`
  return { rule: rule.id, smallest: surely * traffic.errorRate > 1 ? null : surely * traffic.errorRate, said }
}

/** Beside the candidate; where it has all traffic, the window before that; or what was counted before the first shift. */
function referenceRequests({ to, forMs }: RelativeRule, seeing: Seeing): number {
  const { traffic, exposures } = seeing
  const { requestsPerSecond } = traffic
  if (to === 'before') return liveBefore(requestsPerSecond)
  if (stepOf(seeing).weight < 100) return requestsIn(exposures, forMs, requestsPerSecond).live
  const beside = exposures.filter(({ weight }) => weight < 100)
  const before = exposedMs(beside) < forMs ? liveBefore(requestsPerSecond) : 0
  return requestsIn(beside, forMs, requestsPerSecond).live + before
}

/** Smallest factor t with `p·t - (1+m)·p` at least 1.645 standard errors of that difference: the root of a quadratic. */
function surelyMore(rate: number, margin: number, mine: number, theirs: number): number {
  const limit = (1 + margin) * rate
  const theirVariance = ((1 + margin) ** 2 * rate) / theirs
  const half = SURE ** 2 / (2 * mine)
  const root = Math.sqrt(half * half + 2 * half * limit + SURE ** 2 * theirVariance)
  return (limit + half + root) / rate
}

/** The same for a quantile, whose logarithm has the standard error `σ·√(q(1-q)/n)/φ(z)`. */
function surelySlower(rule: RelativeRule, mine: number, theirs: number): number {
  if (!isLatency(rule.metric)) return Number.POSITIVE_INFINITY
  const q = quantileOf(rule.metric)
  const z = normalScore(q)
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
  const error = (USUAL_SPREAD * Math.sqrt(q * (1 - q))) / density
  return (1 + rule.margin) * Math.exp(SURE * error * Math.sqrt(1 / mine + 1 / theirs))
}

function slowerText(margin: number, surely: number, lasting: string): Sentence {
  return say`rolls back when ${percent(margin)} slower than live for ${lasting} (in 95 of 100 from ${percent(Math.round(100 * (surely - 1)) / 100)}, where latencies spread as usual)`
}
