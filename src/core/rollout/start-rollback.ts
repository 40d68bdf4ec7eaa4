import { english, type Told } from '../say.ts'
import { rollbackPlanFrom, rollbackKind } from './steps/index.ts'
import type { RollbackStep } from '../plan.ts'
import type { Verdict } from '../verdict.ts'
import type { RolloutEvent } from './events.ts'
import type { Cause, RolloutState } from './state.ts'

type Why = { readonly cause: Cause; readonly by: string; readonly said: Told; readonly verdict?: Verdict | null }

/**
 * The event that turns a rollout round: before users met the candidate it is an abort that takes the candidate away;
 * afterwards a rollback, by the steps that were known from the start (R-F05).
 */
export function startRollback(state: RolloutState, { cause, by, said, verdict = null }: Why): RolloutEvent {
  const mode = state.exposed ? 'rollback' : 'abort'
  const steps = rollbackSteps(state)
  return { type: 'RollbackTriggered', data: { mode, cause, by, text: english(said), said, verdict, steps } }
}

function rollbackSteps(state: RolloutState): readonly RollbackStep[] {
  const known = rollbackPlanFrom({ ...state.plan, steps: state.steps }, state.at)
  if (!state.exposed) return known.filter((step) => rollbackKind(step).beforeUsers)
  if (!state.stable) return known.filter((step) => rollbackKind(step).withoutPrevious)
  return known
}
