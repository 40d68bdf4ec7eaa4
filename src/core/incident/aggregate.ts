/** Incidents as the engine runs them. None waits for anything yet, so time alone never drives one. */
import type { Aggregate } from '../aggregate.ts'
import { decide } from './decide.ts'
import type { IncidentInput, RecordedIncident } from './events.ts'
import { evolve, type IncidentState, phaseOf } from './state.ts'

export const incidents: Aggregate<IncidentState, IncidentInput, RecordedIncident> = {
  kind: 'incident',
  begins: { input: 'open', event: 'IncidentOpened' },
  format: 1,
  decide,
  evolve,
  due: () => null,
  listed(state) {
    const { service, environment, version } = state.opening
    return { service, environment, version, phase: phaseOf(state), final: state.resolved !== null }
  },
  unanswered: () => [],
  effects: () => [],
}
