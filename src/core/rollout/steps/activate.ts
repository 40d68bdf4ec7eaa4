import type { ObservedSlot, Slot } from '../../observed.ts'
import { fail, hopeless, lastFailure, order, type StepKind, wait } from '../move.ts'
import { liveSlot, type RolloutState, slotOf } from '../state.ts'
import { exitText, startInstances } from './deploy.ts'

type Activate = { kind: 'activate'; component: string; instances: number }

/**
 * The switch of a component that no router leads to (R-D16). A worker takes jobs from the moment it runs, whoever users are
 * sent to, so two generations never run beside each other: live's is stopped and *observed* gone, then the candidate's is
 * started and observed ready. It comes after everything that could stop the release without users, right before the last
 * share of traffic; on the way back `reactivate` does the same the other way round.
 */
export const activate: StepKind<Activate> = {
  limitMs: (_, { plan: { timings } }) => timings.startLimitMs + timings.slowCommandLimitMs,
  run: (step, state) => {
    const gone = hopeless(state, 'EnsureSlot', 'start') ?? hopeless(state, 'StopSlot', 'start')
    if (gone) return gone
    const live = seenInStep(state, step.component, liveSlot(state))
    const candidate = seenInStep(state, step.component, state.candidateSlot)
    if (!live || !candidate) return wait
    const others = [stopOf(step, liveSlot(state), live), stopOf(step, state.candidateSlot, candidate, state.id)]
    const stops = others.flatMap((command) => (command === null ? [] : [command]))
    return stops.length > 0 ? order(...stops) : startInstances(step, state, candidate)
  },
  expire: (step, state) => {
    const live = slotOf(state, step.component, liveSlot(state))?.value
    if (live?.present)
      return fail(
        'start',
        `${step.component} of ${live.version} was not stopped in time${lastFailure(state, 'StopSlot')}`,
      )
    const seen = slotOf(state, step.component, state.candidateSlot)?.value
    const ready = `${seen?.ready ?? 0} of ${step.instances} instances of ${step.component} were ready in time`
    const why = seen?.unready ? `; ${seen.unready}` : ''
    return fail('start', `${ready}${why}${lastFailure(state, 'EnsureSlot')}${exitText(seen)}`)
  },
}

/** What a look since this step began found in a slot; null before one did. */
function seenInStep(state: RolloutState, component: string, slot: Slot): ObservedSlot | null {
  const seen = slotOf(state, component, slot)
  return seen && !seen.doubted && seen.at >= (state.step?.since ?? seen.at) ? seen.value : null
}

/** Whoever holds the slot goes, but for `keep`. */
function stopOf({ component }: Activate, slot: Slot, { present, release }: ObservedSlot, keep?: string) {
  if (!present || release === keep) return null
  return { type: 'StopSlot', component, slot, release: release ?? '' } as const
}
