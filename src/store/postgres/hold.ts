/**
 * A lock on the whole database, held by a session: PostgreSQL lets go of it when the session ends, however it does. A host
 * that vanished is noticed by TCP within half a minute.
 */
import { hostname } from 'node:os'
import { Client } from 'pg'
import { storeError } from './errors.ts'

/** `since`: when that session began. */
export type DatabaseHolder = { readonly name: string; readonly since: string }

export interface HeldDatabase {
  /** Does the session live, and with it the lock? */
  isHeld(): Promise<boolean>
  end(): Promise<void>
}

export type HoldOptions = {
  readonly connectionString: string
  /** Together with others that say the same; else alone. */
  readonly isShared: boolean
}

export type Hold =
  | { readonly ok: true; readonly session: HeldDatabase }
  | { readonly ok: false; readonly holder: DatabaseHolder | null }

/** Any number that is ours: advisory locks are numbers, and per database. */
const KEY = 7_837_318_101
const NAME = `stellwerk ${process.pid}@${hostname()}`.slice(0, 63)
const KEEPALIVE = 'set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3'
const HOLDER = `select application_name as name, to_char(backend_start at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since
  from pg_locks join pg_stat_activity using (pid)
  where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())
    and ((classid::bigint << 32) | objid::bigint) = $1 and pid <> pg_backend_pid() limit 1`

/** Throws `StoreUnavailableError` when the database cannot be reached. */
export async function holdDatabase({ connectionString, isShared }: HoldOptions): Promise<Hold> {
  const client = new Client({
    connectionString,
    application_name: NAME,
    keepAlive: true,
    connectionTimeoutMillis: 5000,
    query_timeout: 10_000,
  })
  const session = sessionOf(client)
  try {
    await client.connect()
    await client.query(KEEPALIVE)
    const lock = isShared ? 'pg_try_advisory_lock_shared' : 'pg_try_advisory_lock'
    const { rows } = await client.query<{ held: boolean }>(`select ${lock}($1) as held`, [KEY])
    if (rows[0]?.held === true) return { ok: true, session }
    const { rows: holders } = await client.query<DatabaseHolder>(HOLDER, [KEY])
    await session.end()
    return { ok: false, holder: holders[0] ?? null }
  } catch (error) {
    void session.end()
    throw storeError(error, 'work')
  }
}

function sessionOf(client: Client): HeldDatabase {
  let isLost = false
  const lose = () => {
    isLost = true
  }
  client.on('error', lose)
  client.once('end', lose)
  return {
    async isHeld() {
      await client.query('select').catch(lose)
      return !isLost
    },
    end: () => client.end().catch(() => undefined),
  }
}
