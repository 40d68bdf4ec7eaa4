import { StoreUnavailableError } from '../../ports/store.ts'

/** SQLSTATE classes and codes that say nothing about our statement, only about the moment; with what people should know. */
const TRANSIENT: readonly (readonly [string, string])[] = [
  ['08', 'the connection to the database broke'],
  ['57P', 'the database is stopping, starting, or ended our session'],
  ['25P03', 'the database ended our session: the transaction was idle for too long'],
  ['25P04', 'the database ended our session: the transaction took too long'],
  ['57014', 'the database cancelled a statement that took too long'],
  ['40001', 'the database could not serialise the transaction'],
  ['40P01', 'deadlock: the database chose this transaction to give way'],
  ['55P03', 'a lock was not available'],
  ['53100', "the database's disk is full: free some space"],
  ['53', 'the database is out of resources (memory, disk or connections)'],
  ['58', "the database's disk or operating system reported an error"],
]

const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'])

/** What node-postgres says without a code. */
const LOST =
  /Connection terminated|timeout exceeded when trying to connect|not queryable|Connection ended|timeout expired/i

/** The error to throw on: a `StoreUnavailableError` when only the moment was wrong, else the error itself. */
export function storeError(error: unknown, during: 'work' | 'commit'): unknown {
  const reason = transientReason(error)
  if (reason === null) return error
  const { code, message } = error as { code?: string; message: string }
  const kind = during === 'commit' && isConnectionLoss(code) ? 'unknown' : 'transient'
  const what = kind === 'unknown' ? 'it is unknown whether the transaction was committed' : 'nothing was changed'
  return new StoreUnavailableError(kind, `${reason}; ${what} (${message})`, error)
}

function transientReason(error: unknown): string | null {
  if (!(error instanceof Error) || error instanceof StoreUnavailableError) return null
  const { code } = error as { code?: string }
  if (code === undefined) return LOST.test(error.message) ? 'the connection to the database broke' : null
  if (NETWORK.has(code)) return 'the database cannot be reached'
  return TRANSIENT.find(([prefix]) => code.startsWith(prefix) && code.length === 5)?.[1] ?? null
}

/** The server answers a failed commit with an error; when the line is dead we do not know. */
function isConnectionLoss(code: string | undefined): boolean {
  return code === undefined || NETWORK.has(code) || code.startsWith('08') || code.startsWith('57P')
}
