/**
 * Between releases: what serves is not as it should be. One bad look is not worth a word, a restart heals itself; what lasts
 * opens an incident and is told once, and told again when it is well.
 */
import { type Alarm, alarm } from '../alarm.ts'
import { listed, saidOr, verbatim } from '../say.ts'
import type { Instant } from '../time.ts'
import { allDifferences } from './serving.ts'
import type { EventData, RolloutEvent } from './events.ts'
import type { RolloutState, Unwell } from './state.ts'

/** What lasts longer is no restart. */
const UNWELL_MS = 15_000
/** What was told is over when it was well for so long; before that, it comes and goes. */
const QUIET_MS = 60_000

type Looked = Pick<EventData<'WorldObserved'>, 'failures'>

/** After a look at what is in force; what could not be seen is neither well nor unwell. */
export function feltAfter(state: RolloutState, { failures }: Looked, at: Instant): Unwell | null {
  const { unwell } = state
  if (state.status !== 'finalized') return null
  const found = allDifferences(state)
  if (found.length > 0) return { since: unwell?.since ?? at, found, told: unwell?.told ?? false, quietSince: null }
  if (unwell === null || failures.length > 0) return unwell
  return unwell.told ? { ...unwell, quietSince: unwell.quietSince ?? at } : null
}

/** By looks alone: time in which nobody looked says nothing. */
export function unwellNews({ unwell, lookedAt, status }: RolloutState): readonly RolloutEvent[] {
  if (status !== 'finalized' || unwell === null || lookedAt === null) return []
  const { since, found, told, quietSince } = unwell
  if (!told)
    return lookedAt - since >= UNWELL_MS && quietSince === null
      ? [{ type: 'UnwellFound', data: { since, found, isDown: found.some(({ isDown }) => isDown) } }]
      : []
  if (quietSince === null || lookedAt - quietSince < QUIET_MS) return []
  return [{ type: 'UnwellEnded', data: { lastedMs: Math.max(0, quietSince - since) } }]
}

/** Since when it is unwell, for components that `status` finds unwell now. */
export function unwellAlarms({ unwell }: Pick<RolloutState, 'unwell'>): readonly Alarm[] {
  if (unwell === null || unwell.quietSince !== null) return []
  const whats = [...new Set(unwell.found.map(({ what }) => what))]
  return whats.map((what) => {
    const found = unwell.found.filter((each) => each.what === what)
    const why = listed(found.map(({ text, said }) => saidOr(said, text)))
    return alarm({ kind: 'unwell', since: unwell.since }, { what: verbatim(what), why })
  })
}

/** Whether a look between releases says anything that the log does not know yet: it is recorded only then. */
export function isNews(state: RolloutState, seen: RolloutState): boolean {
  if (unwellNews(seen).length > 0) return true
  const [before, after] = [state.unwell, seen.unwell]
  if ((before === null) !== (after === null) || (before?.quietSince == null) !== (after?.quietSince == null))
    return true
  const unseen = Object.keys(seen.unseen)
  return unseen.length !== Object.keys(state.unseen).length || unseen.some((part) => !(part in state.unseen))
}
