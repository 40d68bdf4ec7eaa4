/** One input given to one rollout; an answer that cannot be recorded becomes a recorded failure, never a silence. */
import type { Input } from '../core/rollout/inputs.ts'
import type { Instant } from '../core/time.ts'
import { ConcurrencyError, StoreUnavailableError } from '../ports/store.ts'
import { unrecorded } from './fit.ts'
import { driveLocked, type Driven, lockRollout } from './rollouts.ts'
import type { Running } from './running.ts'

type Giving = Pick<Running, 'store' | 'log' | 'clock' | 'troubles'>

export async function giveOrRecord(giving: Giving, stream: string, input: Input): Promise<Driven | null> {
  try {
    const driven = await give(giving, stream, input)
    giving.troubles.driven(stream)
    return driven
  } catch (error) {
    if (error instanceof StoreUnavailableError || error instanceof ConcurrencyError) throw error
    couldNotDrive(giving, { stream, error, now: giving.clock.now() })
    if (input.type !== 'command-finished' || !input.result.ok) throw error
    const why = error instanceof Error ? error.message : String(error)
    return give(giving, stream, unrecorded(input.key, why))
  }
}

function give({ store }: Giving, stream: string, input: Input): Promise<Driven | null> {
  return store.transact(async (tx) => {
    const loaded = await lockRollout(store, tx, stream)
    return loaded && driveLocked(tx, loaded, input)
  })
}

type Failed = { readonly stream: string; readonly error: unknown; readonly now: Instant }

/** Said loudly, and known until it is driven again. */
export function couldNotDrive({ log, troubles }: Pick<Giving, 'log' | 'troubles'>, { stream, error, now }: Failed) {
  if (error instanceof StoreUnavailableError) return
  const { times, error: message } = troubles.failed(stream, error, now)
  const isInterlock = message.startsWith('interlock')
  log.error(isInterlock ? 'an interlock stopped a rollout' : 'a rollout could not be driven', {
    stream,
    times,
    error: message,
  })
}

/** The transaction is lost with it, and with it everything else that was done in it. */
export function isOfTheDatabase(error: unknown): boolean {
  return error instanceof StoreUnavailableError || (error instanceof Error && 'code' in error)
}
