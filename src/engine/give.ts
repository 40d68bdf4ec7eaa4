/** One input given to one stream; an answer that cannot be recorded becomes a recorded failure, never a silence. */
import type { Aggregate, StreamEvent, StreamInput, StreamState } from '../core/aggregate.ts'
import { brokenInterlock } from '../core/rollout/interlocks.ts'
import type { Instant } from '../core/time.ts'
import { ConcurrencyError, StoreUnavailableError } from '../ports/store.ts'
import { type Driven, giveOrBegin, type Others } from './drive.ts'
import { isAnswer, unrecorded } from './fit.ts'
import type { Running } from './running.ts'
import { messageOf } from './streams.ts'

type Giving = Pick<Running, 'store' | 'log' | 'clock' | 'troubles' | 'broken'>

export async function giveOrRecord<S extends StreamState, I extends StreamInput, E extends StreamEvent>(
  giving: Giving,
  kind: Aggregate<S, I, E>,
  stream: string,
  input: I,
): Promise<Driven<S, E> | null> {
  const { store, troubles } = giving
  const give = (given: I) =>
    insisting((others) => store.transact((tx) => giveOrBegin(tx, { kind, stream }, given, others)))
  try {
    const driven = await give(input)
    troubles.driven(stream)
    return driven
  } catch (error) {
    if (error instanceof StoreUnavailableError || error instanceof ConcurrencyError) throw error
    couldNotDrive(giving, { stream, error, now: giving.clock.now() })
    if (!isAnswer(input) || !input.result.ok) throw error
    return give({ ...input, ...unrecorded(input.key, messageOf(error)) })
  }
}

/**
 * What fails together with what it means for other streams is tried once more without: one of them may be what the database
 * refuses, and no rollback waits for the incident that it opens.
 */
export async function insisting<T>(work: (others: Others) => Promise<T>): Promise<T> {
  try {
    return await work('now')
  } catch (error) {
    if (error instanceof StoreUnavailableError || error instanceof ConcurrencyError) throw error
    return work('by-job')
  }
}

type Telling = Pick<Giving, 'log' | 'troubles' | 'broken'>
type Failed = { readonly stream: string; readonly error: unknown; readonly now: Instant }

/** Said loudly, and known until it is driven again. */
export function couldNotDrive({ log, troubles, broken }: Telling, { stream, error, now }: Failed) {
  if (error instanceof StoreUnavailableError) return
  const { times, error: message } = troubles.failed(stream, error, now)
  const interlock = brokenInterlock(error)
  log.error(interlock === null ? 'a stream could not be driven' : 'an interlock stopped a stream', {
    stream,
    times,
    error: message,
  })
  if (interlock !== null) broken?.({ what: 'interlock', stream, interlock, error: message })
}
