/** A rollout's state out of its events. What somebody else wrote between them takes its place and changes nothing. */
import type { Recorded } from '../core/rollout/events.ts'
import { evolve } from '../core/rollout/evolve.ts'
import { inTodaysWords } from '../core/rollout/readers.ts'
import type { RolloutState } from '../core/rollout/state.ts'
import type { StoredEvent } from '../ports/store.ts'

export function foldRollout(events: readonly StoredEvent[]): RolloutState | null {
  return events.reduce<RolloutState | null>(foldOne, null)
}

/** Null for a stream of another kind, such as a policy or a token; one that begins with a forged event never began. */
export function foldOne(state: RolloutState | null, event: StoredEvent): RolloutState | null {
  if (event.forged) return state && { ...state, version: event.version }
  if (state === null && event.type !== 'RolloutRequested') return null
  return evolve(state, inTodaysWords(event) as unknown as Recorded)
}
