/**
 * load → decide → append: one rollout driven by one input inside one transaction. Events, commands, the state beside the
 * log and what they mean for the environment become true together (design §7).
 */
import type { Json } from '../core/json.ts'
import { decide, type Decision } from '../core/rollout/decide.ts'
import { nextDue } from '../core/rollout/time-shift.ts'
import type { Input } from '../core/rollout/inputs.ts'
import type { Recorded } from '../core/rollout/events.ts'
import { isFinal, type RolloutState } from '../core/rollout/state.ts'
import { phaseOf } from '../core/rollout/view.ts'
import type { NewJob } from '../ports/job-queue.ts'
import type { Store, StoreTransaction, StreamFacts, StreamRow } from '../ports/store.ts'
import { lockedEnvironment } from './environment.ts'
import { afterNews, newsBetween } from './environment-row.ts'
import { fitInput } from './fit.ts'
import { foldRollout } from './fold.ts'
import { adoptPolicy } from './policies.ts'

/** Bumped whenever `RolloutState` changes shape: states of another format are folded again from their events. */
export const STATE_FORMAT = 6

export { environmentFacts } from './environment-row.ts'
export { foldRollout } from './fold.ts'

/** A state as the row keeps it, or null when it has to be folded again. */
export function stateOf(row: StreamRow): RolloutState | null {
  const kept = row.state as { readonly format: number; readonly state: RolloutState } | null
  return kept?.format === STATE_FORMAT ? kept.state : null
}

/** Locks a rollout's row and reads its state; null when there is no such rollout. */
export async function lockRollout(store: Store, tx: StoreTransaction, stream: string): Promise<Loaded | null> {
  const row = await tx.lock(stream)
  const state = row && (await stateFrom(store, row))
  return row && state ? { row, state } : null
}

/** The state beside the log where it is of our format, else folded from the log. */
export async function stateFrom(store: Store, row: StreamRow): Promise<RolloutState | null> {
  return stateOf(row) ?? foldRollout(await store.read(row.stream))
}

export type Driven = { readonly state: RolloutState; readonly decision: Decision | null }

export type Loaded = { readonly row: StreamRow; readonly state: RolloutState }

/** Gives `input` to a rollout whose row is locked by `tx`. */
export async function driveLocked(tx: StoreTransaction, { row, state }: Loaded, input: Input): Promise<Driven> {
  const decision = decide(state, fitInput(input), tx.now(), tx.doubts() !== null)
  if (decision.events.length === 0) {
    // Nothing followed: yet the row was due, so that it is not due for the same reason again.
    if (row.nextDue !== nextDue(state)) await save(tx, row.stream, state)
    return { state, decision: null }
  }
  await commit(tx, row.stream, state, decision)
  return { state: decision.state, decision }
}

/** Appends what was decided, and everything that follows from it in the same transaction. */
export async function commit(
  tx: StoreTransaction,
  stream: string,
  before: RolloutState | null,
  decision: Decision,
): Promise<void> {
  const events = decision.events.map(({ type, data, actor, token }) => ({
    type,
    data: data as unknown as Json,
    actor,
    ...(token === undefined ? {} : { token }),
  }))
  await tx.append(stream, before?.version ?? 0, events)
  await save(tx, stream, decision.state)
  await tx.insertJobs(decision.commands.map((issued) => commandJob(stream, issued)))
  await settleEnvironment(tx, before, decision.state)
  const [first] = decision.events
  const begins = decision.events.some(({ type }) => type === 'StepStarted')
  if (begins && first) await adoptPolicy(tx, before, decision.state, callerOf(first))
}

function callerOf({ actor, token }: Recorded) {
  return token === undefined ? { id: actor } : { id: actor, token }
}

async function save(tx: StoreTransaction, stream: string, state: RolloutState): Promise<void> {
  const { row, facts } = rolloutRow(state)
  await tx.saveStream({ ...row, stream }, facts)
}

/** What stands beside the log of a rollout: made of its state alone, so that it can be made again (law L2). */
export function rolloutRow(state: RolloutState): { readonly row: StreamRow; readonly facts: StreamFacts } {
  const kept = { format: STATE_FORMAT, state } as unknown as Json
  return {
    row: { stream: state.id, version: state.version, state: kept, nextDue: nextDue(state) },
    facts: factsOf(state),
  }
}

export function commandJob(
  stream: string,
  { key, command, due }: Pick<Decision['commands'][number], 'key' | 'command' | 'due'>,
): NewJob {
  const queue = command.type === 'Notify' ? 'notify' : 'command'
  return { queue, data: { stream, key }, due }
}

function factsOf(state: RolloutState): StreamFacts {
  const { service, environment, artifact } = state.plan
  return {
    kind: 'rollout',
    service,
    environment,
    version: artifact.version,
    phase: phaseOf(state),
    final: isFinal(state),
  }
}

async function settleEnvironment(
  tx: StoreTransaction,
  before: RolloutState | null,
  state: RolloutState,
): Promise<void> {
  const news = newsBetween(before, state)
  if (news === null) return
  const { service, environment, barred } = news
  await tx.saveEnvironment(afterNews(await lockedEnvironment(tx, service, environment), news))
  if (barred !== null) await tx.setQuarantine(service, environment, barred.identity, barred.reason)
}
