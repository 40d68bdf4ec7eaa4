import { say, verbatim } from '../../core/say.ts'
import type { ClientBase } from 'pg'
import { JOBS_SCHEMA } from '../../ports/sql.ts'
import { StellwerkError } from '../../errors.ts'
import { giveRights, settleOwners } from './grants.ts'
import { log } from './migrations/0001-log.ts'
import { append } from './migrations/0002-append.ts'
import { tokens } from './migrations/0003-tokens.ts'
import { requests } from './migrations/0004-requests.ts'
import { seals } from './migrations/0005-seals.ts'
import { hosts } from './migrations/0006-hosts.ts'
import { signer } from './migrations/0007-signer.ts'
import { definer } from './migrations/0008-definer.ts'
import { deliveries } from './migrations/0009-deliveries.ts'
import { dismissed } from './migrations/0010-dismissed.ts'
import { RIGHTS } from './ownership.ts'

/** Applied in order, each once. A migration that was released is never changed: add another one. */
const MIGRATIONS: readonly { readonly name: string; readonly sql: string }[] = [
  { name: '0001-log', sql: log },
  { name: '0002-append', sql: append },
  { name: '0003-tokens', sql: tokens },
  { name: '0004-requests', sql: requests },
  { name: '0005-seals', sql: seals },
  { name: '0006-hosts', sql: hosts },
  { name: '0007-signer', sql: signer },
  { name: '0008-definer', sql: definer },
  { name: '0009-deliveries', sql: deliveries },
  { name: '0010-dismissed', sql: dismissed },
]

/** "stellwerk" in hexadecimal letters' place: any constant will do, as long as nobody else uses it. */
const LOCK = 7_378_836_701

type Migrating = {
  /** The role that will work here, when it is another one than this client's; it gets the rights it needs. */
  readonly runtime: string | null
  readonly remake: boolean
}

/**
 * Brings schema `stellwerk` to the version of this program, in one transaction. Of several who start at once, one does it
 * and the others wait. Throws when the schema was written by a newer program: that one may rely on what we do not know.
 *
 * Where nothing is missing nothing is created, so that a role without that right can start again alone.
 */
export async function migrate(client: ClientBase, { runtime, remake }: Migrating): Promise<void> {
  await client.query('begin')
  try {
    // A migration may take its time, and so may the one we wait for.
    await client.query('set local statement_timeout = 0; set local lock_timeout = 0')
    await client.query('select pg_advisory_xact_lock($1)', [LOCK])
    if (runtime !== null) await settleOwners(client, runtime)
    await bringUpToDate(client)
    await mendTables(client, remake)
    if (runtime !== null) await giveRights(client, runtime)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  }
}

const THERE = `select to_regclass('stellwerk.migrations') is not null as migrations, to_regnamespace($1) is not null as jobs`
const BEGINNING = `
create schema if not exists stellwerk;
create table if not exists stellwerk.migrations (name text primary key, at timestamptz not null default now())`

async function bringUpToDate(client: ClientBase): Promise<void> {
  const { rows: found } = await client.query<{ migrations: boolean; jobs: boolean }>(THERE, [JOBS_SCHEMA])
  if (found[0]?.migrations !== true) await client.query(BEGINNING)
  const { rows } = await client.query<{ name: string }>('select name from stellwerk.migrations')
  const done = rows.map((row) => row.name)
  refuseNewer(done)
  for (const { name, sql } of MIGRATIONS.filter((one) => !done.includes(one.name))) {
    await client.query(sql)
    await client.query('insert into stellwerk.migrations (name) values ($1)', [name])
  }
  if (found[0]?.jobs !== true) await client.query(`create schema ${JOBS_SCHEMA}`)
}

function refuseNewer(done: readonly string[]): void {
  const unknown = done.filter((name) => !MIGRATIONS.some((one) => one.name === name))
  if (unknown.length === 0) return
  throw new Error(
    `the database was written by a newer Stellwerk (migrations ${unknown.join(', ')}): run that version, or restore a backup`,
  )
}

/** What cannot be made again: the log, and which shape it has. */
const LOG_TABLES = ['events', 'log_head', 'checkpoints', 'migrations']

async function mendTables(client: ClientBase, remake: boolean): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select name from unnest($1::text[]) as name where to_regclass('stellwerk.' || name) is null`,
    [Object.keys(RIGHTS)],
  )
  const missing = rows.map(({ name }) => name)
  if (missing.length === 0) return
  const isOfLog = missing.some((name) => LOG_TABLES.includes(name))
  if (isOfLog || !remake) throw missingTables(missing, isOfLog)
  // In the shape that they have today: all migrations, played into a schema beside, of which the missing ones are taken.
  const aside = 'stellwerk_remade'
  await client.query(`create schema ${aside}`)
  for (const { sql } of MIGRATIONS) await client.query(sql.replaceAll('stellwerk.', `${aside}.`))
  for (const name of missing) await client.query(`alter table ${aside}.${name} set schema stellwerk`)
  await client.query(`set local client_min_messages = warning; drop schema ${aside} cascade`)
}

function missingTables(missing: readonly string[], isOfLog: boolean): StellwerkError {
  const names = missing.map((name) => `stellwerk.${name}`).join(', ')
  return new StellwerkError('failed', {
    what: say`the database lacks ${names}`,
    why: isOfLog
      ? say`that is a part of the log, from which everything else is made`
      : say`somebody dropped it; the log is there`,
    serving: say`what served before: router and instances go on without the control plane`,
    fix: isOfLog ? say`restore a backup of the database` : verbatim('stellwerk rebuild'),
  })
}
