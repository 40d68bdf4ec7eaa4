/**
 * Commands from the order to the answer. An order becomes a recorded command once, with a deadline, and with growing pauses after failures;
 * it is under way by the key of the event that issued it; what the world answers is recorded as facts. An answer to a command
 * that is no longer waited for changes nothing.
 */
import { type Command, commandIdentity, COMMANDS } from './commands.ts'
import type { CommandAnswer, CommandFinished, World } from './inputs.ts'
import type { EventData, RolloutEvent } from './events.ts'
import type { ObservedRoute, ObservedSlot } from '../observed.ts'
import { sameJson, isEmpty } from '../json.ts'
import { doubted, metricsFacts, withoutStale } from './observations.ts'
import { lookFailed } from './no-data.ts'
import { type Instant, after } from '../time.ts'
import { type Pending, type RolloutState, pendingOf } from './state.ts'

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 10_000
/** Each route of a message is tried for about that long before it becomes a dead letter: longer than a channel is down for. */
const NOTIFY_LIMIT_MS = 24 * 3_600_000

/** The event that issues `command`, or nothing while the same order is already pending. */
export function issue(state: RolloutState, command: Command, now: Instant): readonly RolloutEvent[] {
  const pending = state.pending.some((each) => sameJson(each.command, command))
  if (pending) return []
  const failed = isEmpty(state.failures) ? 0 : (state.failures[commandIdentity(command)]?.count ?? 0)
  return [issueAt(state, command, { due: after(now, pauseAfter(failed)), attempt: failed + 1 })]
}

export function issueAt(state: RolloutState, command: Command, when: { due: Instant; attempt: number }): RolloutEvent {
  return { type: 'CommandIssued', data: { command, ...when, deadline: after(when.due, limitOf(state, command)) } }
}

/** 0, 250, 500, 1000 … 10 000 ms after 0, 1, 2, 3 … failures in a row. */
export function pauseAfter(failures: number): number {
  return failures === 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS)
}

function limitOf(state: RolloutState, command: Command): number {
  const { limit } = COMMANDS[command.type]
  if (limit === 'message') return NOTIFY_LIMIT_MS
  const { slowCommandLimitMs, commandLimitMs } = state.plan.timings
  // A request that may wait longer by its own word is not cut short by the order that it is part of.
  if (command.type === 'RunSmoke') return longestWait(state.plan, slowCommandLimitMs)
  return limit === 'slow' ? slowCommandLimitMs : commandLimitMs
}

/** Each request of a suite may wait in turn; the step's own deadline bounds them all. */
function longestWait({ smoke, timings }: RolloutState['plan'], slowMs: number): number {
  const all = smoke.reduce((sum, { timeoutMs }) => sum + timeoutMs, 0)
  return smoke.some(({ timeoutMs }) => timeoutMs >= slowMs)
    ? Math.max(slowMs, Math.min(all, timings.smokeLimitMs))
    : slowMs
}

/** Commands under way, by the key of the event that issued them. */
type AllPending = RolloutState['pending']

/** A new step looks anew, at its own pace; the answer to the look under way is no longer waited for. */
export function withoutLooks(pending: AllPending): AllPending {
  return pending.filter(({ command }) => command.type !== 'Observe')
}

/** Orders of the way forward end with it; people are still told, and the incident is still opened. */
export function onlyMessages(pending: AllPending): AllPending {
  return pending.filter(({ command: { type } }) => COMMANDS[type].outlives)
}

/** A start under way may still leave instances behind: the way back waits for its answer, and then stops what came of it. */
export function messagesAndStarts(pending: AllPending): AllPending {
  return pending.filter(({ command: { type } }) => COMMANDS[type].outlives || type === 'EnsureSlot')
}

/** What was done within the step under way; nobody asks whether a message was sent. */
export function withDone(state: RolloutState, key: string): readonly string[] {
  const command = pendingOf(state, key)?.command
  return command?.type === 'Notify' ? state.done : [...state.done, identityOf(state, key)]
}

function identityOf(state: RolloutState, key: string): string {
  const pending = pendingOf(state, key)
  return pending ? commandIdentity(pending.command) : key
}

/** The command has its answer: no longer pending, its failures forgotten. */
export function settled(state: RolloutState, key: string): Pick<RolloutState, 'pending' | 'failures'> {
  const { failures } = state
  return {
    pending: unless(state.pending, key),
    failures: isEmpty(failures) ? failures : without(failures, identityOf(state, key)),
  }
}

/**
 * The command was answered with what is there now. Where that is not what it desired it counts as one more failure: an
 * adapter that says yes and changes nothing is asked again with growing pauses, as one that says no.
 */
export function answered(
  state: RolloutState,
  { key, component, observed }: EventData<'RouteObserved'> | EventData<'SlotObserved'>,
): Pick<RolloutState, 'pending' | 'failures'> {
  const command = pendingOf(state, key)?.command
  const missed = command ? notAsDesired(command, observed) : null
  if (missed === null) return settled(state, key)
  return failedOnce(state, { key, kind: 'transient', message: `it was answered, but ${component} has ${missed}` })
}

function notAsDesired(command: Command, observed: ObservedRoute | ObservedSlot): string | null {
  if ('weights' in observed) return routeNotAsDesired(command, observed)
  const isThere = observed.present && observed.release === ('release' in command ? command.release : null)
  if (command.type === 'StopSlot') return isThere ? 'it still there' : null
  if (command.type !== 'EnsureSlot') return null
  return isThere && observed.desired === command.instances ? null : `${observed.desired} instances desired of it`
}

function routeNotAsDesired(command: Command, { weights, maintenance, generation }: ObservedRoute): string | null {
  if (command.type === 'RemoveRoute') return generation === 0 ? null : 'its route still'
  if (command.type !== 'SetRoute') return null
  const { blue, green } = weights
  const desired = command.route.weights
  const isThere = blue === desired.blue && green === desired.green && maintenance === command.route.maintenance
  return isThere ? null : `blue ${blue} %, green ${green} % in force`
}

function unless(pending: AllPending, key: string): AllPending {
  return pending.filter((each) => each.key !== key)
}

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  if (!(key in record)) return record
  const { [key]: _, ...rest } = record
  return rest
}

/**
 * One more failure in a row of this order: what it will be paused for, and what texts say of it. A start that failed may have
 * been done all the same, so what was seen of its slot before is in doubt until the next look.
 */
export function failed(state: RolloutState, data: EventData<'CommandFailed'>, at: Instant): Partial<RolloutState> {
  const command = pendingOf(state, data.key)?.command
  const failure = failedOnce(state, data)
  if (command?.type === 'Observe')
    return { ...failure, ...lookFailed(state, { at, metrics: command.metrics, why: data.message }) }
  return command?.type === 'EnsureSlot' ? { ...failure, slots: doubted(state.slots, command) } : failure
}

function failedOnce(
  state: RolloutState,
  { key, kind, message }: EventData<'CommandFailed'>,
): Pick<RolloutState, 'pending' | 'failures'> {
  const command = pendingOf(state, key)?.command
  if (!command) return { pending: state.pending, failures: state.failures }
  const identity = commandIdentity(command)
  const count = (state.failures[identity]?.count ?? 0) + 1
  const failure = { of: command.type, count, kind, message }
  return { pending: unless(state.pending, key), failures: { ...state.failures, [identity]: failure } }
}

/** What the world answered, recorded as facts. An answer to a command that is no longer waited for changes nothing. */
const INCIDENT_ATTEMPTS_MAX = 10

export function answers(state: RolloutState, { key, result }: CommandFinished, now: Instant): readonly RolloutEvent[] {
  if (!pendingOf(state, key)) return []
  if (result.ok) return facts(state, key, result.answer, now)
  return commandFailed(state, key, { kind: result.kind, message: result.message }, now)
}

type Failure = { readonly kind: 'transient' | 'permanent' | 'unknown'; readonly message: string }

/** Steps repeat what failed them; an incident belongs to no step, so it is repeated here. */
export function commandFailed(
  state: RolloutState,
  key: string,
  failure: Failure,
  now: Instant,
): readonly RolloutEvent[] {
  const failed: RolloutEvent = { type: 'CommandFailed', data: { key, ...failure } }
  const pending = pendingOf(state, key)
  if (pending?.command.type !== 'OpenIncident' || pending.attempt >= INCIDENT_ATTEMPTS_MAX) return [failed]
  return [failed, issueAt(state, pending.command, { due: (now + 1000) as Instant, attempt: pending.attempt + 1 })]
}

function facts(state: RolloutState, key: string, answer: CommandAnswer, now: Instant): readonly RolloutEvent[] {
  const pending = pendingOf(state, key)
  switch (answer.type) {
    case 'slot':
      return [
        {
          type: 'SlotObserved',
          data: { key, component: answer.component, slot: answer.slot, observed: answer.observed },
        },
      ]
    case 'route':
      return [{ type: 'RouteObserved', data: { key, component: answer.component, observed: answer.observed } }]
    case 'world': {
      const world = withoutStale(state, answer.world)
      return [worldFact(key, world), ...metricsFacts(state, world, now)]
    }
    case 'gate':
      return [{ type: 'GateChecked', data: { key, gate: gateOf(pending), verdict: answer.verdict } }]
    case 'smoke': {
      const target = pending?.command.type === 'RunSmoke' ? pending.command.target : 'candidate'
      return [{ type: 'SmokeFinished', data: { key, target, report: answer.report } }]
    }
    case 'done':
      return [{ type: 'CommandDone', data: { key, detail: answer.detail } }]
  }
}

function gateOf(pending: Pending | undefined): string {
  return pending?.command.type === 'CheckGate' ? pending.command.gate : ''
}

export function worldFact(key: string | null, { slots, routes, failures }: World): RolloutEvent {
  return { type: 'WorldObserved', data: { key, slots, routes, failures } }
}
