/** The control plane works as a role that can add to the log and not change it; another one owns it, and migrates. */
import { english } from '../../src/core/say.ts'
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { pgBossQueue } from '../../src/adapters/job-queue/pg-boss.ts'
import { StellwerkError } from '../../src/errors.ts'
import { databaseSource, keepCheckpoint } from '../../src/store/audit/source.ts'
import { verifyLog } from '../../src/store/audit/verify.ts'
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres/index.ts'
import { RIGHTS } from '../../src/store/postgres/ownership.ts'
import { connected } from '../../src/store/postgres/prepare.ts'
import { rightsOf, setUpFor } from '../../src/store/postgres/rights.ts'
import { type TestDatabase, testDatabase, type TestRoles } from '../../src/testing/postgres.ts'
import { happened } from '../../src/testing/store-suite.ts'

const REFUSED = /permission denied|must be owner|must be superuser|must be able to SET ROLE|Only roles with/

async function ask(connectionString: string, text: string): Promise<Record<string, unknown>[]> {
  return connected(connectionString, async (client) => (await client.query(text)).rows)
}

const rightsAt = (connectionString: string) =>
  connected(connectionString, (client) => rightsOf((text, values = []) => client.query(text, [...values])))

/** Events, jobs and a checkpoint, as a control plane leaves them. */
async function worked(access: { readonly connectionString: string; readonly migrationUrl?: string }): Promise<void> {
  const { connectionString } = access
  const store = await openPostgresStore(access)
  const queue = pgBossQueue({ connectionString, store, log: () => undefined })
  await queue.start()
  const job = { queue: 'notify', data: { stream: 's1', key: 'k' } } as never
  await store.transact(async (tx) => {
    await tx.insertJobs([job])
    await tx.append('s1', 0, [happened('A'), happened('B')])
  })
  await queue.stop(1000)
  await store.close()
}

describe('the role of the control plane', () => {
  let database: TestDatabase
  let roles: TestRoles
  let store: PostgresStore

  beforeEach(async () => {
    database = await testDatabase()
    roles = await database.roles()
    store = await openPostgresStore(roles)
  })
  afterEach(async () => {
    await store.close()
    await database.drop()
  })

  it('is refused whatever would change or remove a fact, or the protection of facts', async () => {
    await store.transact((tx) => tx.append('s1', 0, [happened('A'), happened('B')]))
    await keepCheckpoint(store, { size: 2, note: 'note' })
    const before = await ask(database.connectionString, 'select * from stellwerk.events order by position')
    const owner = new URL(roles.migrationUrl).username
    const own = new URL(roles.connectionString).username
    for (const statement of [
      ...['events', 'checkpoints'].flatMap((table) => [
        `delete from stellwerk.${table}`,
        `truncate stellwerk.${table}`,
        `drop table stellwerk.${table}`,
        `alter table stellwerk.${table} disable trigger all`,
        `drop trigger append_only on stellwerk.${table}`,
        `begin; lock table stellwerk.${table} in exclusive mode`,
      ]),
      "update stellwerk.events set type = 'Other'",
      "update stellwerk.checkpoints set note = 'other'",
      'insert into stellwerk.events select * from stellwerk.events',
      "update stellwerk.log_head set size = 0, frontier = '{}'",
      'delete from stellwerk.log_head',
      "insert into stellwerk.migrations values ('9999-future')",
      'create or replace function stellwerk.append(events json) returns bigint language sql as $$ select 1::bigint $$',
      'alter function stellwerk.append(json) owner to current_user',
      'drop schema stellwerk cascade',
      'create table stellwerk.other (x int)',
      'create table public.other (x int)',
      'create schema other',
      'create temp table other (x int)',
      'set session_replication_role = replica',
      `set role ${owner}`,
      `alter role ${own} superuser`,
      `alter role ${own} createrole`,
      'create role other superuser',
      'create database other',
      "copy (select 1) to program 'cat'",
      "select pg_read_file('/etc/passwd')",
    ])
      await assert.rejects(ask(roles.connectionString, statement), REFUSED, statement)
    // This one is a warning: nothing was granted.
    await ask(roles.connectionString, `grant update on stellwerk.events, stellwerk.checkpoints to ${own}`)
    assert.equal((await rightsAt(roles.connectionString)).excess, null)
    assert.deepEqual(await ask(database.connectionString, 'select * from stellwerk.events order by position'), before)
    assert.equal((await verifyLog(databaseSource(store), { trustOwnKey: true })).events, 2)
  })

  it('cannot put functions of its own into the one that writes the log', async () => {
    await connected(roles.connectionString, async (client) => {
      await client.query('create function stellwerk_jobs.sha256(bytea) returns bytea language sql as $$ select $1 $$')
      await client.query('set search_path = stellwerk_jobs, pg_catalog')
      const event = { stream: 's1', version: 1, at: 1, actor: 'x', type: 'A', data: '{}', before: '{', after: '}' }
      await client.query('select stellwerk.append($1::json)', [JSON.stringify([event])])
    })
    const [row] = await ask(
      roles.connectionString,
      "select length(leaf), data from stellwerk.events where stream = 's1'",
    )
    assert.deepEqual(row, { length: 32, data: {} })
  })

  it('has rights on every table, each named; and none of them, but those of the job queue, is its own', async () => {
    const tables = await ask(
      database.connectionString,
      "select tablename from pg_tables where schemaname = 'stellwerk'",
    )
    assert.deepEqual(tables.map(({ tablename }) => tablename).toSorted(), Object.keys(RIGHTS).toSorted())
    await worked(roles)
    const owned = await ask(
      database.connectionString,
      `select distinct nspname from pg_class join pg_namespace on pg_namespace.oid = relnamespace
        where relowner = '${new URL(roles.connectionString).username}'::regrole and nspname <> 'pg_toast'`,
    )
    assert.deepEqual(owned, [{ nspname: 'stellwerk_jobs' }])
    assert.equal((await rightsAt(roles.connectionString)).excess, null)
  })

  it('makes the rows beside the log again', async () => {
    await store.transact((tx) => tx.append('s1', 0, [happened('A')]))
    const { events } = await store.rebuild({ projectors: [], missing: async () => [] })
    assert.equal(events, 1)
    assert.equal((await store.row('s1'))?.version, 1)
  })

  it('starts again without the owner while nothing is to be migrated, and says whose connection it needs otherwise', async () => {
    await worked(roles)
    const { connectionString } = roles
    const alone = await openPostgresStore({ connectionString })
    assert.equal(await alone.size(), 2)
    await alone.close()
    await ask(database.connectionString, "delete from stellwerk.migrations where name = '0008-definer'")
    await assert.rejects(openPostgresStore({ connectionString }), (error) => {
      assert(error instanceof StellwerkError)
      assert.match(
        english(error.text.what),
        /role test_\w+_runtime may not bring the tables in database test_\w+ up to date/,
      )
      assert.match(english(error.text.fix ?? ''), /STELLWERK_MIGRATION_URL/)
      return true
    })
    await (await openPostgresStore(roles)).close()
  })

  it('gets its rights once: another start writes nothing into the catalogue', async () => {
    const versions = `select relname, xmin::text from pg_class where relnamespace = 'stellwerk'::regnamespace
      union all select nspname, xmin::text from pg_namespace union all select proname, xmin::text from pg_proc
      where pronamespace = 'stellwerk'::regnamespace order by 1`
    const before = await ask(database.connectionString, versions)
    await (await openPostgresStore(roles)).close()
    assert.deepEqual(await ask(database.connectionString, versions), before)
  })

  it('is prepared by a superuser as well, and the tables stay with their owner', async () => {
    await (await openPostgresStore({ ...roles, migrationUrl: database.connectionString })).close()
    await (await openPostgresStore(roles)).close()
    assert.deepEqual(
      await ask(
        database.connectionString,
        "select tableowner from pg_tables where schemaname = 'stellwerk' group by 1",
      ),
      [{ tableowner: new URL(roles.migrationUrl).username }],
    )
  })

  it('is not prepared in a database that it does not work on', async () => {
    const other = new URL(database.connectionString)
    other.pathname = '/postgres'
    const opened = openPostgresStore({ ...roles, migrationUrl: other.href })
    await assert.rejects(
      opened,
      /STELLWERK_MIGRATION_URL names the database postgres, and DATABASE_URL the database test_/,
    )
  })
})

describe('a database that others have set up', () => {
  let database: TestDatabase
  const made: string[] = []
  beforeEach(async () => {
    database = await testDatabase()
  })
  afterEach(async () => {
    await database.drop()
    for (const role of made.splice(0)) await administer(`drop role ${role}`)
  })

  async function administer(statement: string): Promise<void> {
    const url = new URL(database.connectionString)
    url.pathname = '/postgres'
    await ask(url.href, statement)
  }

  /** Does as the guide says with what doctor prints; role names of this test's own, since they are the server's. */
  async function setUpAs(connectionString: string) {
    const rights = await rightsAt(connectionString)
    const { sql, owner, runtime } = await connected(connectionString, (client) => setUpFor(client, rights))
    const name = rights.database
    const renamed = (text: string) =>
      text
        .replaceAll('stellwerk_owner', `${name}_o`)
        .replaceAll('stellwerk_runtime', `${name}_r`)
        .replaceAll("'…'", "'secret'")
    for (const statement of sql.map(renamed)) {
      const role = /create role "(\w+)"/.exec(statement)?.[1]
      if (role !== undefined) made.push(role)
      await ask(database.connectionString, statement)
    }
    const as = (username: string) =>
      Object.assign(new URL(database.connectionString), { username: renamed(username), password: 'secret' }).href
    return { rights, connectionString: as(runtime), migrationUrl: as(owner) }
  }

  async function stillThere(access: { readonly connectionString: string; readonly migrationUrl: string }) {
    await connectedStore(access, async (store) => {
      assert.deepEqual(
        (await store.read('s1')).map(({ type }) => type),
        ['A', 'B'],
      )
      await store.transact((tx) => tx.append('s1', 2, [happened('C')]))
      const queue = pgBossQueue({ ...access, store, log: () => undefined })
      const seen: unknown[] = []
      await queue.start()
      const { promise, resolve } = Promise.withResolvers<void>()
      await queue.work('notify', 1, async ({ data }) => {
        seen.push(data)
        resolve()
      })
      await promise
      await queue.stop(1000)
      assert.deepEqual(seen, [{ stream: 's1', key: 'k' }])
    })
    assert.equal((await rightsAt(access.connectionString)).excess, null)
    await assert.rejects(ask(access.connectionString, 'delete from stellwerk.events'), REFUSED)
  }

  async function connectedStore(access: TestRoles, work: (store: PostgresStore) => Promise<void>): Promise<void> {
    const store = await openPostgresStore(access)
    await work(store).finally(() => store.close())
  }

  it('one that a superuser works in is found, and becomes a proper one by the statements that are printed', async () => {
    assert.equal((await rightsAt(database.connectionString)).excess, 'superuser')
    await worked(database)
    const access = await setUpAs(database.connectionString)
    assert.equal(access.rights.excess, 'superuser')
    await stillThere(access)
  })

  it('one that a superuser goes on working in, while the statements are run and after them, loses no job by that', async () => {
    const { connectionString } = database
    const store = await openPostgresStore({ connectionString })
    const queue = pgBossQueue({ connectionString, store, log: () => undefined })
    await queue.start()
    await setUpAs(connectionString)
    const { promise, resolve } = Promise.withResolvers<unknown>()
    await queue.work('notify', 1, async ({ data }) => resolve(data))
    const data = { stream: 's1', key: 'late' }
    await store.transact(async (tx) => {
      await tx.insertJobs([{ queue: 'notify', data } as never])
      await tx.append('s1', 0, [happened('A')])
    })
    assert.deepEqual(await promise, data)
    await queue.stop(1000)
    await store.close()
  })

  it('one that its owner works in is found, before the first table as well; the owner stays what it is', async () => {
    const { migrationUrl } = await database.roles()
    assert.equal((await rightsAt(migrationUrl)).excess, 'owner')
    await worked({ connectionString: migrationUrl })
    const { rights, connectionString } = await setUpAs(migrationUrl)
    assert.equal(rights.excess, 'owner')
    await stillThere({ connectionString, migrationUrl })
  })

  it('one that worked as what is the second role now gives its tables to the first', async () => {
    const { connectionString, migrationUrl } = await database.roles()
    const [runtime, owner] = [connectionString, migrationUrl].map((url) => new URL(url).username)
    await ask(
      database.connectionString,
      `grant create on database ${new URL(connectionString).pathname.slice(1)} to ${runtime}`,
    )
    await worked({ connectionString })
    assert.equal((await rightsAt(connectionString)).excess, 'owner')
    await ask(database.connectionString, `grant ${runtime} to ${owner}`)
    await stillThere({ connectionString, migrationUrl })
  })

  it('one made as the guide says has two proper roles', async () => {
    const guide = await readFile(join(import.meta.dirname, '../../docs/guides/production.md'), 'utf8')
    const [, block = ''] = /## Your own PostgreSQL[^]*?```sql\n([^]*?)```/.exec(guide) ?? []
    const name = new URL(database.connectionString).pathname.slice(1)
    const statements = block
      .replaceAll(/stellwerk_(owner|runtime)/g, `${name}_$1`)
      .replaceAll('database stellwerk', `database ${name}`)
      .replaceAll("'…'", "'secret'")
      .split(';\n')
      .filter(Boolean)
    assert.equal(statements.length, 5)
    await database.drop()
    for (const statement of statements) await administer(statement)
    made.push(`${name}_owner`, `${name}_runtime`)
    const as = (username: string) =>
      Object.assign(new URL(database.connectionString), { username, password: 'secret' }).href
    const access = { connectionString: as(`${name}_runtime`), migrationUrl: as(`${name}_owner`) }
    await worked(access)
    await stillThere(access)
  })

  it('one that another owner comes to says what a superuser has to run, and nothing was changed', async () => {
    await worked(database)
    const roles = await database.roles()
    await assert.rejects(openPostgresStore(roles), (error) => {
      assert(error instanceof StellwerkError)
      assert.match(english(error.text.what), /role test_\w+_owner does not own what Stellwerk keeps/)
      assert.match(english(error.text.fix ?? ''), /alter table stellwerk\.events owner to test_\w+_owner; /)
      return true
    })
    assert.equal((await ask(database.connectionString, 'select from stellwerk.events')).length, 2)
  })

  it('one whose role may change events by a grant, or can become a superuser, is found', async () => {
    const { connectionString, migrationUrl } = await database.roles()
    await (await openPostgresStore({ connectionString, migrationUrl })).close()
    const runtime = new URL(connectionString).username
    await ask(migrationUrl, `grant delete on stellwerk.events to ${runtime}`)
    assert.equal((await rightsAt(connectionString)).excess, 'changes-log')
    await (await openPostgresStore({ connectionString, migrationUrl })).close()
    assert.equal((await rightsAt(connectionString)).excess, null, 'taken back at the next start')
    await ask(database.connectionString, `alter role ${runtime} createrole createdb`)
    assert.equal((await rightsAt(connectionString)).excess, 'creates-roles')
    await ask(database.connectionString, `alter role ${runtime} nocreaterole`)
    assert.equal((await rightsAt(connectionString)).excess, 'creates-databases')
    await ask(database.connectionString, `create role ${runtime}_su superuser; grant ${runtime}_su to ${runtime}`)
    made.push(`${runtime}_su`)
    assert.equal((await rightsAt(connectionString)).excess, 'superuser')
  })
})
