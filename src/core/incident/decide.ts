/**
 * What becomes of an incident: opened by what a rollout found, acknowledged by whoever looks after it, resolved by a person
 * with a note. What is asked twice happens once; a second note would be lost, and is refused instead.
 */
import type { Decided } from '../aggregate.ts'
import { english, quote, say, type Sentence } from '../say.ts'
import type { Instant } from '../time.ts'
import type { IncidentEvent, IncidentInput, IncidentRequest, RecordedIncident } from './events.ts'
import { evolve, type IncidentState } from './state.ts'

type Input = IncidentInput | { readonly type: 'tick' }

export function decide(
  state: IncidentState | null,
  input: Input,
  now: Instant,
): Decided<IncidentState, RecordedIncident> {
  const event = eventOf(state, input)
  if (event === null) {
    if (!state) throw new Error(`${input.type} for an incident that does not exist`)
    return { state, events: [] }
  }
  // A database's clock may run a little behind another session's.
  const at = state && state.lastAt > now ? state.lastAt : now
  const recorded = { ...event, version: (state?.version ?? 0) + 1, at, ...callerOf(input) }
  return { state: evolve(state, recorded), events: [recorded] }
}

function eventOf(state: IncidentState | null, input: Input): IncidentEvent | null {
  if (input.type === 'open') {
    const { type: _, ...opening } = input
    return state ? null : { type: 'IncidentOpened', data: opening }
  }
  if (!state || input.type === 'tick') return null
  const { resolved, acknowledged } = state
  if (resolved) return refused(input, say`it was already resolved, by ${resolved.by}: ${quote(resolved.note)}`)
  if (input.type === 'resolve') return { type: 'IncidentResolved', data: { by: input.by.id, note: input.note } }
  return acknowledged ? null : { type: 'IncidentAcknowledged', data: { by: input.by.id } }
}

function refused({ type, by }: IncidentRequest, said: Sentence): IncidentEvent {
  return { type: 'RequestRefused', data: { request: type, by: by.id, reason: english(said), said } }
}

function callerOf(input: Input): { readonly actor: string; readonly token?: string } {
  if (!('by' in input)) return { actor: 'system' }
  const { id, token } = input.by
  return token === undefined ? { actor: id } : { actor: id, token }
}
