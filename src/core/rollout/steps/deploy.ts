import type { ObservedSlot } from '../../observed.ts'
import { done, fail, hopeless, lastFailure, type Move, order, type StepKind, wait } from '../move.ts'
import { observedWeight, type RolloutState, slotOf } from '../state.ts'

type Deploy = { kind: 'deploy'; component: string; instances: number }

/**
 * Puts the candidate into the spare slot, beside what serves: whatever an earlier release left there goes first, then the
 * wanted instances are started, and the step ends when all of them have been *observed* ready (laws L4, L5).
 */
export const deploy: StepKind<Deploy> = {
  limitMs: (_, state) => state.plan.timings.startLimitMs,
  run: (step, state) => {
    const gone = hopeless(state, 'EnsureSlot', 'start') ?? hopeless(state, 'StopSlot', 'start')
    if (gone) return gone
    const seen = slotOf(state, step.component, state.candidateSlot)
    if (!seen || seen.at < (state.step?.since ?? seen.at)) return wait
    if (seen.value.present && seen.value.release !== state.id) return clear(step, state, seen.value)
    return startInstances(step, state, seen.value)
  },
  expire: (step, state) => {
    const seen = slotOf(state, step.component, state.candidateSlot)?.value
    const ready = `${seen?.ready ?? 0} of ${step.instances} instances of ${step.component} were ready in time`
    const why = seen?.unready ? `; ${seen.unready}` : ''
    return fail(
      'start',
      `${ready}${why}${lastFailure(state, 'EnsureSlot')}${lastFailure(state, 'Observe')}${exitText(seen)}`,
    )
  },
}

function clear(step: Deploy, state: RolloutState, occupant: ObservedSlot): Move {
  if (observedWeight(state, step.component) > 0) {
    return fail(
      'start',
      `the ${state.candidateSlot} slot of ${step.component} still gets traffic for ${occupant.version}; nothing was stopped`,
    )
  }
  return order({
    type: 'StopSlot',
    component: step.component,
    slot: state.candidateSlot,
    release: occupant.release ?? '',
  })
}

/** Orders what is missing of the wanted instances, and is done when all of them were seen ready. */
export function startInstances(step: Omit<Deploy, 'kind'>, state: RolloutState, seen: ObservedSlot): Move {
  if (seen.crashLooping) return fail('start', `${step.component} keeps exiting${exitText(seen)}`)
  if (seen.present && seen.desired === step.instances && seen.ready >= step.instances) return done
  if (seen.present && seen.desired === step.instances) return wait
  return order({
    type: 'EnsureSlot',
    component: step.component,
    slot: state.candidateSlot,
    release: state.id,
    instances: step.instances,
  })
}

/** How an instance ended, with its last words; empty when none did. */
export function exitText(seen: ObservedSlot | null | undefined): string {
  if (!seen?.lastExit) return ''
  const { code, signal, tail } = seen.lastExit
  const how = signal ? `signal ${signal}` : `exit code ${code}`
  return `; last exit: ${how}${tail.length > 0 ? `, last words: ${tail.slice(-3).join(' | ')}` : ''}`
}
