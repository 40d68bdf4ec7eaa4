/** How ready a slot was when last looked at, with what stood against it: a wrong path or a missing database is seen at once. */
import { listed, quote, say, type Sentence } from '../say.ts'
import type { ObservedSlot, Slot } from '../observed.ts'
import { currentRollbackStep, currentStep, liveSlot, type RolloutState, slotOf } from './state.ts'

/** `0 of 2 ready: GET /ready: 404 "Not Found"` */
export function readyText({ ready, unready }: Pick<ObservedSlot, 'ready' | 'unready'>, wanted: number): Sentence {
  const counted = say`${ready} of ${wanted} ready`
  return unready === undefined || ready >= wanted ? counted : say`${counted}: ${quote(unready)}`
}

/** What the step under way waits for in its slots, as last seen; null where it waits for something else. */
export function lacksReady(state: RolloutState): Sentence | null {
  const step = currentStep(state)
  if (step?.component !== undefined) return inSlot(state, [step.component], state.candidateSlot)
  const names = state.plan.components.map(({ name }) => name)
  if (step !== null) return state.exposed ? inSlot(state, names, state.candidateSlot) : null
  return currentRollbackStep(state)?.kind === 'restore-previous' ? inSlot(state, names, liveSlot(state)) : null
}

function inSlot(state: RolloutState, names: readonly string[], slot: Slot): Sentence | null {
  const texts = names.flatMap((name) => {
    const seen = slotOf(state, name, slot)?.value
    const isOurs = seen?.present && (slot !== state.candidateSlot || seen.release === state.id)
    if (!seen || !isOurs || (seen.ready >= seen.desired && seen.desired > 0)) return []
    const ready = readyText(seen, seen.desired)
    return [names.length > 1 ? say`${name} ${ready}` : ready]
  })
  return texts.length > 0 ? listed(texts) : null
}
