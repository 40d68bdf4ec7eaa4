/** The end of the candidate: no sooner than users are seen to be away from it. */
import { say } from '../../say.ts'
import { after } from '../../time.ts'
import { done, fail, lastFailure, type Move, order, type RollbackKind, wait } from '../step-kind.ts'
import {
  missing,
  neverRouted,
  orderPreviousRoutes,
  routesToRemove,
  type DesiredOrder,
  desiredAfterRollback,
} from '../routes.ts'
import { isPending, type RolloutState, slotOf } from '../state.ts'

/** Lets the candidate's last requests end, then stops it, and ends when it was observed gone. */
export const stopCandidate = {
  phase: 'rolling-back: stopping-candidate',
  waitsFor: () => say`the candidate to stop`,
  looks: 'quickly',
  beforeUsers: true,
  withoutPrevious: true,
  ends: () => ({ candidate: 'gone' }),
  limitMs: (_, state) => {
    const { drainLimitMs, rollbackLimitMs, slowCommandLimitMs } = state.plan.timings
    return drainLimitMs + rollbackLimitMs + (isPending(state, 'EnsureSlot') ? slowCommandLimitMs : 0)
  },
  run: (_, state, now) => {
    const left = state.plan.components.filter(({ name }) => !candidateGone(state, name))
    if (left.length === 0) return remove(state)
    const wrong = stillRouted(state)
    if (wrong.length > 0) return orderPreviousRoutes(state, wrong)
    if (onlyAnswered(state)) return wait
    if (!drained(state) && now < after(state.step?.since ?? now, state.plan.timings.drainLimitMs)) return wait
    return order(
      ...left
        .filter(({ name }) => slotOf(state, name, state.candidateSlot)?.value.release === state.id)
        .map(
          ({ name }) => ({ type: 'StopSlot', component: name, slot: state.candidateSlot, release: state.id }) as const,
        ),
    )
  },
  expire: (_, state) => {
    const why =
      stillRouted(state).length > 0 || onlyAnswered(state)
        ? say`: the router accepts the command to return users, but keeps sending them to it`
        : lastFailure(state, 'StopSlot')
    return fail('deadline', say`the candidate could not be stopped in time${why}`)
  },
} as const satisfies RollbackKind<{ kind: 'stop-candidate' }>

/** What the previous release did not have is taken out of the router when nobody is behind it any more. */
function remove(state: RolloutState): Move {
  const desired = routesToRemove(state)
  const open = missing(state, desired)
  if (open.length > 0) return order(...open)
  return desired.every(({ component }) => lookedAt(state, component)) ? done : wait
}

/** Seen since this step began, and since every start ended, to hold nothing of this release. */
function candidateGone(state: RolloutState, component: string): boolean {
  if (isStarting(state, component)) return false
  const seen = slotOf(state, component, state.candidateSlot)
  if (!seen || seen.doubted || seen.at < (state.step?.since ?? seen.at)) return false
  return !seen.value.present || seen.value.release !== state.id
}

function isStarting(state: RolloutState, component: string): boolean {
  return state.pending.some(
    ({ command }) =>
      command.type === 'EnsureSlot' && command.component === component && command.slot === state.candidateSlot,
  )
}

/** The routes that a look since this step began found to name the candidate, or nobody, all the same. */
function stillRouted(state: RolloutState): readonly DesiredOrder[] {
  if (!state.exposed || neverRouted(state)) return []
  return missing(state, desiredAfterRollback(state)).filter(({ component }) => lookedAt(state, component))
}

/** A router's answer to an order may be kinder than the truth: what a look shows of it afterwards counts (laws L4, L5). */
function onlyAnswered({ exposed, routes }: RolloutState): boolean {
  return exposed && Object.values(routes).some(({ answer }) => answer === true)
}

/** The newest that is known of this route was found by a look, since this step began. */
function lookedAt(state: RolloutState, component: string): boolean {
  const seen = state.routes[component]
  return seen !== undefined && seen.answer !== true && seen.at >= (state.step?.since ?? seen.at)
}

function drained(state: RolloutState): boolean {
  return state.parts.routes.every(({ id, candidate }) => {
    if (candidate === null) return true
    const seen = state.routes[id]
    return seen !== undefined && lookedAt(state, id) && seen.value.inFlight[state.candidateSlot] === 0
  })
}
