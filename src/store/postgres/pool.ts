import { Client, Pool, type PoolClient } from 'pg'
import type { RunSql } from '../../ports/sql.ts'
import { storeError } from './errors.ts'
import { prepare } from './prepare.ts'
import type { SqlRow } from './rows.ts'

export interface Database {
  /** One statement on its own. */
  readonly run: RunSql
  /**
   * Commits when `work` resolves, else rolls back. `begun` is what the statements of `begin` answered last. `after` is one
   * statement to run behind the commit, before anybody hears of it.
   */
  transact<T>(begin: string, work: Work<T>): Promise<T>
  /** A connection of its own, outside the pool: the caller ends it. */
  client(): Client
  /** The statements that begin one of our transactions, with its time limit. */
  readonly begin: string
  close(): Promise<void>
}

export type Outcome<T> = { readonly result: T; readonly after: string | null }

export type DatabaseOptions = {
  readonly connectionString: string
  /** As the owner of the tables, where that is another role: for migrations. */
  readonly migrationUrl: string | null
  readonly remake: boolean
  readonly maxConnections: number
  readonly transactionTimeoutMs: number
}

/** Connects, brings the schema up to date, answers a pool. Throws `StoreUnavailableError` when there is no database. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { connectionString, maxConnections, transactionTimeoutMs } = options
  const client = () => new Client({ connectionString, application_name: 'stellwerk', keepAlive: true })
  const serverVersion = await prepare(options).catch((error) => Promise.reject(storeError(error, 'work')))
  const pool = new Pool({
    connectionString,
    application_name: 'stellwerk',
    max: maxConnections,
    keepAlive: true,
    connectionTimeoutMillis: 5000,
    statement_timeout: 10_000,
  })
  // An idle connection that the server closes: the pool drops it and opens another one when needed.
  pool.on('error', () => undefined)
  return {
    client,
    begin: beginStatement(serverVersion, transactionTimeoutMs),
    transact: (begin, work) => transact(pool, begin, work),
    run: async (text, values, name) => {
      try {
        return await pool.query(query(text, values, name))
      } catch (error) {
        throw storeError(error, 'work')
      }
    },
    close: () => pool.end(),
  }
}

function beginStatement(serverVersion: number, timeoutMs: number): string {
  const limits =
    serverVersion >= 170_000
      ? ['transaction_timeout']
      : ['idle_in_transaction_session_timeout', 'statement_timeout', 'lock_timeout']
  return ['begin', ...limits.map((limit) => `set local ${limit} = ${timeoutMs}`)].join(';')
}

async function transact<T>(pool: Pool, begin: string, work: Work<T>): Promise<T> {
  const client = await pool.connect().catch((error) => Promise.reject(storeError(error, 'work')))
  const line: Line = { client, during: 'work', lost: null }
  const onError = (error: Error) => {
    line.lost = error
  }
  // While it is checked out, nobody else listens; a dropped connection must not end the process.
  client.on('error', onError)
  try {
    return await attempt(line, begin, work)
  } catch (error) {
    // What is still open is void with the connection, if it cannot be rolled back.
    await client.query('rollback').catch((failure) => onError(failure))
    throw storeError(error, line.during)
  } finally {
    client.off('error', onError)
    client.release(line.lost ?? undefined)
  }
}

type Work<T> = (run: RunSql, begun: SqlRow) => Promise<Outcome<T>>
type Line = { readonly client: PoolClient; during: 'work' | 'commit'; lost: Error | null }

async function attempt<T>(line: Line, begin: string, work: Work<T>): Promise<T> {
  const { client } = line
  const { result, after } = await work(runner(client), await begun(client, begin))
  line.during = 'commit'
  const { command } = await client.query('commit')
  if (command !== 'COMMIT') throw new Error('the transaction was rolled back: an earlier statement in it had failed')
  if (after !== null) await client.query(after)
  return result
}

async function begun(client: PoolClient, begin: string): Promise<SqlRow> {
  const results = (await client.query(begin)) as unknown
  const last = (Array.isArray(results) ? results.at(-1) : results) as { rows: SqlRow[] }
  return last.rows[0] ?? {}
}

function runner(client: PoolClient): RunSql {
  return (text, values, name) => client.query(query(text, values, name))
}

function query(text: string, values: readonly unknown[] = [], name?: string) {
  return { text, values: [...values], ...(name === undefined ? {} : { name }) }
}
