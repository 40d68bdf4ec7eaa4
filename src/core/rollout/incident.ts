/** The incident that a rollout opens: one per rollback, or per time that live is not well, or per doubt of the log (R-F07). */
import type { IncidentInput } from '../incident/events.ts'
import { english, listed, quote, say, saidOr, type Sentence, type Told } from '../say.ts'
import type { Instant } from '../time.ts'
import type { Command } from './commands.ts'
import type { EventData, RolloutEvent } from './events.ts'
import type { RolloutState } from './state.ts'

type OpenIncident = Command<'OpenIncident'>

/** Opening it twice is opening it once: its name says which it is. */
export function opening(
  state: RolloutState,
  { priority, title, said, since }: OpenIncident,
): Extract<IncidentInput, { type: 'open' }> {
  const attempt = since ?? state.rollback?.startedAt ?? state.lastAt
  const { service, environment, artifact } = state.plan
  const id = `incident-${state.id}-${attempt}`
  const opened = { id, rollout: state.id, service, environment, version: artifact.version, priority, title }
  return { type: 'open', ...opened, ...(said && { said }) }
}

/** The incident that an event opens; null of events that open none. */
export function incidentOf(event: RolloutEvent, now: Instant): OpenIncident | null {
  const opens = (priority: 'P1' | 'P2', said: Told) =>
    ({ type: 'OpenIncident', priority, title: english(said), said }) as const
  switch (event.type) {
    case 'UnwellFound': {
      const { since, isDown, found } = event.data
      const said = say`live is not well: ${listed(found.map(differenceSaid))}`
      return { ...opens(isDown ? 'P1' : 'P2', said), since }
    }
    case 'LogDoubted':
      return {
        ...opens('P1', say`the log of the control plane cannot be trusted: ${quote(event.data.why)}`),
        since: now,
      }
    case 'RollbackTriggered':
      return event.data.mode === 'abort' ? null : opens('P2', saidOr(event.data.said, event.data.text))
    default:
      return null
  }
}

/** `api: 0 of 2 ready` */
export function differenceSaid({ what, text, said }: EventData<'UnwellFound'>['found'][number]): Sentence {
  return listed([what, saidOr(said, text)], ': ')
}
