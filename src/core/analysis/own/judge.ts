/** One of the service's own numbers, judged. What could not be asked, or was no number, is no evidence (law L3). */
import type { OwnComparison, OwnRule, OwnSilence } from './rule.ts'
import { NEWEST_PART, newestOf, type Pooled } from '../window.ts'
import { allowed, expectation, looksText, ownBeside, ownText } from './text.ts'
import { formatDuration } from '../../time.ts'
import { judgeOwnLimit, notYet } from './limit.ts'
import { timeSpan } from '../text.ts'
import { type Finding, type Look, type Question, type Ruling, finding, windowOf } from '../look.ts'
import { type OwnTally, mean } from './tally.ts'
import { type Sentence, type Told, quote, say } from '../../say.ts'

export function judgeOwn(rule: OwnRule, look: Look): Finding {
  return finding(look, ownQuestion(rule), said(rule, look))
}

export function ownQuestion(rule: OwnRule): Question {
  return { rule: rule.id, expected: () => expectation(rule), of: 'queries' }
}

function said(rule: OwnRule, look: Look): Ruling {
  const unknown = unknownNow(rule, look)
  if (unknown !== null) {
    const text = say`${rule.metric} is unknown: ${unknown}`
    return { outcome: 'no-evidence', words: () => ({ actual: say`no evidence`, text }) }
  }
  switch (rule.demand.kind) {
    case 'limit':
      return judgeOwnLimit(rule, rule.demand, look)
    case 'relative':
      return judgeOwnComparison(rule, rule.demand, look)
    case 'silence':
      return judgeOwnSilence(rule, rule.demand, look)
  }
}

/** Why the newest look brought no number, or null. */
function unknownNow({ id }: OwnRule, { component: { newest } }: Look): Told | null {
  if (newest === null) return say`there is no measurement yet`
  const said = newest.own[id]
  return said === undefined ? say`the metrics source answered nothing to its query` : said === null ? null : quote(said)
}

/**
 * "Unchanged" and "no sudden rise" (R-E04): the mean of a whole window against live in the same time, or against what it
 * was before the first shift. Where the other side is near 0 every rise is above every margin; `slack` says how much of a
 * difference is none.
 */
type Reference = { readonly tally: OwnTally; readonly said: Sentence }

export function judgeOwnComparison(rule: OwnRule, demand: OwnComparison, look: Look): Ruling {
  if (![demand.margin, demand.slack].every((each) => Number.isFinite(each) && each >= 0)) {
    const text = say`rule ${rule.id} names no usable margin (${demand.margin}, ${demand.slack}), so nothing can pass it`
    return { outcome: 'no-evidence', words: () => ({ actual: say`no margin`, text }) }
  }
  const { pool } = windowOf(rule, look)
  const tally = pool?.span.own.candidate?.[rule.id]
  const reference = pool === null ? null : referenceFor(rule, demand, look, pool)
  if (pool === null || tally === undefined || reference === null) {
    const who =
      reference === null && pool !== null ? say`the other side is unknown` : say`the candidate had no traffic yet`
    const text = say`${rule.metric} cannot be compared: ${who}`
    return { outcome: 'inconclusive', words: () => ({ actual: say`nothing to compare`, text }) }
  }
  return conclude(rule, demand, look, { pool, tally, reference })
}

type Sides = { readonly pool: Pooled; readonly tally: OwnTally; readonly reference: Reference }

function conclude(rule: OwnRule, demand: OwnComparison, look: Look, { pool, tally, reference }: Sides): Ruling {
  const { unit, metric } = rule
  const [mine, theirs] = [mean(tally), mean(reference.tally)]
  const room = Math.abs(theirs) * demand.margin + demand.slack
  const edge = mine >= theirs ? theirs + room : theirs - room
  const worse = isWorse(demand, mine - theirs, room)
  const whole = pool.complete && tally.knownMs >= pool.span.coveredMs
  const words = () => {
    const actual = say`${ownBeside(unit, mine, edge)} against ${ownText(unit, theirs)}`
    const other = say`${reference.said} ${ownText(unit, theirs)} (${looksText(reference.tally.looks)})`
    const facts = say`${metric} was ${ownBeside(unit, mine, edge)} on average (${looksText(tally.looks)}, ${timeSpan(pool.span)}), ${other}`
    const bound = say`${allowed(rule, demand)} is allowed`
    if (!worse) return { actual, text: say`${facts}: ${bound}` }
    const observed = say`observed without a gap for ${formatDuration(Math.min(pool.exposedMs, tally.knownMs))} so far`
    const wait = whole ? '' : say`; rollback when it lasts ${formatDuration(demand.forMs)}, ${observed}`
    return { actual, text: say`${facts}, but ${bound}${wait}` }
  }
  if (!worse) return { outcome: 'pass', words }
  const over = whole ? whenOver(rule, demand, look) : null
  if (over === null) return { outcome: 'fail', triggered: whole, words }
  const told = () => ({ ...words(), text: say`${words().text}; ${over()}` })
  return { outcome: 'inconclusive', words: told }
}

/** Set where the newest part of the window is within what is allowed; null where it is not, or brought no number. */
function whenOver(rule: OwnRule, demand: OwnComparison, look: Look): (() => Sentence) | null {
  const newest = newestOf(windowOf(rule, look).window, NEWEST_PART)
  const tally = newest?.span.own.candidate?.[rule.id]
  const reference = newest && referenceFor(rule, demand, look, newest)
  if (!newest || tally === undefined || !reference) return null
  const [mine, theirs] = [mean(tally), mean(reference.tally)]
  if (isWorse(demand, mine - theirs, Math.abs(theirs) * demand.margin + demand.slack)) return null
  return () =>
    say`its newest part (${timeSpan(newest.span)}) is within it, ${ownText(rule.unit, mine)} against ${ownText(rule.unit, theirs)}: nothing is taken back for what is over`
}

function isWorse({ worse }: OwnComparison, difference: number, room: number): boolean {
  const isBeyond = Math.abs(difference) > room * (1 + 1e-9)
  return isBeyond && (worse === 'either' || (worse === 'higher' ? difference > 0 : difference < 0))
}

/** Live beside the candidate; where the candidate has all traffic, live as it was just before; or before the rollout. */
function referenceFor(rule: OwnRule, { to }: OwnComparison, look: Look, pool: Pooled): Reference | null {
  if (to === 'before') return taken(look.component.ownBefore[rule.id], say`before the first shift`)
  const { window } = windowOf(rule, look)
  return window.granules.at(-1)?.exposure === 'all'
    ? taken(window.lastLive?.own.live?.[rule.id], say`that of live before the candidate had all traffic`)
    : taken(pool.span.own.live?.[rule.id], say`that of live in the same time`)
}

function taken(tally: OwnTally | undefined, text: Sentence): Reference | null {
  return tally === undefined ? null : { tally, said: text }
}

/** Silence by a query (R-E07): `increase(log_lines_total[1m])` that stays 0 for the whole window. */
export function judgeOwnSilence(rule: OwnRule, { silenceMs }: OwnSilence, look: Look): Ruling {
  const { pool } = windowOf(rule, look)
  const tally = pool?.span.own.candidate?.[rule.id]
  if (pool === null || tally === undefined) return notYet(rule)
  const { metric, unit } = rule
  const when = () => timeSpan(pool.span)
  const limit = () => formatDuration(silenceMs)
  if (tally.max > 0) {
    const heard = () => say`at most ${ownText(unit, tally.max)} (${looksText(tally.looks)})`
    const text = () => say`${metric} was ${heard()} in ${when()}, so there is no silence`
    return { outcome: 'pass', words: () => ({ actual: heard(), text: text() }) }
  }
  if (pool.complete && tally.knownMs >= pool.span.coveredMs) {
    const text = () => say`${metric} was never above 0 for ${limit()} (${when()}): silence is a failure`
    const words = () => ({ actual: say`silent for ${limit()}`, text: text() })
    return { outcome: 'fail', triggered: true, words }
  }
  const words = () => {
    const observed = formatDuration(Math.min(pool.exposedMs, tally.knownMs))
    const text = say`${metric} was not above 0 yet (${when()}, observed for ${observed} of ${limit()})`
    return { actual: say`silent for ${observed}`, text }
  }
  return { outcome: 'inconclusive', words }
}
