/** What follows when something cannot be seen while users are on the candidate: see `sight.ts` for what, and how long. */
import { timeOfDay } from '../analysis/text.ts'
import { asClause } from '../sentence.ts'
import { after, formatDuration, type Instant } from '../time.ts'
import type { Alarm } from '../views.ts'
import type { RolloutEvent } from './events.ts'
import { BLIND_LOOKS, blindForMs, lookLimitMs, type Unseen, unseen } from './sight.ts'
import type { RolloutState } from './state.ts'
import type { Trigger } from './triggers.ts'

/** Everything must have been seen for so many ticks before the next blindness is another one. */
const QUIET_TICKS = 12

/** A pause stops this no more than any other trigger. */
export function blinded(state: RolloutState, now: Instant): Trigger | null {
  const late = missed(state).filter((part) => part.looks >= BLIND_LOOKS && now >= limitOf(state, part))
  if (late.length === 0) return null
  const unasked = late.some(({ importance }) => importance === 'slow') ? ', and nobody said that it shall wait' : ''
  return { cause: 'blind', text: `${late.map((part) => lateText(part, now)).join('; ')}${unasked}`, verdict: null }
}

/** People are told of what is missed slowly as soon as it is sure, and when it is over. */
export function blindnessNews(state: RolloutState, now: Instant): readonly RolloutEvent[] {
  const { blindness, plan, exposed } = state
  if (!exposed) return []
  const soonMs = lookLimitMs(plan)
  const sure = missed(state).filter(
    ({ importance, looks, from }) => importance === 'slow' && looks >= BLIND_LOOKS && now - from >= soonMs,
  )
  if (sure.some(({ name }) => !blindness?.parts.includes(name))) {
    const parts = sure.map(({ name, since, why }) => ({ what: name, since, why }))
    const until = Math.min(...sure.map((part) => limitOf(state, part))) as Instant
    return [{ type: 'BlindnessFound', data: { parts, until } }]
  }
  if (!blindness?.quietSince || now - blindness.quietSince < QUIET_TICKS * plan.timings.tickMs) return []
  return [{ type: 'BlindnessEnded', data: { lastedMs: Math.max(0, blindness.quietSince - blindness.since) } }]
}

/** A person says by name that the release shall wait; empty when there is nothing of which that could be said. */
export function answeredFor({ status, blindness }: RolloutState, by: string): readonly RolloutEvent[] {
  if (status !== 'running' || blindness === null || blindness.answeredBy !== null) return []
  return [{ type: 'BlindnessAnswered', data: { by, parts: blindness.parts } }]
}

/** When the candidate goes back unless something is seen again or somebody answers; null: it does not. */
export function goesBackAt(state: RolloutState): Instant | null {
  if (state.status !== 'running' || !state.exposed) return null
  const limits = missed(state).map((part) => limitOf(state, part))
  return limits.length === 0 ? null : (Math.min(...limits) as Instant)
}

/** What cannot be seen, for people: one look that failed is not worth a word. */
export function blindAlarms(state: RolloutState): readonly Alarm[] {
  const counted = state.status === 'running' && state.exposed ? missed(state) : []
  return unseen(state)
    .filter(({ looks }) => looks > 1)
    .map((part) => ({
      kind: 'blind',
      what: part.name,
      since: part.since,
      until: counted.some(({ name }) => name === part.name) ? limitOf(state, part) : null,
      why: part.why,
    }))
}

/** What counts against the candidate. */
function missed(state: RolloutState): readonly Unseen[] {
  const { blindness } = state
  const answered = (name: string) => blindness?.answeredBy != null && blindness.parts.includes(name)
  return unseen(state).filter(({ name, importance }) => importance !== 'standby' && !answered(name))
}

function limitOf({ plan }: RolloutState, { importance, from }: Unseen): Instant {
  return after(from, importance === 'slow' ? blindForMs(plan) : lookLimitMs(plan))
}

function lateText({ name, since, looks, why }: Unseen, now: Instant): string {
  return `${name} could not be seen for ${formatDuration(now - since)}, ${looks} looks in a row: ${why}`
}

/** `metrics of api: not seen since 12:00:05 UTC, connection refused` */
export function blindText({
  what,
  since,
  why,
}: {
  readonly what: string
  readonly since: Instant
  readonly why: string
}) {
  return `${what}: not seen since ${timeOfDay(since)} UTC, ${asClause(why)}`
}
