/**
 * Limits in a step, or a window, in part of which live was above them as well: what both sides suffer from was not brought
 * by the candidate, and once it has ended it does not count against it. What counts is the rest of the time.
 */
import { formatDuration } from '../time.ts'
import type { Role } from '../observed.ts'
import { actual, BAD_REQUESTS_MIN, readSide, requestsToTrigger, sentence, stretchOf } from './limit-reading.ts'
import type { Look, Said } from './look.ts'
import { allowedShare, isLatency, missingTime, type Reading } from './reading.ts'
import type { LimitRule } from './rules.ts'
import type { Calm } from './shared-cause.ts'
import type { Span } from './state.ts'
import { count, limitText, timeOfDay, timeSpan } from './text.ts'

export const SHARED = 'a shared cause that going back would not mend'

type Apart = { readonly calm: Calm; readonly all: Reading; readonly text: () => string }
type Rest = { readonly span: Span; readonly reading: Reading }

/** What follows from a value above a trigger: `rest` goes on where the sentence about the value ends. */
export type Breach = { readonly rest: () => string; readonly triggered: boolean; readonly shared?: boolean }

/** Above the limit since the step began, as `text` says. */
export function apart(rule: LimitRule, max: number, look: Look, { calm, all, text }: Apart): Said {
  const rest = restOf(rule, max, look, calm)
  const more = moreThanShared(rule, max, look, { calm, all })
  const told = (end: () => string) => () => ({ actual: actual(all), text: `${text()}; ${end()}` })
  const excluded = () => `${formatDuration(calm.excludedMs)} in which live was above`
  if (more !== null) return { outcome: 'fail', words: told(more) }
  if (rest?.reading.over)
    return { outcome: 'fail', words: told(() => `without the ${excluded()} it too, ${actual(rest.reading)}`) }
  if (calm.suffers) {
    const held = `live is above it now: ${SHARED}; held without a rollback, a person has to look`
    return { outcome: 'fail', shared: true, words: told(() => held) }
  }
  const limit = () => limitText(rule.metric, max)
  const left = () => `left out are ${excluded()} the ${limit()} too, a shared cause`
  if (rest !== null) {
    const within = () => `within the ${limit()} it may have to advance; ${left()} ${badThen(all, rest)}`
    return judgeRest(rule, look, rest, within)
  }
  const few = () => `${left()}; the rest has too few requests to judge, ${look.minRequests} are needed`
  return { outcome: 'inconclusive', words: told(few) }
}

/** Null where there is too little of it. */
function restOf(rule: LimitRule, max: number, look: Look, { span }: Calm): Rest | null {
  if (span === null) return null
  const reading = readSide(rule, max, look, { stretch: stretchOf(span, { lasting: false }), role: 'candidate' })
  return reading.n >= Math.max(1, look.minRequests) ? { span, reading } : null
}

/** What the candidate did beside live while that suffered: clearly worse than live is not what both suffer from. */
function moreThanShared(
  rule: LimitRule,
  max: number,
  look: Look,
  { calm: { span: rest }, all }: Pick<Apart, 'calm' | 'all'>,
): (() => string) | null {
  const { sinceStep } = look.component
  if (sinceStep === null) return null
  const reading = (span: Span, role: Role) =>
    readSide(rule, max, look, { stretch: stretchOf(span, { lasting: false }), role })
  const mine = rest ? without(all, reading(rest, 'candidate')) : all
  const live = rest ? without(reading(sinceStep, 'live'), reading(rest, 'live')) : reading(sinceStep, 'live')
  if (live.n === 0 || mine.bad - (2 * live.bad * mine.n) / live.n < BAD_REQUESTS_MIN) return null
  const counts = (side: Counts) => `${count(side.bad)} of ${count(side.n)} requests`
  return () => `while live suffered (${counts(live)}) it suffered more than twice as much (${counts(mine)})`
}

type Counts = Pick<Reading, 'n' | 'bad'>

function without(all: Counts, part: Counts): Counts {
  return { n: all.n - part.n, bad: all.bad - part.bad }
}

function judgeRest(rule: LimitRule, look: Look, { span, reading }: Rest, within: () => string): Said {
  const isLong = span.coveredMs >= look.requiredMs
  const words = () => {
    const text = `${sentence(rule, reading)}, ${timeSpan(span)}), ${within()}`
    const short = isLong ? '' : `; ${missingTime(span.coveredMs, look.requiredMs)}`
    return { actual: actual(reading), text: text + short }
  }
  return { outcome: isLong ? 'pass' : 'inconclusive', words }
}

function badThen(all: Reading, { reading }: Rest): string {
  return `(${count(all.bad - reading.bad)} of ${count(all.n - reading.n)} requests of the candidate were bad then)`
}

/**
 * A window that the shared cause is leaving: live, which was above the limit, still is above half of it. Only what the
 * candidate did since then demands a rollback.
 */
export function sinceSharedCause(
  rule: LimitRule,
  { above }: NonNullable<LimitRule['trigger']>,
  look: Look,
  { live, text }: { readonly live: Reading; readonly text: () => string },
): Breach {
  const calm = look.component.shared.window[rule.id]
  const share = isLatency(rule.metric) ? allowedShare(rule.metric) : above
  if (calm === undefined || live.bad * 2 <= share * live.n) return { rest: text, triggered: true }
  const stretch = calm.span && stretchOf(calm.span, { lasting: true })
  const since = stretch && readSide(rule, above, look, { stretch, role: 'candidate' })
  const own = since !== null && since.over && since.bad >= BAD_REQUESTS_MIN && since.n >= requestsToTrigger(look)
  if (own) return { rest: () => `${text()}; since live kept the limit again ${actual(since)}`, triggered: true }
  const ended = () => `live was above it until ${timeOfDay(calm.lastAt)} UTC, ${SHARED}`
  const unseen = 'and since then the candidate was not seen to be above it'
  return { rest: () => `${text()}; ${ended()}, ${unseen}`, triggered: false, shared: true }
}
