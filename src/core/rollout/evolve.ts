/** `evolve(state, event) → state`: what each fact changes. No decision is taken here; whatever happened, happened. */
import { rollbackKind, forwardKind } from './steps/index.ts'
import { foldFirstOwn, foldSilent, foldTick } from '../analysis/fold.ts'
import type { Instant } from '../time.ts'
import type { Command } from './commands.ts'
import { counted, countedFirst, mergeSlots, seenAll, withSlot } from './observations.ts'
import type { EventData, Recorded, RolloutEventType } from './events.ts'
import { beginAnalysis, beside, requested } from './initial.ts'
import { answered, failed, messagesAndStarts, onlyMessages, settled, withDone, withoutLooks } from './orders.ts'
import { heardOf } from './shared-cause.ts'
import { shifted } from './time-shift.ts'
import { feltAfter } from './unwell.ts'
import { countedFrom, lookedAround, sawCounts, metricsPart } from './no-data.ts'
import { candidateOf, candidateReady, pendingOf, type RolloutState } from './state.ts'

type Context = { readonly at: Instant; readonly version: number; readonly actor: string }
type Evolve<T extends RolloutEventType> = (
  state: RolloutState,
  data: EventData<T>,
  context: Context,
) => Partial<RolloutState>

/** Folds one recorded event; the first one makes the state. */
export function evolve(state: RolloutState | null, event: Recorded): RolloutState {
  if (event.type === 'RolloutRequested') return requested(event.data, event)
  if (!state) throw new Error(`the stream begins with ${event.type} instead of RolloutRequested`)
  const change = apply[event.type] as Evolve<RolloutEventType>
  // The log keeps the clock of the session that wrote, which may run a little behind; `decide` went by this same rule.
  const at = event.type === 'TimeShifted' || event.at > state.lastAt ? event.at : state.lastAt
  const { version, actor } = event
  return { ...state, ...change(state, event.data, { at, version, actor }), version, lastAt: at }
}

const apply: { readonly [T in Exclude<RolloutEventType, 'RolloutRequested'>]: Evolve<T> } = {
  RolloutQueued: (_, data, { at }) => ({ admitted: false, step: { since: at, deadline: data.deadline } }),
  RolloutAdmitted: (state, data) => ({
    quarantined: data.quarantined,
    admitted: true,
    candidateSlot: data.candidateSlot,
    leftovers: data.leftovers ?? [],
    ...beside(state.plan, data.stable),
  }),
  StepStarted: (state, data, { at }) => ({
    ...(data.track === 'forward'
      ? { status: 'running' as const, at: data.index }
      : { rollback: state.rollback && { ...state.rollback, at: data.index } }),
    step: { since: at, deadline: data.deadline },
    failures: {},
    promoted: false,
    done: [],
    pending: withoutLooks(state.pending),
    smoke: { candidate: null, live: null },
    analysis: beginAnalysis(state, data, at),
  }),
  StepFinished: (state, data, { at }) => ({
    verdicts: data.verdicts.length > 0 ? data.verdicts : state.verdicts,
    sharedCause: heardOf(state, data.verdicts, at),
    ...(data.track === 'forward' ? forwardKind(data) : rollbackKind(data)).ended?.(state, at),
  }),
  StepExtended: (state, data) => ({ step: state.step && { ...state.step, deadline: data.deadline } }),
  CommandIssued: (state, data, { version, at }) => ({
    pending: [...state.pending, { key: String(version), ...data }],
    ...ordered(state, data.command, at),
  }),
  CommandDone: (state, data) => ({ ...settled(state, data.key), done: withDone(state, data.key) }),
  CommandFailed: (state, data, { at }) => failed(state, data, at),
  SlotObserved: (state, data, { at }) => ({
    ...answered(state, data),
    done: withDone(state, data.key),
    slots: withSlot(state, data, at),
  }),
  RouteObserved: (state, data, { at }) => ({
    ...answered(state, data),
    routes: { ...state.routes, [data.component]: { value: data.observed, at, answer: true } },
  }),
  WorldObserved: (state, data, { at }) => {
    const next = {
      ...state,
      ...(data.key === null ? {} : settled(state, data.key)),
      slots: mergeSlots(state, data.slots, at),
      routes: { ...state.routes, ...seenAll(data.routes, at) },
      analysis: withSilent(state, data.failures),
      lookedAt: at,
      ...lookedAround(state, data, { at, metrics: askedForMetrics(state, data.key) }),
    }
    // Before users are on it, a candidate that is not ready yet is starting, and says nothing about later.
    const unwell = feltAfter(next, data, at)
    return { ...next, unwell, unreadyLooks: !state.exposed || candidateReady(next) ? 0 : state.unreadyLooks + 1 }
  },
  MetricsBegun: (state, data, { at }) => ({
    analysis: foldFirstOwn(state.analysis, data.component, data.own),
    ...sawCounts(state, data.component, at),
    metrics: { ...state.metrics, [data.component]: countedFirst(state, data, at) },
  }),
  MetricsObserved: (state, data, { at }) => {
    const analysis = foldTick(state.analysis, data)
    const isUsable = analysis.components[data.component]?.unusable === null
    const metrics = { ...state.metrics, [data.component]: counted(state, data, at) }
    return { metrics, analysis, ...(isUsable ? sawCounts(state, data.component, at) : {}) }
  },
  GateChecked: (state, { key, gate, verdict }, { at }) => ({
    ...(verdict.outcome === 'pass' || verdict.outcome === 'fail'
      ? settled(state, key)
      : failed(state, { key, kind: 'transient', message: verdict.text }, at)),
    gates: { ...state.gates, [gate]: verdict },
  }),
  SmokeFinished: (state, data) => ({
    ...settled(state, data.key),
    smoke: { ...state.smoke, [data.target]: data.report },
  }),
  Approved: (state, data) => ({
    approvals: { ...state.approvals, [data.approval]: { by: data.by, expiresAt: data.expiresAt } },
  }),
  Rejected: () => ({}),
  RequestRefused: () => ({}),
  Paused: (_, data, { at }) => ({ paused: { ...data, since: at } }),
  Resumed: () => ({ paused: null }),
  Promoted: () => ({ promoted: true, paused: null }),
  Judged: (state, { verdicts }, { at }) => ({ verdicts, sharedCause: heardOf(state, verdicts, at) }),
  SharedCauseFound: (_, { verdict }, { at }) => ({ sharedCause: { rule: verdict.rule, since: at, quietSince: null } }),
  SharedCauseEnded: () => ({ sharedCause: null }),
  // What follows from it, the order for the routes, says the rest.
  ControlLost: () => ({}),
  NoDataFound: ({ noData }, { parts }, { at }) => {
    const since = Math.min(noData?.since ?? at, ...parts.map((part) => part.since)) as Instant
    // Who answered for some parts did not know of others.
    const known = parts.every(({ what }) => noData?.parts.includes(what))
    const answeredBy = known ? (noData?.answeredBy ?? null) : null
    return { noData: { since, parts: parts.map(({ what }) => what), quietSince: null, answeredBy } }
  },
  NoDataAnswered: ({ noData }, { by }) => ({ noData: noData && { ...noData, answeredBy: by } }),
  NoDataEnded: () => ({ noData: null }),
  UnwellFound: ({ unwell }) => ({ unwell: unwell && { ...unwell, told: true } }),
  UnwellEnded: () => ({ unwell: null }),
  LogDoubted: ({ doubtedBy = [] }, { host }) => ({ doubtedBy: [...doubtedBy, host] }),
  LogTrusted: ({ doubtedBy = [] }, { host }) => ({ doubtedBy: doubtedBy.filter((each) => each !== host) }),
  RollbackTriggered: (state, data, { at }) => ({
    status: data.mode === 'abort' ? 'aborting' : 'rolling-back',
    rollback: { ...data, at: -1, startedAt: at, trafficBackAt: null },
    pending: messagesAndStarts(state.pending),
    failures: {},
    verdicts: data.verdict ? [data.verdict] : [],
    paused: null,
    sharedCause: null,
    noData: null,
    unwell: null,
    step: { since: at, deadline: at },
  }),
  Finalized: (_, data) => ({ status: 'finalized', retireAt: data.retireAt, step: null, failures: {} }),
  WindowClosed: () => ({ windowClosed: true, retireAt: null }),
  Aborted: (state, data, { at }) => ended(state, 'aborted', { at, ...data }),
  RolledBack: (state, data, { at }) =>
    ended(state, 'rolled-back', { at, reason: data.reason, said: data.said, cause: state.rollback?.cause ?? 'person' }),
  NeedsHuman: (state, data, { at }) => ({
    ...ended(state, 'needs-human', {
      at,
      reason: data.reason,
      said: data.said,
      cause: state.rollback?.cause ?? 'deadline',
      todo: data.todo,
      todoSaid: data.todoSaid,
    }),
    pending: onlyMessages(state.pending),
  }),
  Resolved: (state, data, { at }) => ended(state, 'resolved', { at, reason: data.note, cause: 'person' }),
  TimeShifted: (state, data, { at }) => shifted(state, data.byMs, at),
}

/** Components whose numbers a look could not have. */
function withSilent(state: RolloutState, failures: EventData<'WorldObserved'>['failures']): RolloutState['analysis'] {
  return state.parts.routes.reduce((analysis, { id }) => {
    const failed = failures.find(({ what }) => what === metricsPart(id))
    return failed ? foldSilent(analysis, id, failed.message) : analysis
  }, state.analysis)
}

function ended(
  _: RolloutState,
  status: RolloutState['status'],
  ending: Omit<NonNullable<RolloutState['ending']>, 'todo'> & { readonly todo?: string },
): Partial<RolloutState> {
  return { status, step: null, paused: null, failures: {}, ending: { todo: null, ...ending } }
}

function askedForMetrics(state: RolloutState, key: string | null): boolean {
  const command = key === null ? undefined : pendingOf(state, key)?.command
  return command?.type === 'Observe' && command.metrics
}

function ordered(state: RolloutState, command: Command, at: Instant): Partial<RolloutState> {
  if (command.type === 'RemoveRoute') return { desired: { ...state.desired, [command.component]: null } }
  return command.type === 'SetRoute' ? routed(state, command, at) : {}
}

function routed(state: RolloutState, command: Command<'SetRoute'>, at: Instant): Partial<RolloutState> {
  const desired = { ...state.desired, [command.component]: command.route.weights }
  if (state.exposed || command.route.weights[state.candidateSlot] === 0) return { desired }
  const restarts = state.plan.components.map(({ name }) => [name, candidateOf(state, name)?.value.restarts ?? 0])
  // Looks before users met it say how it started, not how it serves.
  const unseen = countedFrom(state.unseen, at)
  return { desired, exposed: true, unreadyLooks: 0, unseen, restartsBefore: Object.fromEntries(restarts) }
}
