/** The incident that a rollout opens: one per rollback, or per time that live is not well, or per doubt of the log (R-F07). */
import type { IncidentInput } from '../incident/events.ts'
import type { Command } from './commands.ts'
import type { RolloutState } from './state.ts'

type OpenIncident = Extract<Command, { type: 'OpenIncident' }>

/** Opening it twice is opening it once: its name says which it is. */
export function opening(
  state: RolloutState,
  { priority, title, since }: OpenIncident,
): Extract<IncidentInput, { type: 'open' }> {
  const attempt = since ?? state.rollback?.startedAt ?? state.lastAt
  const { service, environment, artifact } = state.plan
  const id = `incident-${state.id}-${attempt}`
  return { type: 'open', id, rollout: state.id, service, environment, version: artifact.version, priority, title }
}
