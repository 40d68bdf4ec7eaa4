/** Two control planes on one database: they start together, share the work, and take over from each other. */
import { strict as assert } from 'node:assert'
import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { pgBossQueue } from '../../src/adapters/job-queue/pg-boss.ts'
import type { JobQueue } from '../../src/ports/job-queue.ts'
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres/index.ts'
import { type TestDatabase, testDatabase } from '../../src/testing/postgres.ts'
import { happened } from '../../src/testing/store-suite.ts'
import { until } from '../../src/testing/until.ts'

type Said = { readonly started?: true; readonly handled?: number; readonly by: ChildProcess }

describe('two processes on one job queue', () => {
  let database: TestDatabase
  let store: PostgresStore
  let said: Said[] = []
  const children: ChildProcess[] = []

  beforeEach(async () => {
    said = []
    database = await testDatabase()
    store = await openPostgresStore({ connectionString: database.connectionString })
  })
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await store.close()
    await database.drop()
  })

  function replica(mode: 'work' | 'freeze' | 'hang'): ChildProcess {
    const script = join(import.meta.dirname, 'store-jobs-replica.ts')
    const child = fork(script, [mode], { execArgv: [], env: { ...process.env, DATABASE: database.connectionString } })
    child.on('message', (message) => said.push({ ...(message as object), by: child }))
    children.push(child)
    return child
  }

  const hasStarted = (child: ChildProcess) =>
    until('a replica to start', () => said.some((one) => one.by === child && one.started))
  const queueHere = () => pgBossQueue({ connectionString: database.connectionString, store, log: () => undefined })

  async function withQueue(work: (queue: JobQueue) => Promise<void>): Promise<void> {
    const queue = queueHere()
    await queue.start()
    try {
      await work(queue)
    } finally {
      await queue.stop(1000)
    }
  }

  it('both may create schema and queues at the same time', async () => {
    const queues = Array.from({ length: 4 }, queueHere)
    await Promise.all(queues.map((queue) => queue.start()))
    await queues[0]?.insert([{ queue: 'notify', data: {} }])
    await Promise.all(queues.map((queue) => queue.stop(0)))
  })

  it('every command is handled once, by one of them', async () => {
    const [one, two] = [replica('work'), replica('work')]
    await Promise.all([hasStarted(one), hasStarted(two)])
    await withQueue(async (queue) => {
      for (let batch = 0; batch < 6; batch++) {
        const data = Array.from({ length: 10 }, (_, index) => ({ queue: 'command' as const, data: batch * 10 + index }))
        await queue.insert(data)
      }
      const handled = () => said.flatMap((one) => one.handled ?? [])
      await until('all sixty', () => handled().length >= 60, { timeoutMs: 30_000 })
      assert.deepEqual(
        handled().toSorted((left, right) => left - right),
        Array.from({ length: 60 }, (_, index) => index),
      )
      assert.equal(new Set(said.filter((one) => one.handled !== undefined).map((one) => one.by)).size, 2)
    })
  })

  it('a command whose process dies is performed by another one', async () => {
    const dying = replica('hang')
    await hasStarted(dying)
    await withQueue(async (queue) => {
      await queue.insert([{ queue: 'command', data: 7 }])
      await until('the command to run', () => said.some((one) => one.by === dying && one.handled === 7))
      dying.kill('SIGKILL')
      const performed: unknown[] = []
      await queue.work('command', 2, async (job) => void performed.push(job.data))
      await until('the other one to perform it', () => performed.length > 0, { timeoutMs: 30_000 })
      assert.deepEqual(performed, [7])
    })
  })

  for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
    it(`a pump whose process gets ${signal} inside its transaction is taken over, its work undone`, async () => {
      const frozen = replica('freeze')
      await hasStarted(frozen)
      await withQueue(async (queue) => {
        await queue.insert([{ queue: 'pump', data: { pump: 1 }, singleton: 'p1' }])
        await until('the pump to hang', () => said.some((one) => one.by === frozen && one.handled === 1))
        frozen.kill(signal)
        const taken = performance.now()
        await queue.workInTransaction('pump', 1, async (_, tx) => {
          const row = await tx.lock('s1')
          await tx.append('s1', row?.version ?? 0, [happened('Driven', { by: 'survivor' })])
        })
        await until('the survivor to drive', async () => (await store.read('s1')).length > 0, { timeoutMs: 20_000 })
        assert.ok(performance.now() - taken < 10_000)
        frozen.kill('SIGCONT')
        await until('the session of the frozen one to end', async () => {
          const { rows } = await store.sql(
            "select from pg_stat_activity where datname = current_database() and state = 'idle in transaction'",
          )
          return rows.length === 0
        })
        assert.deepEqual(
          (await store.read('s1')).map((event) => event.data),
          [{ by: 'survivor' }],
        )
      })
    })
  }
})
