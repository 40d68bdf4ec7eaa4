/** What people are told, and when: at every start, wait for people, rollback and end. */
import { english, listed } from '../say.ts'
import { timeOfDay } from '../analysis/text.ts'
import type { Message } from './commands.ts'
import { formatDuration, type Instant } from '../time.ts'
import type { EventData, RolloutEvent } from './events.ts'
import { noDataText } from './no-data.ts'
import { issue } from './orders.ts'
import { servingText } from './serving.ts'
import type { RolloutState } from './state.ts'

/** What every event brings with it: people are told, and a rollback opens an incident (R-F07). */
export function followUps(state: RolloutState, event: RolloutEvent, now: Instant): readonly RolloutEvent[] {
  const found = newsOf(state, event)
  const told = found ? issue(state, { type: 'Notify', message: { ...found, serving: servingText(state) } }, now) : []
  if (event.type === 'UnwellFound') {
    const { since, isDown, found } = event.data
    const title = `live is not well: ${found.map(({ what, text }) => `${what}: ${text}`).join('; ')}`
    return [...told, ...issue(state, { type: 'OpenIncident', priority: isDown ? 'P1' : 'P2', title, since }, now)]
  }
  if (event.type === 'LogDoubted') {
    const title = `the log of the control plane cannot be trusted: ${event.data.why}`
    return [...told, ...issue(state, { type: 'OpenIncident', priority: 'P1', title, since: now }, now)]
  }
  if (event.type !== 'RollbackTriggered' || event.data.mode === 'abort') return told
  return [...told, ...issue(state, { type: 'OpenIncident', priority: 'P2', title: event.data.text }, now)]
}

type News = Pick<Message, 'event' | 'priority' | 'title' | 'text'>

function titled(state: RolloutState, what: string): string {
  const { service, environment, artifact } = state.plan
  return `${service} ${artifact.version} in ${environment}: ${what}`
}

/** The news that an event is; null for events that nobody needs to be told. */
type NewsOf<T extends RolloutEvent['type']> = (state: RolloutState, data: EventData<T>) => News | null

const LOOK_AT_BOTH =
  'Look for what both share, such as the database or a provider. The release waits meanwhile; `stellwerk rollback` takes it back all the same.'

const news: { readonly [T in RolloutEvent['type']]?: NewsOf<T> } = {
  StepStarted: stepNews,
  Paused: (state, { by, reason }) =>
    by === 'system'
      ? { event: 'held', priority: 'P3', title: titled(state, 'waits for a decision'), text: reason }
      : null,
  SharedCauseFound: (state, { verdict }) => ({
    event: 'shared-cause',
    priority: 'P2',
    title: titled(state, 'is held, live suffers as well'),
    text: `${verdict.text}. ${LOOK_AT_BOTH}`,
  }),
  SharedCauseEnded: (state, { lastedMs }) => ({
    event: 'shared-cause',
    priority: 'info',
    title: titled(state, 'is no longer held by what live suffered from'),
    text: `It lasted ${formatDuration(lastedMs)}, and does not count against the release.`,
  }),
  NoDataFound: (state, { parts, until }) => ({
    event: 'no-data',
    priority: 'P2',
    title: titled(state, 'is held, it cannot be seen how it is'),
    text: `${english(listed(parts.map(noDataText)))}. Unless this is seen again, it is rolled back at ${timeOfDay(until)} UTC. To have it wait all the same: \`stellwerk resume ${state.id}\`.`,
  }),
  UnwellFound: (state, { since, isDown, found }) => ({
    event: 'unwell',
    priority: isDown ? 'P1' : 'P2',
    title: titled(state, isDown ? 'is live, and does not serve' : 'is live, and not well'),
    text: `Since ${timeOfDay(since)} UTC: ${found.map(({ what, text }) => `${what}: ${text}`).join('; ')}. See \`stellwerk status\` and \`stellwerk logs\`; \`stellwerk rollback ${state.id}\` returns to the previous release while that stands by.`,
  }),
  UnwellEnded: (state, { lastedMs }) => ({
    event: 'unwell',
    priority: 'info',
    title: titled(state, 'is well again'),
    text: `It was not for ${formatDuration(lastedMs)}.`,
  }),
  LogDoubted: (state, { why }) => ({
    event: 'log-doubted',
    priority: 'P1',
    title: titled(state, 'Stellwerk no longer trusts its log'),
    text: `${why}. Somebody may have changed the database. Stopped: ${stoppedIn(state)}. It goes on: what serves, and every way back (\`stellwerk rollback ${state.id}\`). To do: find out what changed (\`stellwerk audit verify\`), put the database right and start the control plane again, or accept the log as it is by name (\`stellwerk up --accept-log REASON --by PERSON\`).`,
  }),
  LogTrusted: (state) => ({
    event: 'log-doubted',
    priority: 'info',
    title: titled(state, 'Stellwerk trusts its log again'),
    text: 'Releases go on from where they were held.',
  }),
  NoDataEnded: (state, { lastedMs }) => ({
    event: 'no-data',
    priority: 'info',
    title: titled(state, 'can be seen again'),
    text: `It lasted ${formatDuration(lastedMs)}.`,
  }),
  RollbackTriggered: (state, { mode, text }) =>
    mode === 'abort'
      ? null
      : { event: 'rollback-started', priority: 'P2', title: titled(state, 'is being rolled back'), text },
  Finalized: (state) => ({
    event: 'finalized',
    priority: 'info',
    title: titled(state, 'is live'),
    text: 'Every step passed.',
  }),
  Aborted: (state, { reason }) => ({
    event: 'aborted',
    priority: 'P3',
    title: titled(state, 'was stopped before any traffic'),
    text: reason,
  }),
  RolledBack: (state, { reason }) => ({
    event: 'rolled-back',
    priority: 'P2',
    title: titled(state, 'was rolled back'),
    text: reason,
  }),
  NeedsHuman: (state, { reason, todo }) => ({
    event: 'needs-human',
    priority: 'P1',
    title: titled(state, 'needs a human'),
    text: `${reason} ${todo}`,
  }),
}

/** The news that an event is; null for events that nobody needs to be told. */
function newsOf(state: RolloutState, event: RolloutEvent): News | null {
  const tell = news[event.type] as NewsOf<RolloutEvent['type']> | undefined
  return tell ? tell(state, event.data) : null
}

function stoppedIn({ status }: RolloutState): string {
  const all = 'nothing is signed, and no release begins'
  return status === 'finalized' ? all : `${all}; this one is held where it is, except on its way back`
}

/** Enough of a plan's hash to tell it from every other one, as `approve --plan` takes it. */
function shortHash(hash: string): string {
  return hash.replace(/^sha256:/, '').slice(0, 16)
}

function stepNews(state: RolloutState, data: EventData<'StepStarted'>): News | null {
  if (data.track === 'forward' && data.step.kind === 'approvals') {
    const roles = state.plan.approvals.map(({ role }) => role).join(', ')
    const weaker = state.plan.policy?.changes.some(({ direction }) => direction === 'weaker') ?? false
    const weakened = weaker ? 'It weakens the policy held for this environment. ' : ''
    return {
      event: 'waiting-for-approval',
      priority: 'info',
      title: titled(state, 'waits for approval'),
      text: `Wanted: ${roles}. ${weakened}Look at it and approve it: stellwerk approve ${state.id} --plan ${shortHash(state.planHash)}`,
    }
  }
  if (data.track !== 'forward' || data.index !== 0) return null
  return {
    event: 'started',
    priority: 'info',
    title: titled(state, 'has started'),
    text: `Requested by ${state.requestedBy}.`,
  }
}
