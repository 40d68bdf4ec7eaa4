/** What an event means for the environment: who holds it, what is stable there, what may not come back. */
import type { StableRelease } from './inputs.ts'
import { holdsEnvironment, type RolloutState } from './state.ts'

export type Aftermath = {
  /** Whether this rollout holds the environment from now on. */
  readonly holds: boolean
  /** The release that is live for good, or undefined where this event does not change that. */
  readonly stable?: StableRelease | null
  /** Bars the artifact from this environment, with the reason. */
  readonly quarantine: string | null
}

/** Ends that say nothing against the artifact: nobody decided, evidence or the router was missing. */
const NOT_ITS_FAULT = ['undecided', 'deadline', 'route', 'no-data']

export function aftermathOf(before: RolloutState | null, state: RolloutState): Aftermath {
  const holds = holdsEnvironment(state)
  if (before?.status === state.status) return { holds, quarantine: null }
  if (state.status === 'finalized') return { holds, stable: releaseOf(state), quarantine: null }
  if (state.status !== 'rolled-back') return { holds, quarantine: null }
  const cause = state.rollback?.cause ?? 'person'
  const quarantine = NOT_ITS_FAULT.includes(cause) ? null : (state.ending?.reason ?? cause)
  return { holds, stable: state.stable, quarantine }
}

export function releaseOf(state: RolloutState): StableRelease {
  return {
    rollout: state.id,
    version: state.plan.artifact.version,
    identity: state.identity,
    slot: state.candidateSlot,
    components: state.plan.components,
  }
}
