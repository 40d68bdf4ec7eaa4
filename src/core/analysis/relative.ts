/**
 * "Not more than 50 % above live" (R-E03), as the runbooks ask for it: raw ratios of pooled windows. At small traffic such
 * a rule stops healthy releases (one error against none is above every margin); `plan` says so, and the sequential
 * comparison is the better choice. Latencies compare by quantile of the pooled histograms.
 */
import { say, type Sentence } from '../say.ts'
import { formatDuration } from '../time.ts'
import { type Finding, finding, type Look, type Question, type Ruling, windowOf, type Words } from './look.ts'
import { type Packed, packedQuantiles, settled } from './packed.ts'
import { isLatency, quantileOf, ratio, requestsToTrigger } from './reading.ts'
import type { RelativeRule } from './rules.ts'
import type { Span, Tally } from './state.ts'
import { SUM_LATENCY_CHARS } from './tally.ts'
import { count, latency, METRIC_NAMES, percent, percentBeside, timeSpan } from './text.ts'
import { NEWEST_PART, newestOf, type Pooled } from './window.ts'

type Reference = { readonly tally: Tally; readonly latency: () => Packed; readonly said: () => Sentence }
type Compared = {
  readonly candidate: number
  readonly reference: number
  readonly show: (value: number) => string
  readonly n: (tally: Tally) => number
}

export function judgeRelative(rule: RelativeRule, look: Look): Finding {
  return finding(look, relativeQuestion(rule), compare(rule, look))
}

export function relativeQuestion(rule: RelativeRule): Question {
  const expected = () =>
    say`${METRIC_NAMES[rule.metric]} at most ${percent(rule.margin)} above ${nameOf(rule)} for ${formatDuration(rule.forMs)}`
  return { rule: rule.id, expected, of: 'counts' }
}

function compare(rule: RelativeRule, look: Look): Ruling {
  const name = METRIC_NAMES[rule.metric]
  if (!(Number.isFinite(rule.margin) && rule.margin >= 0)) {
    const text = say`rule ${rule.id} names no usable margin (${rule.margin}), so nothing can pass it`
    return { outcome: 'no-evidence', words: () => ({ actual: say`no margin`, text }) }
  }
  const { pool } = windowOf(rule, look)
  const reference = referenceFor(rule, look, pool)
  if (pool === null || reference === null) {
    const who = pool === null ? say`the candidate had no traffic yet` : say`nothing is known of ${nameOf(rule)}`
    const text = say`${name} cannot be compared: ${who}`
    return { outcome: 'inconclusive', words: () => ({ actual: say`nothing to compare`, text }) }
  }
  return weigh(rule, look, pool, reference)
}

function weigh(rule: RelativeRule, look: Look, pool: Pooled, reference: Reference): Ruling {
  const { candidate } = pool.span
  const compared = measure(rule, look, pool, reference)
  const name = METRIC_NAMES[rule.metric]
  const mine = compared.n(candidate)
  const theirs = compared.n(reference.tally)
  if (candidate.requests > 0 && mine === 0) {
    const text = say`${name} of the candidate is unknown: requests were counted, but no latency`
    return { outcome: 'no-evidence', words: () => ({ actual: say`no evidence`, text }) }
  }
  const needed = Math.max(1, look.minRequests)
  if (mine < needed || theirs < needed) {
    const text = () =>
      say`${name} cannot be compared: ${count(mine)} requests of the candidate and ${count(theirs)} of ${reference.said()} are too few, ${needed} of each are needed`
    const words = () => ({ actual: say`${count(mine)} and ${count(theirs)} requests`, text: text() })
    return { outcome: 'inconclusive', words }
  }
  return conclude(rule, look, { pool, reference, compared })
}

type Weighed = { readonly pool: Pooled; readonly reference: Reference; readonly compared: Compared }

function conclude(rule: RelativeRule, look: Look, { pool, reference, compared }: Weighed): Ruling {
  const limit = compared.reference * (1 + rule.margin)
  const within = compared.candidate <= limit * (1 + 1e-9)
  const words = () => comparedText(rule, pool, reference, { ...compared, limit, within })
  if (within) return { outcome: 'pass', words }
  const over = pool.complete ? whenOver(rule, look) : null
  if (over === null) return { outcome: 'fail', triggered: pool.complete, words }
  const told = (): Words => {
    const { actual, text } = words()
    return { actual, text: say`${text}; ${over()}` }
  }
  return { outcome: 'inconclusive', words: told }
}

/** Set where the newest part of the window is within the margin; too few requests there say nothing. */
function whenOver(rule: RelativeRule, look: Look): (() => Sentence) | null {
  const newest = newestOf(windowOf(rule, look).window, NEWEST_PART)
  const reference = referenceFor(rule, look, newest)
  if (newest === null || reference === null) return null
  const { candidate, reference: theirs, n, show } = measure(rule, look, newest, reference)
  if (Math.min(n(newest.span.candidate), n(reference.tally)) < requestsToTrigger(look)) return null
  if (!(candidate <= theirs * (1 + rule.margin) * (1 + 1e-9))) return null
  return () =>
    say`its newest part (${timeSpan(newest.span)}) is within it, ${show(candidate)} against ${show(theirs)}: nothing is taken back for what is over`
}

type Concluded = Compared & { readonly limit: number; readonly within: boolean }

function comparedText(rule: RelativeRule, pool: Pooled, reference: Reference, concluded: Concluded): Words {
  const { candidate } = pool.span
  const { n, show, limit, within } = concluded
  const mine = isLatency(rule.metric) ? show(concluded.candidate) : percentBeside(concluded.candidate, limit)
  const theirs = show(concluded.reference)
  const [ours, others] = [tallied(rule, candidate, n(candidate)), tallied(rule, reference.tally, n(reference.tally))]
  const facts = say`${METRIC_NAMES[rule.metric]} of the candidate was ${mine} (${ours}, ${timeSpan(pool.span)}), that of ${reference.said()} ${theirs} (${others})`
  const allowed = say`${percent(rule.margin)} above (${show(limit)})`
  const actual = say`${mine} against ${theirs}`
  if (within) return { actual, text: say`${facts}: not more than the ${allowed} that are allowed` }
  const observed = say`observed without a gap for ${formatDuration(pool.exposedMs)} so far`
  const lasting = formatDuration(rule.forMs)
  const rest = pool.complete ? say`, for ${lasting} now` : say`; rollback when it lasts ${lasting}, ${observed}`
  return { actual, text: say`${facts}: more than the ${allowed} that are allowed${rest}` }
}

function measure(rule: RelativeRule, look: Look, pool: Pooled, reference: Reference): Compared {
  if (!isLatency(rule.metric)) {
    const rate = ({ errors, requests }: Tally) => ratio(errors, requests)
    const n = ({ errors, requests }: Tally) => Math.max(errors, requests)
    return { candidate: rate(pool.span.candidate), reference: rate(reference.tally), show: percent, n }
  }
  const texts = [pool.latency('candidate'), reference.latency()]
  const [mine, theirs] = packedQuantiles(texts, look.component.scale, quantileOf(rule.metric))
  const n = ({ timed }: Tally) => timed
  return { candidate: mine ?? Number.NaN, reference: theirs ?? Number.NaN, show: latency, n }
}

/** Live beside the candidate; where the candidate has all traffic, live as it was just before; or before the rollout. */
function referenceFor(rule: RelativeRule, look: Look, pool: Pooled | null): Reference | null {
  const { component } = look
  if (rule.to === 'before') return past(component.before, say`live before the first shift`)
  const { window } = windowOf(rule, look)
  if (window.granules.at(-1)?.exposure !== 'all')
    return (
      pool && { tally: pool.span.live, latency: () => pool.latency('live'), said: () => say`live in the same time` }
    )
  return past(window.lastLive, say`live before the candidate had all traffic`)
}

function past(span: Span | null, said: Sentence): Reference | null {
  if (span === null) return null
  const latency = () => settled(span.live.latency, SUM_LATENCY_CHARS)
  return { tally: span.live, latency, said: () => say`${said}, ${timeSpan(span)},` }
}

function nameOf({ to }: RelativeRule): Sentence {
  return to === 'live' ? say`live` : say`live before the first shift`
}

function tallied(rule: RelativeRule, { errors }: Tally, n: number): Sentence {
  return isLatency(rule.metric) ? say`${count(n)} requests` : say`${count(errors)} of ${count(n)} requests`
}
