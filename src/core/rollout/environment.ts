/** What a rollout's events mean for its environment: who holds it, who waits, what is stable, what may not come back. */
import type { EnvironmentChange } from '../aggregate.ts'
import { aftermathOf } from './aftermath.ts'
import { holdsEnvironment, type RolloutState } from './state.ts'

/** Null: these events change nothing there. */
export function changeOf(before: RolloutState | null, state: RolloutState): EnvironmentChange | null {
  const place = placeOf(state)
  const moved = before === null || placeOf(before) !== place
  if (!moved && before.status === state.status) return null
  const { stable, quarantine } = aftermathOf(before, state)
  return {
    type: 'environment',
    service: state.plan.service,
    environment: state.plan.environment,
    rollout: state.id,
    place: moved ? place : null,
    requested: before === null ? state.plan.components : null,
    ...(stable === undefined ? {} : { stable }),
    barred: quarantine === null ? null : { identity: state.identity, reason: quarantine },
  }
}

function placeOf(state: RolloutState): EnvironmentChange['place'] & string {
  if (state.status === 'queued') return state.admitted ? 'admitted' : 'waits'
  return holdsEnvironment(state) ? 'holds' : 'out'
}
