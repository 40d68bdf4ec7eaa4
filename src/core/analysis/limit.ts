/**
 * Declared limits (R-E01, R-E02, R-E05): `max` over the step so far decides about advancing, `trigger` over the last
 * `forMs` demands rollback. A trigger is withheld where live breaches the same limit in the same window: what both sides
 * suffer from was not brought by the candidate, and going back would not mend it. The release then holds and a person is
 * called.
 */
import { formatDuration } from '../time.ts'
import { type Finding, finding, type Look, type Said, windowOf } from './look.ts'
import { apart, SHARED, sinceSharedCause } from './limit-apart.ts'
import { actual, BAD_REQUESTS_MIN, readSide, requestsToTrigger, sentence } from './limit-reading.ts'
import { isLatency, knownMs, missingTime, type Reading } from './reading.ts'
import type { LimitRule } from './rules.ts'
import { measuredBy } from './sources.ts'
import type { Span } from './state.ts'
import { limitText, METRIC_NAMES, timeSpan } from './text.ts'
import type { Pooled } from './window.ts'

type Trigger = NonNullable<LimitRule['trigger']>
type Partial = Omit<Said, 'expected'>

export function judgeLimit(rule: LimitRule, look: Look): Finding {
  const expected = limitExpectation(rule)
  const of = measuredBy(rule)
  const limits = [rule.max, rule.trigger?.above ?? null].filter((limit) => limit !== null)
  if (limits.length === 0 || !limits.every(Number.isFinite)) {
    const text = `rule ${rule.id} names no usable limit (${limits.join(', ') || 'none'}), so nothing can pass it`
    return finding(look, rule.id, { outcome: 'no-evidence', expected, actual: 'no limit', text }, of)
  }
  const step = rule.max === null ? null : sinceStep(rule, rule.max, look)
  const window = rule.trigger === null ? null : overWindow(rule, rule.trigger, look)
  const decisive = step === null || window?.outcome === 'fail' ? window : step
  if (decisive === null) throw new Error(`rule ${rule.id} was judged by neither of its limits`)
  return finding(look, rule.id, { ...decisive, expected }, of)
}

function sinceStep(rule: LimitRule, max: number, look: Look): Partial {
  const span = look.component.sinceStep
  const unknown = span === null ? notYet(rule, look) : unusable(rule, span, look)
  if (span === null || unknown !== null) return unknown ?? notYet(rule, look)
  const reading = readSide(rule, max, look, { span, role: 'candidate', lasting: false })
  const few = tooFew(rule, reading, look, span)
  if (few !== null) return few
  const facts = `${sentence(rule, reading)}, ${timeSpan(span)})`
  if (reading.over) {
    const text = `${facts}, above the ${limitText(rule.metric, max)} it may have to advance${liveText(rule, max, look, span)}`
    const calm = look.component.shared.step[rule.id]
    return calm
      ? apart(rule, max, look, { calm, all: reading, text })
      : { outcome: 'fail', actual: actual(reading), text }
  }
  const known = knownMs(rule.metric, span.platform)
  if (known !== null && known < look.requiredMs) {
    return {
      outcome: 'inconclusive',
      actual: actual(reading),
      text: `${facts}, ${missingTime(known, look.requiredMs)}`,
    }
  }
  const text = `${facts}, within the ${limitText(rule.metric, max)} it may have to advance${liveText(rule, max, look, span)}`
  return { outcome: 'pass', actual: actual(reading), text }
}

function overWindow(rule: LimitRule, trigger: Trigger, look: Look): Partial {
  const { pool } = windowOf(rule, look)
  if (pool === null) return notYet(rule, look)
  const unknown = unusable(rule, pool.span, look)
  if (unknown !== null) return unknown
  const reading = readSide(rule, trigger.above, look, { span: pool.span, role: 'candidate', lasting: true })
  const few = tooFew(rule, reading, { ...look, minRequests: requestsToTrigger(look) }, pool.span)
  if (few !== null) return few
  const facts = `${sentence(rule, reading)}, ${timeSpan(pool.span)})`
  const limit = limitText(rule.metric, trigger.above)
  const lasting = formatDuration(trigger.forMs)
  if (!reading.over) {
    const text = `${facts}, within the ${limit} that demand a rollback when exceeded for ${lasting}`
    return { outcome: 'pass', actual: actual(reading), text }
  }
  const text = `${facts}, above the ${limit} that demand a rollback when it lasts ${lasting}`
  if (reading.unit === 'requests' && reading.bad < BAD_REQUESTS_MIN) {
    const few = `${text}; ${reading.bad} bad requests may be an accident, ${BAD_REQUESTS_MIN} are a rate`
    return { outcome: 'inconclusive', actual: actual(reading), text: few }
  }
  return { outcome: 'fail', actual: actual(reading), ...breach(rule, trigger, look, { pool, text }) }
}

/** What follows from a value above the trigger: wait for the window, hold because live suffers too, or roll back. */
function breach(
  rule: LimitRule,
  trigger: Trigger,
  look: Look,
  { pool, text }: { pool: Pooled; text: string },
): { readonly text: string; readonly triggered: boolean; readonly shared?: boolean } {
  const known = knownMs(rule.metric, pool.span.platform)
  if (!pool.complete || (known !== null && known < pool.span.coveredMs)) {
    const observed = formatDuration(Math.min(pool.exposedMs, known ?? pool.exposedMs))
    return { text: `${text}; observed without a gap for ${observed} so far`, triggered: false }
  }
  const lasted = `${text}, as it did`
  if (measuredBy(rule) === 'platform') return { text: lasted, triggered: true }
  const live = readSide(rule, trigger.above, look, { span: pool.span, role: 'live', lasting: true })
  if (live.n === 0) return { text: `${lasted}; live had no traffic to compare with`, triggered: true }
  const both = `${lasted}; live had ${live.value} (${live.counts})`
  if (live.n < look.minRequests) return { text: both, triggered: true }
  if (!live.over) return sinceSharedCause(rule, trigger, look, { live, text: both })
  return {
    text: `${both}, so live breaches the same limit: ${SHARED}; held without a rollback, a person has to look`,
    triggered: false,
    shared: true,
  }
}

function liveText(rule: LimitRule, limit: number, look: Look, span: Span): string {
  if (measuredBy(rule) === 'platform') return ''
  const live = readSide(rule, limit, look, { span, role: 'live', lasting: false })
  return live.n === 0 ? '; live had no traffic to compare with' : `; live had ${live.value} (${live.counts})`
}

function unusable(rule: LimitRule, span: Span, { component }: Look): Partial | null {
  const knew = component.newest?.knew
  const unseen =
    (rule.metric === 'readiness-flapping' && knew?.readiness !== true) ||
    (rule.metric === 'memory' && knew?.memory !== true)
  const untimed = isLatency(rule.metric) && span.candidate.requests > 0 && span.candidate.timed === 0
  if (!unseen && !untimed) return null
  const name = METRIC_NAMES[rule.metric]
  const why = untimed ? 'requests were counted, but no latency' : 'the platform could not tell when last asked'
  return { outcome: 'no-evidence', actual: 'no evidence', text: `${name} of the candidate is unknown: ${why}` }
}

function tooFew(rule: LimitRule, reading: Reading, look: Look, span: Span): Partial | null {
  const needed = reading.unit === 'requests' ? Math.max(1, look.minRequests) : 1
  if (reading.n >= needed) return null
  const facts =
    reading.n === 0 ? `${METRIC_NAMES[rule.metric]} of the candidate is unknown (` : `${sentence(rule, reading)}, `
  const text = `${facts}${timeSpan(span)}): ${reading.n} ${reading.unit} are too few to judge, ${needed} are needed`
  return { outcome: 'inconclusive', actual: actual(reading), text }
}

function notYet(rule: LimitRule, { state }: Look): Partial {
  const why = `no whole tick with the candidate at ${state.step?.weight ?? 0} % has been observed yet`
  const text = `${METRIC_NAMES[rule.metric]} of the candidate is unknown: ${why}`
  return { outcome: 'inconclusive', actual: 'nothing yet', text }
}

export function limitExpectation({ metric, max, trigger }: LimitRule): string {
  const parts = [
    max === null ? null : `${METRIC_NAMES[metric]} at most ${limitText(metric, max)} since the step began`,
    trigger === null ? null : `rollback above ${limitText(metric, trigger.above)} for ${formatDuration(trigger.forMs)}`,
  ]
  return parts.filter((part) => part !== null).join('; ') || 'nothing'
}
