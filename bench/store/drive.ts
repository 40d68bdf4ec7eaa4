/** One drive (lock a row, append three events, save the row, insert a job, commit) and how soon its job starts. */
import { pgBossQueue } from '../../src/adapters/job-queue/pg-boss.ts'
import { openPostgresStore } from '../../src/store/postgres/index.ts'
import { withDatabase } from '../database.ts'
import { quantileOf, rounded, timed, times } from '../measure.ts'
import type { Benchmark } from '../run.ts'

const ROUNDS = 300
const STATE = { text: 'x'.repeat(600) }
const FACTS = { kind: 'rollout', service: 's', environment: 'prod', version: 'v1', phase: 'x', final: false } as const
const EVENTS = [1, 2, 3].map((n) => ({ type: 'StepStarted', data: { n, text: 'hello', ratio: 0.5 }, actor: 'system' }))

export const name = 'store: one drive'

export async function run(): Promise<Benchmark> {
  const [drives, starts, plain]: [number[], number[], number[]] = [[], [], []]
  await withDatabase(async (connectionString) => {
    const store = await openPostgresStore({ connectionString })
    const queue = pgBossQueue({ connectionString, store, log: () => undefined })
    await queue.start()
    await store.sql('create table plain (value text)')
    let started: () => void = () => undefined
    await queue.work('command', 8, async () => started())
    for (let round = 0; round < ROUNDS; round++) {
      const handled = new Promise<void>((resolve) => {
        started = resolve
      })
      const begin = performance.now()
      await store.transact(async (tx) => {
        const version = (await tx.lock('r-1'))?.version ?? 0
        await tx.append('r-1', version, EVENTS)
        const row = { stream: 'r-1', version: version + EVENTS.length, state: STATE, nextDue: null }
        await tx.saveStream(row, FACTS)
        await tx.insertJobs([{ queue: 'command', data: { key: `r-1/${version}/0` } }])
      })
      const committed = performance.now()
      queue.nudge('command')
      await handled
      drives.push(committed - begin)
      starts.push(performance.now() - committed)
      plain.push(await timed(() => store.sql("insert into plain values ('x')")))
    }
    await queue.stop(1000)
    await store.close()
  })
  const row = (what: string, values: readonly number[]) => ({
    what,
    'p50 ms': rounded(quantileOf(values, 0.5), 2),
    'p95 ms': rounded(quantileOf(values, 0.95), 2),
    'against the baseline': times(quantileOf(values, 0.5) / quantileOf(plain, 0.5)),
  })
  return {
    title: name,
    rows: [
      row('lock, append 3, save, insert a job, commit', drives),
      row('from the commit to the handler', starts),
      row('baseline: insert one row, commit', plain),
    ],
    notes: [`${ROUNDS} drives one after the other, fsync on, loopback; the job's worker is nudged, not polling.`],
  }
}
