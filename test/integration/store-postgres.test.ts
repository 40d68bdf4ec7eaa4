/** What only the store on PostgreSQL has to keep: its clock, its schema, crashes, restarts, rebuilding. */
import { strict as assert } from 'node:assert'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { Client } from 'pg'
import { after } from '../../src/core/time.ts'
import {
  type Barred,
  type Beside,
  type EnvironmentChange,
  NOTHING_BESIDE,
  type Projector,
} from '../../src/ports/projection.ts'
import {
  type EnvironmentRow,
  type StoredEvent,
  StoreUnavailableError,
  type StreamFacts,
} from '../../src/ports/store.ts'
import { databaseSource } from '../../src/store/audit/source.ts'
import { verifyLog } from '../../src/store/audit/verify.ts'
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres/index.ts'
import { type TestDatabase, testDatabase } from '../../src/testing/postgres.ts'
import { FACTS, happened } from '../../src/testing/store-suite.ts'
import { until } from '../../src/testing/until.ts'

describe('the store on PostgreSQL', () => {
  let database: TestDatabase
  let store: PostgresStore
  const children: ChildProcess[] = []

  beforeEach(async () => {
    database = await testDatabase()
    store = await openPostgresStore({ connectionString: database.connectionString })
  })
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await store.close()
    await database.drop()
  })

  const append = (stream: string, expected: number, data: object = {}) =>
    store.transact((tx) => tx.append(stream, expected, [happened('A', { ...data })]))

  async function assertWhole(log: readonly StoredEvent[]): Promise<void> {
    assert.deepEqual(
      log.map((event) => event.position),
      log.map((_, index) => index + 1),
    )
    for (const [stream, events] of Map.groupBy(log, (event) => event.stream)) {
      assert.deepEqual(
        events.map((event) => event.version),
        events.map((_, index) => index + 1),
        stream,
      )
    }
  }

  it("the database's clock is the clock", async () => {
    const before = Date.now()
    const now = await store.transact(async (tx) => tx.now())
    assert.ok(now >= before - 1000 && now <= Date.now() + 1000)
    assert.ok(Number.isInteger(now))
  })

  it('several who open a new database at once make one schema', async () => {
    const other = await testDatabase()
    const { connectionString } = other
    const stores = await Promise.all([1, 2, 3, 4].map(() => openPostgresStore({ connectionString })))
    for (const [index, one] of stores.entries()) await one.transact((tx) => tx.append(`s${index}`, 0, [happened('A')]))
    assert.equal((await stores[0]?.readAll(0, 10))?.length, 4)
    await Promise.all(stores.map((one) => one.close()))
    await other.drop()
  })

  it('a database of a newer Stellwerk is refused', async () => {
    await store.sql("insert into stellwerk.migrations (name) values ('9999-future')")
    const opened = openPostgresStore({ connectionString: database.connectionString })
    await assert.rejects(opened, /written by a newer Stellwerk \(migrations 9999-future\): run that version/)
  })

  it('a log that was begun before the latest migration goes on, and verifies', async () => {
    await append('s1', 0)
    await store.sql("delete from stellwerk.migrations where name = '0002-append'")
    await store.sql('drop function stellwerk.append')
    const upgraded = await openPostgresStore({ connectionString: database.connectionString })
    await upgraded.transact((tx) => tx.append('s1', 1, [happened('B')]))
    const report = await verifyLog(databaseSource(upgraded), { trustOwnKey: true })
    assert.deepEqual([report.ok, report.events], [true, 2])
    await upgraded.close()
  })

  it('eight writers in crossed order neither deadlock over the head nor leave a hole', async () => {
    await append('shared', 0)
    const writers = Array.from({ length: 8 }, (_, writer) => writer)
    await Promise.all(
      writers.map(async (writer) => {
        for (let version = 0; version < 20; version++) {
          // Half of them append before they lock the shared row, half after: were the head locked at the first append,
          // one of the former would hold it and wait for the row, one of the latter the other way round.
          await store.transact(async (tx) => {
            const own = () => tx.append(`own-${writer}`, version, [happened('A')])
            if (writer % 2 === 0) await own()
            const shared = await tx.lock('shared')
            await tx.append('shared', shared?.version ?? 0, [happened('B')])
            if (writer % 2 === 1) await own()
          })
        }
      }),
    )
    assert.equal((await store.readAll(0, 10_000)).length, 1 + 8 * 20 * 2)
    await assertWhole(await store.readAll(0, 10_000))
    const { rows } = await store.sql(
      'select size, (select count(*) from stellwerk.events) as events from stellwerk.log_head',
    )
    assert.equal(rows[0]?.['size'], rows[0]?.['events'])
  })

  /** A writer in a process of its own that can be killed; see the script for what it says. */
  async function startWriter(mode: 'hold' | 'write', stream: string): Promise<ChildProcess> {
    const script = join(import.meta.dirname, 'store-writer.ts')
    const child = fork(script, [mode, stream], {
      execArgv: [],
      env: { ...process.env, DATABASE: database.connectionString },
    })
    children.push(child)
    await Promise.race([once(child, 'message'), once(child, 'exit').then(() => assert.fail('the writer has ended'))])
    return child
  }

  async function kill(child: ChildProcess): Promise<void> {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  it('a writer that is killed inside its transaction leaves nothing and blocks nobody', async () => {
    await append('s1', 0)
    const child = await startWriter('hold', 's1')
    const { rows } = await store.sql(
      `select from pg_locks where not granted or relation = 'stellwerk.streams'::regclass`,
    )
    assert.ok(rows.length > 0, 'the writer holds a lock')
    await kill(child)
    await append('s1', 1)
    await assertWhole(await store.readAll(0, 10))
    assert.equal((await store.readAll(0, 10)).length, 2)
  })

  it('writers that are killed at any moment leave no hole and no double', async () => {
    for (let round = 0; round < 3; round++) {
      const both = await Promise.all([startWriter('write', `a${round}`), startWriter('write', `b${round}`)])
      const before = (await store.readAll(0, 100_000)).length
      await until('some more events', async () => (await store.readAll(0, 100_000)).length > before + 20)
      await Promise.all(both.map(kill))
    }
    await append('after', 0)
    // The server may still end what a killed writer had begun: before it or after it, but never in its place.
    const log = await store.readAll(0, 100_000)
    await assertWhole(log)
    assert.equal(log.filter(({ stream }) => stream === 'after').length, 1)
  })

  it('a transaction whose session was ended is transient, and the store goes on', async () => {
    const failed = store.transact(async (tx) => {
      await tx.append('s1', 0, [happened('A')])
      await store.sql(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'stellwerk' and state = 'idle in transaction'",
      )
      await tx.lock('s2')
    })
    await assert.rejects(
      failed,
      (error: unknown) => error instanceof StoreUnavailableError && error.kind === 'transient',
    )
    await append('s1', 0)
    assert.equal((await store.readAll(0, 10)).length, 1)
  })

  it('a transaction that takes too long is ended by the server', async () => {
    const { connectionString } = database
    const hasty = await openPostgresStore({ connectionString, transactionTimeoutMs: 200 })
    const failed = hasty.transact(async (tx) => {
      await tx.append('s1', 0, [happened('A')])
      const asleep = `select from pg_stat_activity where state = 'idle in transaction' and datname = current_database()`
      await until('the server to end it', async () => (await store.sql(asleep)).rows.length === 0)
      await tx.lock('s2')
    })
    await assert.rejects(
      failed,
      (error: unknown) => error instanceof StoreUnavailableError && error.kind === 'transient',
    )
    await hasty.transact((tx) => tx.append('s1', 0, [happened('B')]))
    assert.deepEqual(
      (await hasty.readAll(0, 10)).map((event) => event.type),
      ['B'],
    )
    await hasty.close()
  })

  it('an unreachable database is said so, and nothing hangs', async () => {
    const url = new URL(database.connectionString)
    url.port = '1'
    const opened = openPostgresStore({ connectionString: url.href })
    await assert.rejects(opened, (error: unknown) => {
      assert.ok(error instanceof StoreUnavailableError)
      return (
        error.kind === 'transient' &&
        /cannot be reached; nothing was changed \(connect ECONNREFUSED/.test(error.message)
      )
    })
  })

  it('who listens hears again after the connection was lost', async () => {
    const heard: number[] = []
    const leave = await store.listen((position) => heard.push(position))
    await append('s1', 0)
    await until('position 1', () => heard.at(-1) === 1)
    await store.sql(
      `select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%' or query = 'select size from stellwerk.log_head'`,
    )
    await append('s1', 1)
    await until('position 2', () => heard.at(-1) === 2)
    await append('s1', 2)
    await until('position 3', () => heard.at(-1) === 3)
    await leave()
  })

  it('what is rebuilt from the log is what was there', async () => {
    // A little engine: the state counts, every third event takes the environment, the fifth bars an identity.
    const drive = async (stream: string, facts: StreamFacts, events: number) => {
      for (let version = 1; version <= events; version++) {
        await store.transact(async (tx) => {
          const dueInMs = version % 2 === 0 ? version * 1000 : null
          const nextDue = dueInMs === null ? null : after(tx.now(), dueInMs)
          await tx.append(stream, version - 1, [
            happened('Driven', { ...facts, version, release: facts.version, nextDue }),
          ])
          await tx.saveStream(
            { stream, version, state: { version, text: 'ä' }, nextDue },
            { ...facts, phase: `p${version}` },
          )
          if (version % 3 === 0)
            await tx.saveEnvironment({
              service: facts.service,
              environment: 'prod',
              holder: stream,
              facts: { version },
              queue: ['q'],
            })
          if (version === 5) await tx.setQuarantine(facts.service, 'prod', stream, 'it broke')
          if (version === 6) await tx.setQuarantine(facts.service, 'prod', stream, null)
        })
      }
    }
    await Promise.all([
      drive('r1', FACTS, 5),
      drive('r2', { ...FACTS, service: 'mail' }, 7),
      drive('i1', { ...FACTS, kind: 'incident', environment: null, version: null }, 2),
    ])
    await append('loose', 0)
    const dump = async () => {
      const tables = ['streams order by stream', 'environments order by service', 'quarantine order by service']
      return Promise.all(tables.map(async (table) => (await store.sql(`select * from stellwerk.${table}`)).rows))
    }
    const live = await dump()
    assert.equal(live[0]?.length, 4)
    await store.sql('truncate stellwerk.streams, stellwerk.environments, stellwerk.quarantine')
    assert.deepEqual(await dump(), [[], [], []])
    const { events, streams, environments } = await store.rebuild({ projectors: [driven], missing: async () => [] })
    assert.deepEqual([events, streams, environments], [15, 4, 2])
    assert.deepEqual(await dump(), live)
    await assert.rejects(
      store.rebuild({
        projectors: [
          () => {
            throw new Error('the projector has a bug')
          },
        ],
        missing: async () => [],
      }),
      /has a bug/,
    )
    assert.deepEqual(await dump(), live)
  })

  it('rows that are due are found by an index, among thousands that are not', async () => {
    await store.sql(
      `insert into stellwerk.streams (stream, version, next_due, created_at, updated_at)
       select 's' || n, 1, n * 1000000000000, 1, 1 from generate_series(1, 20000) n`,
    )
    await store.sql('analyze stellwerk.streams')
    const client = new Client({ connectionString: database.connectionString })
    await client.connect()
    const { LOCK_DUE } = await import('../../src/store/postgres/statements.ts')
    const { rows } = await client.query(
      `explain ${LOCK_DUE}`
        .replaceAll('$1', '5')
        .replaceAll('$2', '100')
        .replaceAll('$3', '5005')
        .replaceAll('$4', "'{}'::text[]"),
    )
    await client.end()
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    assert.match(plan, /Index Scan using streams_due/)
    assert.doesNotMatch(plan, /Seq Scan/)
  })
})

/** What the test above writes beside each `Driven`. */
const driven: Projector = (first) => {
  if (first.type !== 'Driven') return null
  const [changes, barred]: [EnvironmentChange[], Barred[]] = [[], []]
  let row: Beside['row'] = null
  return {
    see({ stream, version, position, data }) {
      const { nextDue, release, ...facts } = data as unknown as StreamFacts & { nextDue: never; release: string | null }
      row = { state: { version, text: 'ä' }, nextDue, facts: { ...facts, version: release, phase: `p${version}` } }
      const at = { position, service: facts.service, environment: 'prod' }
      const change = (before: EnvironmentRow) => ({ ...before, holder: stream, facts: { version }, queue: ['q'] })
      if (version % 3 === 0) changes.push({ ...at, change })
      if (version === 5) barred.push({ ...at, identity: stream, reason: 'it broke' })
      if (version === 6) barred.push({ ...at, identity: stream, reason: null })
    },
    beside: () => ({ ...NOTHING_BESIDE, row, changes, barred }),
  }
}
