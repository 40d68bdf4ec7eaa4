/** Where an incident is: the fold of its events and nothing else; and what people are shown of it. */
import type { Instant } from '../time.ts'
import type { Opening, RecordedIncident } from './events.ts'

export type IncidentState = {
  readonly version: number
  readonly opening: Opening
  readonly openedAt: Instant
  readonly acknowledged: { readonly by: string; readonly at: Instant } | null
  readonly resolved: { readonly by: string; readonly at: Instant; readonly note: string } | null
  readonly lastAt: Instant
}

export type IncidentPhase = 'open' | 'acknowledged' | 'resolved'

export type IncidentView = Opening &
  Pick<IncidentState, 'openedAt' | 'acknowledged' | 'resolved'> & { readonly phase: IncidentPhase }

export function evolve(state: IncidentState | null, event: RecordedIncident): IncidentState {
  // The log keeps the clock of the session that wrote, which may run a little behind.
  const at = state && state.lastAt > event.at ? state.lastAt : event.at
  const folded = { version: event.version, lastAt: at }
  if (event.type === 'IncidentOpened')
    return { ...folded, opening: event.data, openedAt: at, acknowledged: null, resolved: null }
  if (!state) throw new Error(`the stream begins with ${event.type} instead of IncidentOpened`)
  switch (event.type) {
    case 'IncidentAcknowledged':
      return { ...state, ...folded, acknowledged: { by: event.data.by, at } }
    case 'IncidentResolved':
      return { ...state, ...folded, resolved: { ...event.data, at } }
    case 'RequestRefused':
      return { ...state, ...folded }
    default:
      throw new Error(`an incident knows no ${(event as RecordedIncident).type}`)
  }
}

export function phaseOf({ acknowledged, resolved }: Pick<IncidentState, 'acknowledged' | 'resolved'>): IncidentPhase {
  if (resolved) return 'resolved'
  return acknowledged ? 'acknowledged' : 'open'
}

export function viewOf(state: IncidentState): IncidentView {
  const { opening, openedAt, acknowledged, resolved } = state
  return { ...opening, phase: phaseOf(state), openedAt, acknowledged, resolved }
}
