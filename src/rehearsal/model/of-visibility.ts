/**
 * The rules of missing data, said of what the checker knows alone: users are never left on what nobody can see, people are told
 * in time, whoever answers is obeyed, and nobody is taken back early.
 */
import type { Plan } from '../../core/plan.ts'
import type { Recorded } from '../../core/rollout/events.ts'
import { noDataForMs, lookLimitMs } from '../../core/rollout/no-data.ts'
import type { Instant } from '../../core/time.ts'
import type { Facts } from './facts.ts'
import { missed, PARTS, type SeenPart, type SeenParts } from './visibility.ts'

export function missedBy(facts: Facts, key: string, at: Instant): SeenParts {
  const asked = facts.waits.find((each) => each.key === key)?.command
  if (asked?.type !== 'Observe') return facts.seenParts
  const both = missed(missed(facts.seenParts, 'slot', at), 'route', at)
  return asked.metrics ? missed(both, 'metrics', at) : both
}

const LOOKS = 3

type Timed = { readonly facts: Facts; readonly now: Instant; readonly plan: Plan }

/** How long this part has been missed beyond the limit that it has; negative while there is time. */
function beyond({ facts, now, plan }: Timed, part: SeenPart): number {
  const { from, looks } = facts.seenParts[part]
  if (from === null || looks < LOOKS) return Number.NEGATIVE_INFINITY
  return now - from - (isSlow(facts, part) ? noDataForMs(plan) : lookLimitMs(plan))
}

/** What people may answer for: counts, and everything of a first release. */
function isSlow({ stable }: Facts, part: SeenPart): boolean {
  return part === 'metrics' || stable === null
}

function isExposed({ back, end, shareOrdered, step }: Facts): boolean {
  return !back && !end && shareOrdered > 0 && step !== null
}

/** Afterwards: nobody is left without data. */
export function leftWithoutData(timed: Timed): string | null {
  const { facts } = timed
  if (!isExposed(facts)) return null
  const late = PARTS.find((part) => beyond(timed, part) >= 0 && !(facts.answered && isSlow(facts, part)))
  return late ? `nobody has seen the ${late} for ${beyond(timed, late)} ms more than allowed` : null
}

/** Afterwards: what people may answer for, they were told of. */
export function keptNoData({ facts, now, plan }: Timed): string | null {
  if (!isExposed(facts) || facts.toldNoData) return null
  const part = PARTS.find((each) => {
    const { from, looks } = facts.seenParts[each]
    return isSlow(facts, each) && from !== null && looks >= LOOKS && now - from >= lookLimitMs(plan)
  })
  return part ? `nobody was told that the ${part} cannot be seen` : null
}

/** Of an event: it goes back for missing data only when it is time, and not for what somebody answered for. */
export function rollsBackWithData(facts: Facts, event: Recorded, plan: Plan): string | null {
  if (event.type !== 'RollbackTriggered' || event.data.cause !== 'no-data') return null
  const timed = { facts, now: event.at, plan }
  const late = PARTS.filter((part) => beyond(timed, part) >= 0)
  if (late.length === 0) return 'nothing has been missed for long enough'
  return late.every((part) => facts.answered && isSlow(facts, part)) ? 'somebody said that it shall wait' : null
}

/** Of an event: a hold or bake ends only when its last look showed the candidate and its route. */
export function endsWithoutData({ seenParts }: Facts, event: Recorded): string | null {
  if (event.type !== 'StepFinished' || event.data.track !== 'forward') return null
  if (event.data.kind !== 'hold' && event.data.kind !== 'bake') return null
  const part = (['slot', 'route'] as const).find((each) => seenParts[each].from !== null)
  return part ? `the newest look did not show the ${part}` : null
}
