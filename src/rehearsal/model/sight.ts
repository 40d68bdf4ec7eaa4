/**
 * What the checker itself knows of what could be seen of the candidate, and the rules of blindness said of that alone: users
 * are never left on what nobody can see, people are told in time, whoever answers is obeyed, and nobody is taken back early.
 */
import type { Plan } from '../../core/plan.ts'
import type { Recorded } from '../../core/rollout/events.ts'
import { blindForMs, lookLimitMs } from '../../core/rollout/blindness.ts'
import type { Instant } from '../../core/time.ts'
import type { Facts } from './facts.ts'

export type SightPart = 'slot' | 'route' | 'metrics'
/** `seen`: by a look or an answer, last. `from`: what the limit counts from; null while the newest look showed it. */
export type Sight = { readonly seen: Instant | null; readonly from: Instant | null; readonly looks: number }

export type Sights = Readonly<Record<SightPart, Sight>>

const NEVER: Sight = { seen: null, from: null, looks: 0 }
export const NO_SIGHTS: Sights = { slot: NEVER, route: NEVER, metrics: NEVER }

export const PARTS: readonly SightPart[] = ['slot', 'route', 'metrics']

export function saw(sights: Sights, part: SightPart, at: Instant): Sights {
  return { ...sights, [part]: { seen: at, from: null, looks: 0 } }
}

/** An answer to an order shows what is there, but is no look. */
export function answeredWith(sights: Sights, part: SightPart, at: Instant): Sights {
  return { ...sights, [part]: { ...sights[part], seen: at } }
}

export function missed(sights: Sights, part: SightPart, at: Instant): Sights {
  const { seen, from, looks } = sights[part]
  return { ...sights, [part]: { seen, from: from ?? seen ?? at, looks: looks + 1 } }
}

export function missedBy(facts: Facts, key: string, at: Instant): Sights {
  const asked = facts.waits.find((each) => each.key === key)?.command
  if (asked?.type !== 'Observe') return facts.sights
  const both = missed(missed(facts.sights, 'slot', at), 'route', at)
  return asked.metrics ? missed(both, 'metrics', at) : both
}

/** Users meet the candidate: whatever was missed before harmed nobody. */
export function countedFrom(sights: Sights, at: Instant): Sights {
  const anew = (sight: Sight): Sight => (sight.from === null ? sight : { ...sight, from: at, looks: 0 })
  return { slot: anew(sights.slot), route: anew(sights.route), metrics: anew(sights.metrics) }
}

export function shiftedBy(sights: Sights, ms: number): Sights {
  const moved = ({ seen, from, looks }: Sight): Sight => ({
    seen: seen !== null && ms < 0 ? ((seen + ms) as Instant) : seen,
    from: from === null ? null : ((from + ms) as Instant),
    looks,
  })
  return { slot: moved(sights.slot), route: moved(sights.route), metrics: moved(sights.metrics) }
}

const LOOKS = 3

type Timed = { readonly facts: Facts; readonly now: Instant; readonly plan: Plan }

/** How long this part has been missed beyond the limit that it has; negative while there is time. */
function beyond({ facts, now, plan }: Timed, part: SightPart): number {
  const { from, looks } = facts.sights[part]
  if (from === null || looks < LOOKS) return Number.NEGATIVE_INFINITY
  return now - from - (isSlow(facts, part) ? blindForMs(plan) : lookLimitMs(plan))
}

/** What people may answer for: counts, and everything of a first release. */
function isSlow({ stable }: Facts, part: SightPart): boolean {
  return part === 'metrics' || stable === null
}

function isExposed({ back, end, shareOrdered, step }: Facts): boolean {
  return !back && !end && shareOrdered > 0 && step !== null
}

/** Afterwards: nobody is left blind. */
export function leftBlind(timed: Timed): string | null {
  const { facts } = timed
  if (!isExposed(facts)) return null
  const late = PARTS.find((part) => beyond(timed, part) >= 0 && !(facts.answered && isSlow(facts, part)))
  return late ? `nobody has seen the ${late} for ${beyond(timed, late)} ms more than allowed` : null
}

/** Afterwards: what people may answer for, they were told of. */
export function keptBlindness({ facts, now, plan }: Timed): string | null {
  if (!isExposed(facts) || facts.toldBlind) return null
  const part = PARTS.find((each) => {
    const { from, looks } = facts.sights[each]
    return isSlow(facts, each) && from !== null && looks >= LOOKS && now - from >= lookLimitMs(plan)
  })
  return part ? `nobody was told that the ${part} cannot be seen` : null
}

/** Of an event: it goes back for blindness only when it is time, and not for what somebody answered for. */
export function goesBackSeeing(facts: Facts, event: Recorded, plan: Plan): string | null {
  if (event.type !== 'RollbackTriggered' || event.data.cause !== 'blind') return null
  const timed = { facts, now: event.at, plan }
  const late = PARTS.filter((part) => beyond(timed, part) >= 0)
  if (late.length === 0) return 'nothing has been missed for long enough'
  return late.every((part) => facts.answered && isSlow(facts, part)) ? 'somebody said that it shall wait' : null
}

/** Of an event: a hold or bake ends only when its last look showed the candidate and its route. */
export function endsBlind({ sights }: Facts, event: Recorded): string | null {
  if (event.type !== 'StepFinished' || event.data.track !== 'forward') return null
  if (event.data.kind !== 'hold' && event.data.kind !== 'bake') return null
  const part = (['slot', 'route'] as const).find((each) => sights[each].from !== null)
  return part ? `the newest look did not show the ${part}` : null
}
