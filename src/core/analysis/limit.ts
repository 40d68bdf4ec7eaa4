/**
 * Declared limits (R-E01, R-E02, R-E05): `max` over the step so far decides about advancing, `trigger` over the last
 * `forMs` demands rollback. A trigger is withheld where live breaches the same limit in the same window: what both sides
 * suffer from was not brought by the candidate, and going back would not mend it. The release then holds and a person is
 * called.
 */
import { listed, type Part, say, type Sentence } from '../say.ts'
import { formatDuration } from '../time.ts'
import { type Finding, finding, type Look, type Question, type Ruling, windowHolding, windowOf } from './look.ts'
import { apart, type Breach, SHARED, sinceSharedCause } from './limit-apart.ts'
import {
  BAD_REQUESTS_MIN,
  type Reading,
  type Stretch,
  UNITS,
  actual,
  isLatency,
  knownMs,
  missingTime,
  readSide,
  requestsToTrigger,
  sentence,
  stretchOf,
} from './reading.ts'
import type { LimitRule } from './rules.ts'
import { measuredBy } from './sources.ts'
import type { Span, Tally } from './state.ts'
import { limitText, METRIC_NAMES, timeSpan } from './text.ts'
import { countsRequests, type Pooled } from './window.ts'

type Trigger = NonNullable<LimitRule['trigger']>

export function judgeLimit(rule: LimitRule, look: Look): Finding {
  const limits = [rule.max, rule.trigger?.above ?? null].filter((limit) => limit !== null)
  if (limits.length === 0 || !limits.every(Number.isFinite)) {
    const text = say`rule ${rule.id} names no usable limit (${limits.join(', ') || 'none'}), so nothing can pass it`
    const words = () => ({ actual: say`no limit`, text })
    return finding(look, limitQuestion(rule), { outcome: 'no-evidence', words })
  }
  const step = rule.max === null ? null : sinceStep(rule, rule.max, look)
  const window = rule.trigger === null ? null : overWindow(rule, rule.trigger, look)
  const decisive = step === null || window?.outcome === 'fail' ? window : step
  if (decisive === null) throw new Error(`rule ${rule.id} was judged by neither of its limits`)
  return finding(look, limitQuestion(rule), decisive)
}

function sinceStep(rule: LimitRule, max: number, look: Look): Ruling {
  const span = look.component.sinceStep
  if (span === null) return notYet(rule, look)
  const stretch = stretchOf(span, { lasting: false })
  const reading = readSide(rule, max, look, { stretch, role: 'candidate' })
  const unknown = unusable(rule, span, look) ?? tooFew(rule, reading, look, span)
  if (unknown !== null) return unknown
  const facts = () => say`${sentence(rule, reading)}, ${timeSpan(span)})`
  const may = () => say`the ${limitText(rule.metric, max)} it may have to advance${liveText(rule, max, look, stretch)}`
  const told = (text: () => Sentence) => () => ({ actual: actual(reading), text: text() })
  if (reading.over) {
    const text = () => say`${facts()}, above ${may()}`
    const calm = look.component.shared.step[rule.id]
    return calm ? apart(rule, max, look, { calm, all: reading, text }) : { outcome: 'fail', words: told(text) }
  }
  const known = knownMs(rule.metric, span.platform)
  if (known !== null && known < look.requiredMs) {
    const text = () => say`${facts()}, ${missingTime(known, look.requiredMs)}`
    return { outcome: 'inconclusive', words: told(text) }
  }
  return { outcome: 'pass', words: told(() => say`${facts()}, within ${may()}`) }
}

function overWindow(rule: LimitRule, trigger: Trigger, look: Look): Ruling {
  const pool = triggerWindow(rule, look)
  if (pool === null) return notYet(rule, look)
  const stretch = { span: pool.span, latency: pool.latency, lasting: true }
  const reading = readSide(rule, trigger.above, look, { stretch, role: 'candidate' })
  const enough = { ...look, minRequests: requestsToTrigger(look) }
  const unknown = unusable(rule, pool.span, look) ?? tooFew(rule, reading, enough, pool.span)
  if (unknown !== null) return unknown
  const facts = () => say`${sentence(rule, reading)}, ${timeSpan(pool.span)}${reachText(trigger, pool)})`
  const limit = () => limitText(rule.metric, trigger.above)
  const lasting = () => formatDuration(trigger.forMs)
  const told = (text: () => Sentence) => () => ({ actual: actual(reading), text: text() })
  if (!reading.over) {
    const text = () => say`${facts()}, within the ${limit()} that demand a rollback when exceeded for ${lasting()}`
    return { outcome: 'pass', words: told(text) }
  }
  const text = () => say`${facts()}, above the ${limit()} that demand a rollback when it lasts ${lasting()}`
  if (reading.unit === 'requests' && reading.bad < BAD_REQUESTS_MIN) {
    const few = () => say`${text()}; ${reading.bad} bad requests may be an accident, ${BAD_REQUESTS_MIN} are a rate`
    return { outcome: 'inconclusive', words: told(few) }
  }
  const { rest, ...follows } = breach(rule, trigger, look, { pool, stretch })
  return { outcome: 'fail', ...follows, words: told(() => say`${text()}${rest()}`) }
}

/** It reaches back as far as it takes to hold the requests that a rollback needs: what else would never fire at little traffic. */
function triggerWindow(rule: LimitRule, look: Look): Pooled | null {
  if (!countsRequests(rule)) return windowOf(rule, look).pool
  const count = ({ requests, errors, timed }: Tally) => (isLatency(rule.metric) ? timed : Math.max(requests, errors))
  return windowHolding({ needed: requestsToTrigger(look), count }, rule, look)
}

function reachText({ forMs }: Trigger, { reachedMs }: Pooled): Part {
  if (reachedMs === 0) return ''
  return say`, ${formatDuration(reachedMs)} instead of ${formatDuration(forMs)} to hold enough requests`
}

/** What follows from a value above the trigger: wait for the window, hold because live suffers too, or roll back. */
function breach(
  rule: LimitRule,
  trigger: Trigger,
  look: Look,
  { pool, stretch }: { pool: Pooled; stretch: Stretch },
): Breach {
  const known = knownMs(rule.metric, pool.span.platform)
  if (!pool.complete || (known !== null && known < pool.span.coveredMs)) {
    const observed = () => formatDuration(Math.min(pool.exposedMs, known ?? pool.exposedMs))
    return { rest: () => say`; observed without a gap for ${observed()} so far`, triggered: false }
  }
  if (measuredBy(rule) === 'platform') return { rest: () => say`, as it did`, triggered: true }
  const live = readSide(rule, trigger.above, look, { stretch, role: 'live' })
  if (live.n === 0) return { rest: () => say`, as it did; live had no traffic to compare with`, triggered: true }
  const both = () => say`, as it did; live had ${live.value()} (${live.counts()})`
  if (live.n < look.minRequests) return { rest: both, triggered: true }
  if (!live.over) return sinceSharedCause(rule, trigger, look, { live, text: both })
  const held = say`so live breaches the same limit: ${SHARED}; held without a rollback, a person has to look`
  return { rest: () => say`${both()}, ${held}`, triggered: false, shared: true }
}

function liveText(rule: LimitRule, limit: number, look: Look, stretch: Stretch): Part {
  if (measuredBy(rule) === 'platform') return ''
  const live = readSide(rule, limit, look, { stretch, role: 'live' })
  return live.n === 0 ? say`; live had no traffic to compare with` : say`; live had ${live.value()} (${live.counts()})`
}

function unusable(rule: LimitRule, span: Span, { component }: Look): Ruling | null {
  const knew = component.newest?.knew
  const unseen =
    (rule.metric === 'readiness-flapping' && knew?.readiness !== true) ||
    (rule.metric === 'memory' && knew?.memory !== true)
  const untimed = isLatency(rule.metric) && span.candidate.requests > 0 && span.candidate.timed === 0
  if (!unseen && !untimed) return null
  const name = METRIC_NAMES[rule.metric]
  const why = untimed ? say`requests were counted, but no latency` : say`the platform could not tell when last asked`
  const words = () => ({ actual: say`no evidence`, text: say`${name} of the candidate is unknown: ${why}` })
  return { outcome: 'no-evidence', words }
}

function tooFew(rule: LimitRule, reading: Reading, look: Look, span: Span): Ruling | null {
  const needed = reading.unit === 'requests' ? Math.max(1, look.minRequests) : 1
  if (reading.n >= needed) return null
  const words = () => {
    const facts =
      reading.n === 0
        ? say`${METRIC_NAMES[rule.metric]} of the candidate is unknown (`
        : say`${sentence(rule, reading)}, `
    const text = say`${facts}${timeSpan(span)}): ${reading.n} ${UNITS[reading.unit]} are too few to judge, ${needed} are needed`
    return { actual: actual(reading), text }
  }
  return { outcome: 'inconclusive', words }
}

function notYet(rule: LimitRule, { state }: Look): Ruling {
  const why = say`no whole tick with the candidate at ${state.step?.weight ?? 0} % has been observed yet`
  const text = say`${METRIC_NAMES[rule.metric]} of the candidate is unknown: ${why}`
  return { outcome: 'inconclusive', words: () => ({ actual: say`nothing yet`, text }) }
}

export function limitQuestion(rule: LimitRule): Question {
  return { rule: rule.id, expected: () => limitExpectation(rule), of: measuredBy(rule) }
}

function limitExpectation({ metric, max, trigger }: LimitRule): Part {
  const parts = [
    max === null ? null : say`${METRIC_NAMES[metric]} at most ${limitText(metric, max)} since the step began`,
    trigger === null
      ? null
      : say`rollback above ${limitText(metric, trigger.above)} for ${formatDuration(trigger.forMs)}`,
  ]
  return listed(parts.filter((part) => part !== null))
}
