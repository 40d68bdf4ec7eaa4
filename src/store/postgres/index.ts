/** The event log and its projections in PostgreSQL (14 or newer; from 17 on, the server also ends a frozen writer). */
import { type Instant, instant } from '../../core/time.ts'
import type { Clock } from '../../ports/clock.ts'
import type { NewJob } from '../../ports/job.ts'
import type { RunSql, SqlStore } from '../../ports/sql.ts'
import type { StoreTransaction } from '../../ports/store.ts'
import { storeError } from './errors.ts'
import { listener } from './listen.ts'
import { openDatabase } from './pool.ts'
import { readers } from './readers.ts'
import { rebuildIn, type Rebuilding, type Rebuilt } from './rebuild.ts'
import { type LogGuard, NO_GUARD } from '../seal.ts'
import type { Reading } from './rows.ts'
import { PostgresTransaction } from './transaction.ts'
import { write } from './write.ts'

export type PostgresStoreOptions = {
  readonly connectionString: string
  /** As the owner of the tables, where that is another role; default: the one role does everything. */
  readonly migrationUrl?: string | null
  /** Instead of the database's clock: for tests and rehearsals. */
  readonly clock?: Clock
  /** Seals what is written and tells what somebody else wrote; default: nothing is sealed, everything believed. */
  readonly guard?: LogGuard
  /** Makes tables beside the log that are not there, as the owner; default: it is refused to work without one. */
  readonly remake?: boolean
  readonly maxConnections?: number
  /** After this the server ends a transaction, whatever its process does: a frozen replica blocks nobody for longer. */
  readonly transactionTimeoutMs?: number
}

export interface PostgresStore extends SqlStore {
  /** One statement on its own, for the parts of the store that look beside the port: audit, rebuild, health. */
  readonly sql: RunSql
  /**
   * Makes what stands beside the log again from it, in one transaction; whoever drives waits meanwhile. Throws what a projector
   * throws, and then nothing has changed.
   */
  rebuild(how: Rebuilding): Promise<Rebuilt>
  close(): Promise<void>
}

type InsertJobs = (jobs: readonly NewJob[], run: RunSql) => Promise<void>

const NOW = 'select (extract(epoch from clock_timestamp()) * 1000)::bigint as now'

/** Creates or migrates the schema. Throws `StoreUnavailableError` when the database cannot be reached. */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<PostgresStore> {
  const { connectionString, clock, maxConnections = 10, transactionTimeoutMs = 5000 } = options
  const { guard = NO_GUARD, migrationUrl = null, remake = false } = options
  const reading = { guard }
  const roles = { connectionString, migrationUrl, remake }
  const database = await openDatabase({ ...roles, maxConnections, transactionTimeoutMs })
  const begin = clock ? database.begin : `${database.begin};${NOW}`
  const { listen, close: closeListener } = listener(database)
  const work = worker(reading)
  const moment = (row: Record<string, unknown> | undefined) => clock?.now() ?? instant(Number(row?.['now']))
  return {
    ...readers(database.run, reading),
    sql: database.run,
    listen,
    useJobs: work.useJobs,
    transact: (decide) => database.transact(begin, (run, begun) => work.run(run, moment(begun), decide, 'lazy')),
    async within(run, decide) {
      const now = await transient(run(NOW))
      // Somebody else commits, and can run nothing afterwards.
      return (await transient(work.run(run, moment(now.rows[0]), decide, 'plain'))).result
    },
    rebuild: (how) => rebuildIn(database, { ...how, reading, insertJobs: work.insertJobs }),
    async close() {
      await closeListener()
      await database.close()
    },
  }
}

/** Runs the deciding part of a transaction, then writes down what it has decided. */
function worker(reading: Reading) {
  let insertJobs: InsertJobs = async () => {
    throw new Error('this store has no job queue: construct one on it first')
  }
  return {
    useJobs: (insert: InsertJobs) => {
      insertJobs = insert
    },
    insertJobs: (jobs: readonly NewJob[], run: RunSql) => insertJobs(jobs, run),
    async run<T>(run: RunSql, now: Instant, decide: (tx: StoreTransaction) => Promise<T>, commit: 'lazy' | 'plain') {
      const tx = new PostgresTransaction(run, now, reading)
      try {
        const result = await decide(tx)
        const after = await write({ run, now, reading, commit, insertJobs }, tx.end())
        tx.written()
        return { result, after }
      } finally {
        tx.close()
      }
    },
  }
}

function transient<T>(promise: Promise<T>): Promise<T> {
  return promise.catch((error) => Promise.reject(storeError(error, 'work')))
}
