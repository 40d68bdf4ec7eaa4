/** Commands under way, by the key of the event that issued them. */
import type { ObservedRoute, ObservedSlot } from '../observed.ts'
import type { Instant } from '../time.ts'
import type { Command } from './commands.ts'
import type { EventData } from './events.ts'
import { commandIdentity, isEmpty } from './issue.ts'
import { doubted } from './seen.ts'
import { lookFailed } from './sight.ts'
import { pendingOf, type RolloutState } from './state.ts'

type AllPending = RolloutState['pending']

/** A new step looks anew, at its own pace; the answer to the look under way is no longer waited for. */
export function withoutLooks(pending: AllPending): AllPending {
  return pending.filter(({ command }) => command.type !== 'Observe')
}

/** Orders of the way forward end with it; people are still told, and the incident is still opened. */
export function onlyMessages(pending: AllPending): AllPending {
  return pending.filter(({ command: { type } }) => MESSAGES.includes(type))
}

/** A start under way may still leave instances behind: the way back waits for its answer, and then stops what came of it. */
export function messagesAndStarts(pending: AllPending): AllPending {
  return pending.filter(({ command: { type } }) => MESSAGES.includes(type) || type === 'EnsureSlot')
}

const MESSAGES: readonly Command['type'][] = ['Notify', 'OpenIncident']

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
 * The command was answered with what is there now. Where that is not what it wished it counts as one more failure: an
 * adapter that says yes and changes nothing is asked again with growing pauses, as one that says no.
 */
export function answered(
  state: RolloutState,
  { key, component, observed }: EventData<'RouteObserved'> | EventData<'SlotObserved'>,
): Pick<RolloutState, 'pending' | 'failures'> {
  const command = pendingOf(state, key)?.command
  const missed = command ? notAsWished(command, observed) : null
  if (missed === null) return settled(state, key)
  return failedOnce(state, { key, kind: 'transient', message: `it was answered, but ${component} has ${missed}` })
}

function notAsWished(command: Command, observed: ObservedRoute | ObservedSlot): string | null {
  if ('weights' in observed) return routeNotAsWished(command, observed)
  const isThere = observed.present && observed.release === ('release' in command ? command.release : null)
  if (command.type === 'StopSlot') return isThere ? 'it still there' : null
  if (command.type !== 'EnsureSlot') return null
  return isThere && observed.desired === command.instances ? null : `${observed.desired} instances wanted of it`
}

function routeNotAsWished(command: Command, { weights, maintenance, generation }: ObservedRoute): string | null {
  if (command.type === 'RemoveRoute') return generation === 0 ? null : 'its route still'
  if (command.type !== 'SetRoute') return null
  const { blue, green } = weights
  const wished = command.route.weights
  const isThere = blue === wished.blue && green === wished.green && maintenance === command.route.maintenance
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
 * One more failure in a row of this wish: what it will be paused for, and what texts say of it. A start that failed may have
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
  const identity = identityOf(state, key)
  const count = (state.failures[identity]?.count ?? 0) + 1
  return { pending: unless(state.pending, key), failures: { ...state.failures, [identity]: { count, kind, message } } }
}
