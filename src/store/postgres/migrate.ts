import type { ClientBase } from 'pg'
import { log } from './migrations/0001-log.ts'
import { append } from './migrations/0002-append.ts'
import { tokens } from './migrations/0003-tokens.ts'
import { requests } from './migrations/0004-requests.ts'
import { seals } from './migrations/0005-seals.ts'
import { hosts } from './migrations/0006-hosts.ts'
import { signer } from './migrations/0007-signer.ts'

/** Applied in order, each once. A migration that was released is never changed: add another one. */
const MIGRATIONS: readonly { readonly name: string; readonly sql: string }[] = [
  { name: '0001-log', sql: log },
  { name: '0002-append', sql: append },
  { name: '0003-tokens', sql: tokens },
  { name: '0004-requests', sql: requests },
  { name: '0005-seals', sql: seals },
  { name: '0006-hosts', sql: hosts },
  { name: '0007-signer', sql: signer },
]

/** "stellwerk" in hexadecimal letters' place: any constant will do, as long as nobody else uses it. */
const LOCK = 7_378_836_701

/**
 * Brings schema `stellwerk` to the version of this program, in one transaction. Of several who start at once, one does it
 * and the others wait. Throws when the schema was written by a newer program: that one may rely on what we do not know.
 */
export async function migrate(client: ClientBase): Promise<void> {
  await client.query('begin')
  try {
    // A migration may take its time, and so may the one we wait for.
    await client.query('set local statement_timeout = 0; set local lock_timeout = 0')
    await client.query('select pg_advisory_xact_lock($1)', [LOCK])
    await client.query('create schema if not exists stellwerk')
    await client.query(
      'create table if not exists stellwerk.migrations (name text primary key, at timestamptz not null default now())',
    )
    const { rows } = await client.query<{ name: string }>('select name from stellwerk.migrations')
    const done = rows.map((row) => row.name)
    refuseNewer(done)
    for (const { name, sql } of MIGRATIONS.filter((one) => !done.includes(one.name))) {
      await client.query(sql)
      await client.query('insert into stellwerk.migrations (name) values ($1)', [name])
    }
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    throw error
  }
}

function refuseNewer(done: readonly string[]): void {
  const unknown = done.filter((name) => !MIGRATIONS.some((one) => one.name === name))
  if (unknown.length === 0) return
  throw new Error(
    `the database was written by a newer Stellwerk (migrations ${unknown.join(', ')}): run that version, or restore a backup`,
  )
}
