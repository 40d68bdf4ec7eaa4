/**
 * Limits of own numbers. To advance, mean and newest value of the step must both be within: one outlier does not spoil a
 * step, and a number that is beyond its limit now is not hidden by better times. To go back, every look of the whole window
 * must be beyond, as "above X for 5m" says. What was so before the first shift, or is so of live as well, was not brought by
 * the candidate: then the release holds and a person is called.
 */
import { type Part, say, type Sentence } from '../../say.ts'
import { formatDuration } from '../../time.ts'
import { SHARED } from '../limit-apart.ts'
import { missingTime } from '../reading.ts'
import { type Look, type Ruling, windowOf } from '../look.ts'
import type { Calm, Span } from '../state.ts'
import { timeSpan } from '../text.ts'
import type { Pooled } from '../window.ts'
import { WHEN, looksText, ownBeside, ownText } from './text.ts'
import type { OwnLimit, OwnRule } from './rule.ts'
import { mean, type OwnTally } from './tally.ts'

type Trigger = NonNullable<OwnLimit['trigger']>

export function judgeOwnLimit(rule: OwnRule, demand: OwnLimit, look: Look): Ruling {
  const limits = [demand.max, demand.min, demand.trigger?.limit ?? null].filter((limit) => limit !== null)
  if (limits.length === 0 || !limits.every(Number.isFinite)) {
    const text = say`rule ${rule.id} names no usable limit (${limits.join(', ') || 'none'}), so nothing can pass it`
    return { outcome: 'no-evidence', words: () => ({ actual: say`no limit`, text }) }
  }
  const step = demand.max === null && demand.min === null ? null : sinceStep(rule, demand, look)
  const window = demand.trigger === null ? null : overWindow(rule, demand.trigger, look)
  const decisive = step === null || window?.outcome === 'fail' ? window : step
  if (decisive === null) throw new Error(`rule ${rule.id} was judged by neither of its limits`)
  return decisive
}

function sinceStep(rule: OwnRule, { max, min }: OwnLimit, look: Look): Ruling {
  const span = look.component.sinceStep
  const tally = span?.own.candidate?.[rule.id]
  if (span === null || tally === undefined) return notYet(rule)
  const outside = outsideOf({ max, min }, tally)
  const limit = outside?.limit ?? max ?? min ?? 0
  const may = () => say`the ${ownText(rule.unit, limit)} it may have to advance`
  const where = outside ? WHEN[outside.when] : say`within`
  const text = () => say`${sentence(rule, { tally, span, limit })}, ${where} ${may()}`
  const told = (text: () => Sentence) => () => ({ actual: actual(rule, tally), text: text() })
  const calm = look.component.shared.step[rule.id]
  if (outside && calm) return apart(rule, { max, min }, look, { calm, tally, text })
  if (outside) return { outcome: 'fail', words: told(text) }
  if (tally.knownMs < look.requiredMs) {
    const facts = () => sentence(rule, { tally, span, limit })
    const short = () => say`${facts()}, ${missingTime(tally.knownMs, look.requiredMs)}`
    return { outcome: 'inconclusive', words: told(short) }
  }
  return { outcome: 'pass', words: told(text) }
}

type Apart = { readonly calm: Calm; readonly tally: OwnTally; readonly text: () => Sentence }

/** Beyond the limit in a step in which live was so too for a while: what counts is the rest of it. */
function apart(rule: OwnRule, limits: Pick<OwnLimit, 'max' | 'min'>, look: Look, { calm, tally, text }: Apart): Ruling {
  const rest = calm.span?.own.candidate?.[rule.id]
  const excluded = () => say`${formatDuration(calm.excludedMs)} in which live was so too`
  const told = (counted: OwnTally, end: () => Sentence) => () => ({
    actual: actual(rule, counted),
    text: say`${text()}; ${end()}`,
  })
  if (rest && outsideOf(limits, rest))
    return { outcome: 'fail', words: told(tally, () => say`without the ${excluded()}, ${actual(rule, rest)}`) }
  if (calm.suffers) {
    const held = say`live is so now: ${SHARED}; held without a rollback, a person has to look`
    return { outcome: 'fail', shared: true, words: told(tally, () => held) }
  }
  const left = () => say`left out are ${excluded()}, a shared cause`
  const known = rest?.knownMs ?? 0
  if (rest === undefined || known < look.requiredMs) {
    const short = () => say`${left()}; the rest is ${missingTime(known, look.requiredMs)}`
    return { outcome: 'inconclusive', words: told(tally, short) }
  }
  return { outcome: 'pass', words: told(rest, () => say`${left()}; the rest was ${actual(rule, rest)}, within it`) }
}

function outsideOf({ max, min }: Pick<OwnLimit, 'max' | 'min'>, tally: OwnTally) {
  const both = [mean(tally), tally.last]
  if (max !== null && !both.every((value) => value <= max)) return { when: 'above', limit: max } as const
  return min !== null && !both.every((value) => value >= min) ? ({ when: 'below', limit: min } as const) : null
}

function overWindow(rule: OwnRule, trigger: Trigger, look: Look): Ruling {
  const { pool } = windowOf(rule, look)
  const tally = pool?.span.own.candidate?.[rule.id]
  if (pool === null || tally === undefined) return notYet(rule)
  const facts = () => sentence(rule, { tally, span: pool.span, limit: trigger.limit })
  const limit = () => say`the ${ownText(rule.unit, trigger.limit)} that demand a rollback`
  const lasting = () => formatDuration(trigger.forMs)
  const told = (text: () => Sentence) => () => ({ actual: actual(rule, tally), text: text() })
  if (!always(trigger, tally)) {
    const since = beyond(trigger, tally.last)
    const now = since ? say`, ${WHEN[trigger.when]} it only since lately` : ''
    const text = () => say`${facts()}, not ${WHEN[trigger.when]} ${limit()} throughout ${lasting()}${now}`
    return { outcome: since ? 'inconclusive' : 'pass', words: told(text) }
  }
  const text = () => say`${facts()}, ${WHEN[trigger.when]} ${limit()} when it lasts ${lasting()}`
  const { rest, ...follows } = breach(rule, trigger, look, { pool, tally })
  return { outcome: 'fail', ...follows, words: told(() => say`${text()}${rest()}`) }
}

type Breach = { readonly rest: () => Part; readonly triggered: boolean; readonly shared?: boolean }

/** What follows from a whole window beyond the trigger: wait for the rest of it, hold, or roll back. */
function breach(
  rule: OwnRule,
  trigger: Trigger,
  look: Look,
  { pool, tally }: { pool: Pooled; tally: OwnTally },
): Breach {
  if (!pool.complete || tally.knownMs < pool.span.coveredMs) {
    const observed = () => formatDuration(Math.min(pool.exposedMs, tally.knownMs))
    return { rest: () => say`; observed without a gap for ${observed()} so far`, triggered: false }
  }
  const elsewhere = sharedWith(rule, trigger, look, pool)
  if (elsewhere === null) return { rest: () => '', triggered: true }
  const rest = () => say`; ${elsewhere()}; held without a rollback, a person has to look`
  return { rest, triggered: false, shared: true }
}

/** Where the same limit is breached without the candidate: a cause that a rollback would not fix. */
function sharedWith(rule: OwnRule, trigger: Trigger, { component }: Look, pool: Pooled): (() => Sentence) | null {
  const live = rule.perSlot ? pool.span.own.live?.[rule.id] : undefined
  if (live !== undefined && pool.span.live.requests > 0 && always(trigger, live)) {
    return () => say`live had ${ownText(rule.unit, mean(live))} in the same time, so it has a shared cause`
  }
  const before = component.ownBefore[rule.id]
  if (before === undefined || !always(trigger, before)) return null
  return () =>
    say`it was ${ownText(rule.unit, mean(before))} before the first shift, so it was not brought by this release`
}

function beyond({ when, limit }: Trigger, value: number): boolean {
  return when === 'above' ? value > limit : value < limit
}

function always({ when, limit }: Trigger, { min, max }: OwnTally): boolean {
  return when === 'above' ? min > limit : max < limit
}

export function notYet({ metric }: OwnRule): Ruling {
  const text = say`${metric} of the step is unknown: no whole tick with the candidate has been observed yet`
  return { outcome: 'inconclusive', words: () => ({ actual: say`nothing yet`, text }) }
}

type Facts = { readonly tally: OwnTally; readonly span: Span; readonly limit: number }

function sentence(rule: OwnRule, { tally, span, limit }: Facts): Sentence {
  const { unit, metric, perSlot } = rule
  const what = perSlot ? say`${metric} of the candidate` : metric
  const show = (value: number) => ownBeside(unit, value, limit)
  const looks = say`${looksText(tally.looks)} from ${show(tally.min)} to ${show(tally.max)}`
  return say`${what} was ${show(mean(tally))} on average and ${show(tally.last)} last (${looks}, ${timeSpan(span)})`
}

export function actual({ unit }: OwnRule, tally: OwnTally): Sentence {
  return say`${ownText(unit, mean(tally))} (last ${ownText(unit, tally.last)}, ${looksText(tally.looks)})`
}
