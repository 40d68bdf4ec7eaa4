/**
 * load → decide → append: one stream driven by one input inside one transaction. Events, commands, the state beside the log
 * and what they mean for other streams and for the environment become true together (design §7).
 */
import type {
  Aggregate,
  Decided,
  Effect,
  Given,
  Order,
  StreamEvent,
  StreamInput,
  StreamState,
} from '../core/aggregate.ts'
import type { Json } from '../core/json.ts'
import type { NewJob } from '../ports/job.ts'
import { StoreUnavailableError, type StoreTransaction } from '../ports/store.ts'
import { changeEnvironment } from './environment.ts'
import { fitInput } from './fit.ts'
import { adoptPolicy } from './policies.ts'
import { factsOf, kindNamed, type Loaded, lockStream, messageOf, rowOf } from './streams.ts'

/** What became of one input: the stream as it is now, what was decided, and the jobs that were queued. */
export type Driven<S extends StreamState = StreamState, E extends StreamEvent = StreamEvent> = {
  readonly kind: string
  readonly stream: string
  readonly state: S
  readonly events: readonly E[]
  readonly jobs: readonly NewJob[]
}

/**
 * `now`: what an event means for other streams happens with it. `by-job`: orders to other streams go their usual way; for a
 * stream that could not be driven before, perhaps because of them.
 */
export type Others = 'now' | 'by-job'

/** Gives `input` to a stream whose row is locked by `tx`. */
export async function drive<S extends StreamState, I extends StreamInput, E extends StreamEvent>(
  tx: StoreTransaction,
  { kind, row, state }: Loaded<S, I, E>,
  input: I | { readonly type: 'tick' },
  others: Others = 'now',
): Promise<Driven<S, E>> {
  const decided = kind.decide(state, fitInput(input), tx.now(), tx.doubts() !== null)
  if (decided.events.length > 0) return settle({ tx, kind, stream: row.stream, others }, state, decided)
  // Nothing followed: yet the row was due, so that it is not due for the same reason again.
  if (row.nextDue !== kind.due(state)) await tx.saveStream(rowOf(kind, row.stream, state), factsOf(kind, state))
  return { kind: kind.kind, stream: row.stream, state, events: [], jobs: [] }
}

/** The first input of a new stream. */
export function begin<S extends StreamState, I extends StreamInput, E extends StreamEvent>(
  tx: StoreTransaction,
  kind: Aggregate<S, I, E>,
  stream: string,
  input: I,
): Promise<Driven<S, E>> {
  const decided = kind.decide(null, fitInput(input), tx.now(), tx.doubts() !== null)
  return settle({ tx, kind, stream, others: 'now' }, null, decided)
}

type Driving<S extends StreamState, E extends StreamEvent> = {
  readonly tx: StoreTransaction
  readonly kind: Aggregate<S, StreamInput, E>
  readonly stream: string
  readonly others: Others
}

/** Appends what was decided, and everything that follows from it in the same transaction. */
async function settle<S extends StreamState, E extends StreamEvent>(
  driving: Driving<S, E>,
  before: S | null,
  decided: Decided<S, E>,
): Promise<Driven<S, E>> {
  const { tx, kind, stream } = driving
  await tx.append(stream, before?.version ?? 0, decided.events.map(newEvent))
  await tx.saveStream(rowOf(kind, stream, decided.state), factsOf(kind, decided.state))
  let driven: Driven<S, E> = { kind: kind.kind, stream, ...decided, jobs: [] }
  for (const effect of kind.effects(before, decided)) driven = await follow(driving, driven, effect)
  return driven
}

function newEvent({ type, data, actor, token }: StreamEvent) {
  return { type, data: data as Json, actor, ...(token === undefined ? {} : { token }) }
}

async function follow<S extends StreamState, E extends StreamEvent>(
  driving: Driving<S, E>,
  driven: Driven<S, E>,
  effect: Effect,
): Promise<Driven<S, E>> {
  const { tx } = driving
  try {
    if (effect.type === 'order') return await queued(driving, driven, effect)
    if (effect.type === 'input') return await given(driving, driven, effect)
    await (effect.type === 'environment' ? changeEnvironment(tx, effect) : adoptPolicy(tx, effect))
    return driven
  } catch (error) {
    if (error instanceof StoreUnavailableError) throw error
    throw new Error(`what follows from it failed (${effect.type}): ${messageOf(error)}`, { cause: error })
  }
}

async function queued<S extends StreamState, E extends StreamEvent>(
  { tx, stream }: Driving<S, E>,
  driven: Driven<S, E>,
  order: Order,
): Promise<Driven<S, E>> {
  const job = jobOf(stream, order)
  await tx.insertJobs([job])
  return { ...driven, jobs: [...driven.jobs, job] }
}

/** The order is looked up in the log by its key: jobs hold ids only. */
export function jobOf(stream: string, { queue, key, due }: Order): NewJob {
  return { queue, data: { stream, key }, due }
}

/** An order that another stream carries out is answered at once; one that it cannot take now goes its usual way. */
async function given<S extends StreamState, E extends StreamEvent>(
  driving: Driving<S, E>,
  driven: Driven<S, E>,
  effect: Given,
): Promise<Driven<S, E>> {
  const { tx, kind, stream, others } = driving
  const { of } = effect
  if (of === null) {
    await giveWithin(tx, effect)
    return driven
  }
  if (others === 'by-job' || !(await taken(tx, effect))) return queued(driving, driven, of.order)
  const row = rowOf(kind, stream, driven.state)
  const answered = await drive(tx, { kind, row, state: driven.state }, of.answer, others)
  return {
    ...answered,
    events: [...driven.events, ...answered.events],
    jobs: [...driven.jobs, ...answered.jobs],
  }
}

/** Its job says why not, when it fails as well. */
async function taken(tx: StoreTransaction, effect: Given): Promise<boolean> {
  try {
    await tx.apart(() => giveWithin(tx, effect))
    return true
  } catch (error) {
    if (error instanceof StoreUnavailableError) throw error
    return false
  }
}

async function giveWithin(tx: StoreTransaction, { kind, stream, input }: Given): Promise<void> {
  const driven = await giveOrBegin(tx, { kind: kindNamed(kind), stream }, input)
  if (!driven) throw new Error(`there is no ${kind} "${stream}" that could be told`)
}

/** Null: there is no such stream of this kind, and this input begins none. */
export async function giveOrBegin<S extends StreamState, I extends StreamInput, E extends StreamEvent>(
  tx: StoreTransaction,
  { kind, stream }: { readonly kind: Aggregate<S, I, E>; readonly stream: string },
  input: I,
  others: Others = 'now',
): Promise<Driven<S, E> | null> {
  const loaded = await lockStream(kind, tx, stream)
  if (loaded) return drive(tx, loaded, input, others)
  return input.type === kind.begins.input ? begin(tx, kind, stream, input) : null
}

export function isOf<S extends StreamState, E extends StreamEvent>(
  kind: Aggregate<S, StreamInput, E>,
  driven: Driven,
): driven is Driven<S, E> {
  return driven.kind === kind.kind
}
