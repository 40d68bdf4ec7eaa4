/**
 * Limits in a step, or a window, in part of which live was above them as well: what both sides suffer from was not brought
 * by the candidate, and once it has ended it does not count against it. What counts is the rest of the time.
 */
import { type Part, say, type Sentence } from '../say.ts'
import { formatDuration } from '../time.ts'
import type { Role } from '../observed.ts'
import {
  BAD_REQUESTS_MIN,
  type Reading,
  actual,
  allowedShare,
  isLatency,
  missingTime,
  readSide,
  requestsToTrigger,
  sentence,
  stretchOf,
} from './reading.ts'
import type { Look, Ruling } from './look.ts'
import type { LimitRule } from './rules.ts'
import type { Calm, Span } from './state.ts'
import { count, limitText, timeOfDay, timeSpan } from './text.ts'

export const SHARED = say`a shared cause that a rollback would not fix`

type Apart = { readonly calm: Calm; readonly all: Reading; readonly text: () => Sentence }
type Rest = { readonly span: Span; readonly reading: Reading }

/** What follows from a value above a trigger: `rest` goes on where the sentence about the value ends. */
export type Breach = { readonly rest: () => Part; readonly triggered: boolean; readonly shared?: boolean }

/** Above the limit since the step began, as `text` says. */
export function apart(rule: LimitRule, max: number, look: Look, { calm, all, text }: Apart): Ruling {
  const rest = restOf(rule, max, look, calm)
  const more = moreThanShared(rule, max, look, { calm, all })
  const told = (end: () => Part) => () => ({ actual: actual(all), text: say`${text()}; ${end()}` })
  const excluded = () => say`${formatDuration(calm.excludedMs)} in which live was above`
  if (more !== null) return { outcome: 'fail', words: told(more) }
  if (rest?.reading.over)
    return { outcome: 'fail', words: told(() => say`without the ${excluded()} it too, ${actual(rest.reading)}`) }
  if (calm.suffers) {
    const held = say`live is above it now: ${SHARED}; held without a rollback, a person has to look`
    return { outcome: 'fail', shared: true, words: told(() => held) }
  }
  const limit = () => limitText(rule.metric, max)
  const left = () => say`left out are ${excluded()} the ${limit()} too, a shared cause`
  if (rest !== null) {
    const within = () => say`within the ${limit()} it may have to advance; ${left()} ${badThen(all, rest)}`
    return judgeRest(rule, look, rest, within)
  }
  const few = () => say`${left()}; the rest has too few requests to judge, ${look.minRequests} are needed`
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
): (() => Sentence) | null {
  const { sinceStep } = look.component
  if (sinceStep === null) return null
  const reading = (span: Span, role: Role) =>
    readSide(rule, max, look, { stretch: stretchOf(span, { lasting: false }), role })
  const mine = rest ? without(all, reading(rest, 'candidate')) : all
  const live = rest ? without(reading(sinceStep, 'live'), reading(rest, 'live')) : reading(sinceStep, 'live')
  if (live.n === 0 || mine.bad - (2 * live.bad * mine.n) / live.n < BAD_REQUESTS_MIN) return null
  const counts = (side: Counts) => say`${count(side.bad)} of ${count(side.n)} requests`
  return () => say`while live suffered (${counts(live)}) it suffered more than twice as much (${counts(mine)})`
}

type Counts = Pick<Reading, 'n' | 'bad'>

function without(all: Counts, part: Counts): Counts {
  return { n: all.n - part.n, bad: all.bad - part.bad }
}

function judgeRest(rule: LimitRule, look: Look, { span, reading }: Rest, within: () => Sentence): Ruling {
  const isLong = span.coveredMs >= look.requiredMs
  const words = () => {
    const text = say`${sentence(rule, reading)}, ${timeSpan(span)}), ${within()}`
    const known = () => missingTime(span.coveredMs, look.requiredMs)
    return { actual: actual(reading), text: isLong ? text : say`${text}; ${known()}` }
  }
  return { outcome: isLong ? 'pass' : 'inconclusive', words }
}

function badThen(all: Reading, { reading }: Rest): Sentence {
  return say`(${count(all.bad - reading.bad)} of ${count(all.n - reading.n)} requests of the candidate were bad then)`
}

/**
 * A window that the shared cause is leaving: live, which was above the limit, still is above half of it. Only what the
 * candidate did since then demands a rollback.
 */
export function sinceSharedCause(
  rule: LimitRule,
  { above }: NonNullable<LimitRule['trigger']>,
  look: Look,
  { live, text }: { readonly live: Reading; readonly text: () => Sentence },
): Breach {
  const calm = look.component.shared.window[rule.id]
  const share = isLatency(rule.metric) ? allowedShare(rule.metric) : above
  if (calm === undefined || live.bad * 2 <= share * live.n) return { rest: text, triggered: true }
  const stretch = calm.span && stretchOf(calm.span, { lasting: true })
  const since = stretch && readSide(rule, above, look, { stretch, role: 'candidate' })
  const own = since !== null && since.over && since.bad >= BAD_REQUESTS_MIN && since.n >= requestsToTrigger(look)
  if (own) return { rest: () => say`${text()}; since live kept the limit again ${actual(since)}`, triggered: true }
  const ended = () => say`live was above it until ${timeOfDay(calm.lastAt)} UTC, ${SHARED}`
  const unseen = say`and since then the candidate was not seen to be above it`
  return { rest: () => say`${text()}; ${ended()}, ${unseen}`, triggered: false, shared: true }
}
