import { listed, type Part, quote, say } from '../../say.ts'
import type { ObservedSlot } from '../../observed.ts'
import { firstLine } from '../../storable.ts'
import type { Command } from '../commands.ts'
import { done, fail, failureOf, hopeless, lastFailure, type Move, order, type ForwardKind, wait } from '../step-kind.ts'
import { type RolloutState, routesTo, slotOf } from '../state.ts'

type Deploy = { readonly kind: 'deploy'; readonly component: string; readonly instances: number }

/**
 * Puts the candidate into the spare slot, beside what serves: whatever an earlier release left there goes first, then the
 * wanted instances are started, and the step ends when all of them have been *observed* ready (laws L4, L5).
 */
export const deploy = {
  phase: 'deploying',
  name: ({ component }) => `deploy ${component}`,
  waitsFor: ({ component }) => say`${component} to be ready`,
  looks: 'quickly',
  rollback: () => ['stop-candidate'],
  ends: () => ({ candidate: 'ready' }),
  limitMs: (_, state) => state.plan.timings.startLimitMs,
  run: (step, state) => {
    const move = put(step, state)
    if (move.move !== 'wait' && move.move !== 'issue') return move
    return order(...(move.move === 'issue' ? move.commands : []), ...leftBehind(state))
  },
  expire: (step, state) => {
    const seen = slotOf(state, step.component, state.candidateSlot)?.value
    const ready = say`${seen?.ready ?? 0} of ${step.instances} instances of ${step.component} were ready in time`
    const why = seen?.unready ? say`; ${quote(seen.unready)}` : ''
    return fail(
      'start',
      listed([ready, why, lastFailure(state, 'EnsureSlot'), lastFailure(state, 'Observe'), exitText(seen)], ''),
    )
  },
} as const satisfies ForwardKind<Deploy>

function put(step: Deploy, state: RolloutState): Move {
  const gone = hopeless(state, 'EnsureSlot', 'start') ?? cannotClear(step, state)
  if (gone) return gone
  const seen = slotOf(state, step.component, state.candidateSlot)
  if (!seen || seen.at < (state.step?.since ?? seen.at)) return wait
  if (seen.value.present && seen.value.release !== state.id) return clear(step, state, seen.value)
  return startInstances(step, state, seen.value)
}

/** Its own slot cannot be emptied; what cannot be stopped elsewhere is left over, and no reason to hold up a release. */
function cannotClear({ component }: Deploy, state: RolloutState): Move | null {
  const release = slotOf(state, component, state.candidateSlot)?.value.release ?? ''
  const failure = failureOf(state, { type: 'StopSlot', component, slot: state.candidateSlot, release })
  return failure?.kind === 'permanent' ? fail('start', quote(failure.message)) : null
}

function clear(step: Deploy, state: RolloutState, occupant: ObservedSlot): Move {
  if (routesTo(state, step.component, state.candidateSlot).length > 0) {
    return fail(
      'start',
      say`the ${state.candidateSlot} slot of ${step.component} still gets traffic for ${occupant.version ?? '-'}; nothing was stopped`,
    )
  }
  return order({
    type: 'StopSlot',
    component: step.component,
    slot: state.candidateSlot,
    release: occupant.release ?? '',
  })
}

/**
 * What older releases left and this one does not put up again: with the spare slot taken over nobody can return to it. Its
 * route goes first; what a route still names is left alone.
 */
function leftBehind(state: RolloutState): readonly Command[] {
  const { candidateSlot: slot, plan, slots, stable, routes } = state
  const ours = new Set([...plan.components.map(({ name }) => name), ...state.parts.live])
  const names = Object.keys(slots).filter((name) => !plan.components.some((each) => each.name === name))
  const stops = names.flatMap((component): readonly Command[] => {
    const release = slots[component]?.[slot]?.value.release
    if (release == null || release === stable?.rollout || routesTo(state, component, slot).length > 0) return []
    return [{ type: 'StopSlot', component, slot, release }]
  })
  const removals = Object.entries(routes)
    .filter(([name, { value }]) => !ours.has(name) && value.generation > 0)
    .map(([component]): Command => ({ type: 'RemoveRoute', component, release: '' }))
  return [...removals, ...stops].filter((command) => failureOf(state, command)?.kind !== 'permanent')
}

/** Orders what is missing of the wanted instances, and is done when all of them were seen ready. */
export function startInstances(step: Omit<Deploy, 'kind'>, state: RolloutState, seen: ObservedSlot): Move {
  if (seen.crashLooping) return fail('start', say`${step.component} keeps exiting${exitText(seen)}`)
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
export function exitText(seen: ObservedSlot | null | undefined): Part {
  if (!seen?.lastExit) return ''
  const { code, signal, tail } = seen.lastExit
  const how = signal ? say`signal ${signal}` : say`exit code ${code ?? '?'}`
  return say`; last exit: ${how}${tail.length > 0 ? say`, last output: ${quote(tail.slice(-3).map(firstLine).join(' | '))}` : ''}`
}
