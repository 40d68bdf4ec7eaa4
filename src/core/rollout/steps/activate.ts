import { listed, quote, say } from '../../say.ts'
import type { ObservedSlot, Slot } from '../../observed.ts'
import type { PlannedComponent } from '../../plan.ts'
import type { Command } from '../commands.ts'
import { done, fail, hopeless, lastFailure, type Move, order, type ForwardKind, wait } from '../step-kind.ts'
import { liveSlot, liveWorkers, type RolloutState, slotOf, workers } from '../state.ts'
import { exitText, startInstances } from './deploy.ts'

/**
 * The switch of everything that no router leads to (R-D16). A worker takes jobs from the moment it runs, whoever users are
 * sent to, so two generations never run beside each other: all of live's are stopped and *observed* gone, then the
 * candidate's are started in the order of the plan, each observed ready before the next. It comes after everything that can
 * stop the release without users, right before the last share of traffic; `reactivate` is the same the other way round.
 */
export const activate = {
  phase: 'activating',
  waitsFor: () => say`the workers of the candidate`,
  looks: 'quickly',
  rollback: () => ['stop-candidate', 'reactivate'],
  limitMs: (_, { plan: { timings } }) => timings.startLimitMs + timings.slowCommandLimitMs,
  run: (_, state) =>
    hopeless(state, 'EnsureSlot', 'start') ??
    hopeless(state, 'StopSlot', 'start') ??
    stopAll(state, liveWorkers(state), liveSlot(state)) ??
    startAll(state),
  expire: (_, state) => {
    const left = liveWorkers(state).find(({ name }) => slotOf(state, name, liveSlot(state))?.value.present)
    if (left) return fail('start', say`${left.name} of live was not stopped in time${lastFailure(state, 'StopSlot')}`)
    const late = workers(state).find((each) => !isReady(state, each))
    const seen = late && slotOf(state, late.name, state.candidateSlot)?.value
    const ready = say`${seen?.ready ?? 0} of ${late?.instances ?? 0} instances of ${late?.name ?? say`the workers`} were ready in time`
    const why = seen?.unready ? say`; ${quote(seen.unready)}` : ''
    return fail('start', listed([ready, why, lastFailure(state, 'EnsureSlot'), exitText(seen)], ''))
  },
} as const satisfies ForwardKind<{ kind: 'activate' }>

/** Null once all of them were seen gone since this step began. */
function stopAll(state: RolloutState, all: readonly PlannedComponent[], slot: Slot): Move | null {
  const seen = all.map(({ name }) => ({ name, value: seenInStep(state, name, slot) }))
  const stops = seen.flatMap(({ name, value }): readonly Command[] =>
    value?.present ? [{ type: 'StopSlot', component: name, slot, release: value.release ?? '' }] : [],
  )
  if (stops.length > 0) return order(...stops)
  return seen.every(({ value }) => value !== null) ? null : wait
}

function startAll(state: RolloutState): Move {
  const next = workers(state).find((each) => !isReady(state, each))
  if (!next) return done
  const { name: component, instances } = next
  const seen = seenInStep(state, component, state.candidateSlot)
  if (!seen) return wait
  if (seen.present && seen.release !== state.id)
    return order({ type: 'StopSlot', component, slot: state.candidateSlot, release: seen.release ?? '' })
  return startInstances({ component, instances }, state, seen)
}

function isReady(state: RolloutState, { name, instances }: PlannedComponent): boolean {
  const seen = seenInStep(state, name, state.candidateSlot)
  return seen !== null && seen.release === state.id && seen.desired === instances && seen.ready >= instances
}

/** What a look since this step began found in a slot; null before one did. */
function seenInStep(state: RolloutState, component: string, slot: Slot): ObservedSlot | null {
  const seen = slotOf(state, component, slot)
  return seen && !seen.doubted && seen.at >= (state.step?.since ?? seen.at) ? seen.value : null
}
