/** Before anything is read from a database: is it one we can work on, and is its schema ours and of today? */
import { quote, say } from '../../core/say.ts'
import { Client } from 'pg'
import { StellwerkError } from '../../errors.ts'
import { migrate } from './migrate.ts'

export type Access = {
  readonly connectionString: string
  /** As the owner of the tables, where that is another role: for migrations. */
  readonly migrationUrl: string | null
  /** Makes tables beside the log that are not there. */
  readonly remake: boolean
}

type Place = {
  readonly version: number
  readonly encoding: string
  readonly database: string
  readonly role: string
}

const PLACE = `select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding,
  current_database() as database, current_user as role`

const STILL = say`what served before: router and instances go on without the control plane`

/** Answers the version of the server, `180000`. */
export async function prepare({ connectionString, migrationUrl, remake }: Access): Promise<number> {
  return asked('DATABASE_URL', connectionString, async (client) => {
    const place = await placeOf(client)
    const { version, encoding } = place
    if (version < 140_000) throw new Error(`PostgreSQL 14 or newer is needed; this server is ${version}`)
    if (encoding !== 'UTF8') throw new Error(`the database has encoding ${encoding}: create one with encoding UTF8`)
    if (migrationUrl === null)
      await migrate(client, { runtime: null, remake }).catch((error) => Promise.reject(explained(error, place)))
    else await asked('STELLWERK_MIGRATION_URL', migrationUrl, (owner) => migrateAs(owner, place, remake))
    return version
  })
}

/** Runs `work` on a connection of its own, which ends with it. */
export async function connected<T>(connectionString: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString, application_name: 'stellwerk', connectionTimeoutMillis: 5000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
  } catch (error) {
    // Not awaited: for a client that never got through, `end` does not resolve.
    void client.end().catch(() => undefined)
    throw error
  }
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** SQLSTATE: wrong password or role, no such database, no right to connect to it. */
const REFUSALS = /^(28...|3D000|42501)$/

/** The connection that a variable names; where the database does not let it in, that is said by the variable's name. */
async function asked<T>(variable: string, connectionString: string, work: (client: Client) => Promise<T>): Promise<T> {
  let isIn = false
  return connected(connectionString, (client) => {
    isIn = true
    return work(client)
  }).catch((error) => {
    if (isIn || !REFUSALS.test((error as { code?: string }).code ?? '')) throw error
    throw new StellwerkError(
      'failed',
      {
        what: say`the database refuses the connection of ${variable}`,
        why: quote((error as Error).message),
        serving: STILL,
        fix: say`correct the role, password and database in ${variable}`,
      },
      error,
    )
  })
}

async function placeOf(client: Client): Promise<Place> {
  const { rows } = await client.query<Place>(PLACE)
  return rows[0] as Place
}

async function migrateAs(owner: Client, runtime: Place, remake: boolean): Promise<void> {
  const { role, database } = await placeOf(owner)
  if (database !== runtime.database) {
    throw new StellwerkError('usage', {
      what: say`STELLWERK_MIGRATION_URL names the database ${database}, and DATABASE_URL the database ${runtime.database}`,
      why: say`one prepares what the other works on`,
      fix: say`name the same database in both`,
    })
  }
  await migrate(owner, { runtime: role === runtime.role ? null : runtime.role, remake })
}

const INSUFFICIENT_PRIVILEGE = '42501'

function explained(error: unknown, { role, database }: Place): unknown {
  if ((error as { code?: string }).code !== INSUFFICIENT_PRIVILEGE) return error
  return new StellwerkError(
    'failed',
    {
      what: say`role ${role} may not bring the tables in database ${database} up to date`,
      why: quote((error as Error).message),
      serving: STILL,
      fix: say`give STELLWERK_MIGRATION_URL, the connection of the role that owns them (docs/guides/production.md)`,
    },
    error,
  )
}
