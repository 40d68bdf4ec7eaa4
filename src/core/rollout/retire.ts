/** After the rollback window the previous release goes; until then it stands by, warm (law L5, R-D12). */
import type { Instant } from '../time.ts'
import type { RolloutEvent } from './events.ts'
import { issue } from './issue.ts'
import { liveSlot, type RolloutState, slotOf } from './state.ts'

export function retire(state: RolloutState, now: Instant): readonly RolloutEvent[] {
  const { stable, retireAt } = state
  if (!stable || retireAt === null || state.windowClosed || now < retireAt) return []
  const left = state.plan.components.filter(({ name }) => !goneSince(state, name, stable.rollout, retireAt))
  const refused = Object.values(state.failures).some(({ kind }) => kind === 'permanent')
  if (refused || servesAgain(state)) return [{ type: 'WindowClosed', data: { reason: 'superseded' } }]
  if (left.length === 0) return [{ type: 'WindowClosed', data: { reason: 'retired' } }]
  return left.flatMap(({ name }) =>
    issue(state, { type: 'StopSlot', component: name, slot: liveSlot(state), release: stable.rollout }, now),
  )
}

/** Users were seen on the spare slot: another release serves from it, or the router came back with old weights. It is not ours to stop. */
function servesAgain(state: RolloutState): boolean {
  return Object.values(state.routes).some(({ value }) => value.weights[liveSlot(state)] > 0)
}

function goneSince(state: RolloutState, component: string, release: string, since: Instant): boolean {
  const seen = slotOf(state, component, liveSlot(state))
  return seen !== null && seen.at >= since && (!seen.value.present || seen.value.release !== release)
}
