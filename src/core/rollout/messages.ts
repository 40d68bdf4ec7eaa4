/** What people are told, and when: at every start, wait for people, rollback and end. */
import { listed, quote, say, type Sentence, saidOr, type Told } from '../say.ts'
import { differenceSaid, incidentOf } from './incident.ts'
import { type Message, messageOf } from './message.ts'
import { timeOfDay } from '../analysis/text.ts'
import { formatDuration, type Instant } from '../time.ts'
import type { EventData, RolloutEvent } from './events.ts'
import { noDataText } from './no-data.ts'
import { issue } from './orders.ts'
import { servingText } from './serving.ts'
import type { RolloutState } from './state.ts'

/** What every event brings with it: people are told, and a rollback opens an incident (R-F07). */
export function followUps(state: RolloutState, event: RolloutEvent, now: Instant): readonly RolloutEvent[] {
  const found = newsOf(state, event)
  const told = found
    ? issue(state, { type: 'Notify', message: messageOf(found, { ...found, serving: servingText(state) }) }, now)
    : []
  const opened = incidentOf(event, now)
  return opened ? [...told, ...issue(state, opened, now)] : told
}

type News = Pick<Message, 'event' | 'priority'> & { readonly title: Sentence; readonly text: Told }

function titled(state: RolloutState, what: Sentence): Sentence {
  const { service, environment, artifact } = state.plan
  return say`${service} ${artifact.version} in ${environment}: ${what}`
}

/** The news that an event is; null for events that nobody needs to be told. */
type NewsOf<T extends RolloutEvent['type']> = (state: RolloutState, data: EventData<T>) => News | null

const LOOK_AT_BOTH = say`Look for what both share, such as the database or a provider. The release waits meanwhile; \`stellwerk rollback\` takes it back anyway.`

const news: { readonly [T in RolloutEvent['type']]?: NewsOf<T> } = {
  StepStarted: stepNews,
  Paused: (state, { by, reason, said }) =>
    by === 'system'
      ? { event: 'held', priority: 'P3', title: titled(state, say`waits for a decision`), text: saidOr(said, reason) }
      : null,
  SharedCauseFound: (state, { verdict }) => ({
    event: 'shared-cause',
    priority: 'P2',
    title: titled(state, say`is held, live suffers as well`),
    text: say`${saidOr(verdict.said, verdict.text)}. ${LOOK_AT_BOTH}`,
  }),
  SharedCauseEnded: (state, { lastedMs }) => ({
    event: 'shared-cause',
    priority: 'info',
    title: titled(state, say`is no longer held by what live suffered from`),
    text: say`It lasted ${formatDuration(lastedMs)}, and does not count against the release.`,
  }),
  ControlLost: (state, { component, share }) => ({
    event: 'control-lost',
    priority: 'P2',
    title: titled(state, say`has lost its control share, live is down`),
    text: say`Nothing of live's ${component} is ready any more, so that the ${share} % of users on live come over to the candidate before the bake ends. There is nothing to compare with, nor to go back to: when the bake's time is up, a person is asked. Find out why live went down: \`stellwerk logs\`.`,
  }),
  NoDataFound: (state, { parts, until }) => ({
    event: 'no-data',
    priority: 'P2',
    title: titled(state, say`is held, it cannot be observed`),
    text: say`${listed(parts.map(noDataText))}. Unless this is seen again, it is rolled back at ${timeOfDay(until)} UTC. To let it wait anyway: \`stellwerk resume ${state.id}\`.`,
  }),
  UnwellFound: (state, { since, isDown, found }) => ({
    event: 'unwell',
    priority: isDown ? 'P1' : 'P2',
    title: titled(state, isDown ? say`is live, but serves nobody` : say`is live, but not well`),
    text: say`Since ${timeOfDay(since)} UTC: ${listed(found.map(differenceSaid))}. See \`stellwerk status\` and \`stellwerk logs\`; \`stellwerk rollback ${state.id}\` returns to the previous release while that is on standby.`,
  }),
  UnwellEnded: (state, { lastedMs }) => ({
    event: 'unwell',
    priority: 'info',
    title: titled(state, say`is well again`),
    text: say`It was unwell for ${formatDuration(lastedMs)}.`,
  }),
  LogDoubted: (state, { why }) => ({
    event: 'log-doubted',
    priority: 'P1',
    title: titled(state, say`Stellwerk no longer trusts its log`),
    text: say`${quote(why)}. Somebody may have changed the database. Stopped: ${stoppedIn(state)}. Still working: what serves, and every way back (\`stellwerk rollback ${state.id}\`). To do: find out what changed (\`stellwerk audit verify\`), put the database right (tables beside the log: \`stellwerk rebuild\`) and start the control plane again, or accept the log as it is, in your name (\`stellwerk up --accept-log REASON --by PERSON\`).`,
  }),
  LogTrusted: (state) => ({
    event: 'log-doubted',
    priority: 'info',
    title: titled(state, say`Stellwerk trusts its log again`),
    text: say`Releases continue from where they were held.`,
  }),
  NoDataEnded: (state, { lastedMs }) => ({
    event: 'no-data',
    priority: 'info',
    title: titled(state, say`can be seen again`),
    text: say`It lasted ${formatDuration(lastedMs)}.`,
  }),
  RollbackTriggered: (state, { mode, text, said }) =>
    mode === 'abort'
      ? null
      : {
          event: 'rollback-started',
          priority: 'P2',
          title: titled(state, say`is being rolled back`),
          text: saidOr(said, text),
        },
  Finalized: (state) => ({
    event: 'finalized',
    priority: 'info',
    title: titled(state, say`is live`),
    text: say`Every step passed.`,
  }),
  Aborted: (state, { reason, said }) => ({
    event: 'aborted',
    priority: 'P3',
    title: titled(state, say`was stopped before any traffic`),
    text: saidOr(said, reason),
  }),
  RolledBack: (state, { reason, said }) => ({
    event: 'rolled-back',
    priority: 'P2',
    title: titled(state, say`was rolled back`),
    text: saidOr(said, reason),
  }),
  NeedsHuman: (state, { reason, said, todo, todoSaid }) => ({
    event: 'needs-human',
    priority: 'P1',
    title: titled(state, say`needs a human`),
    text: listed([saidOr(said, reason), saidOr(todoSaid, todo)], ' '),
  }),
}

/** The news that an event is; null for events that nobody needs to be told. */
function newsOf(state: RolloutState, event: RolloutEvent): News | null {
  const tell = news[event.type] as NewsOf<RolloutEvent['type']> | undefined
  return tell ? tell(state, event.data) : null
}

function stoppedIn({ status }: RolloutState): Sentence {
  const all = say`nothing is signed, and no release begins`
  return status === 'finalized' ? all : say`${all}; this one is held where it is, except on its way back`
}

/** Enough of a plan's hash to tell it from every other one, as `approve --plan` takes it. */
function shortHash(hash: string): string {
  return hash.replace(/^sha256:/, '').slice(0, 16)
}

function stepNews(state: RolloutState, data: EventData<'StepStarted'>): News | null {
  if (data.track === 'forward' && data.step.kind === 'approvals') {
    const roles = state.plan.approvals.map(({ role }) => role).join(', ')
    const weaker = state.plan.policy?.changes.some(({ direction }) => direction === 'weaker') ?? false
    const weakened = weaker ? say`It weakens the policy in force here. ` : ''
    return {
      event: 'waiting-for-approval',
      priority: 'info',
      title: titled(state, say`waits for approval`),
      text: say`Wanted: ${roles}. ${weakened}Look at it and approve it: stellwerk approve ${state.id} --plan ${shortHash(state.planHash)}`,
    }
  }
  if (data.track !== 'forward' || data.index !== 0) return null
  return {
    event: 'started',
    priority: 'info',
    title: titled(state, say`has started`),
    text: say`Requested by ${state.requestedBy}.`,
  }
}
