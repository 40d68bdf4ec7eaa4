/** Appending to the log against a plain INSERT into a table without any index, in the same run on the same database. */
import { Pool } from 'pg'
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres/index.ts'
import { withDatabase } from '../database.ts'
import { rounded } from '../measure.ts'
import type { Benchmark } from '../run.ts'

const SECONDS = 2

const DATA = { key: 'r-1/12/0', component: 'api', slot: 'green', observed: { ready: true, instances: 2, ratio: 0.25 } }

/** Repeats `write` in so many loops for a while; events per second. */
async function rate(writers: number, batch: number, write: (writer: number, round: number) => Promise<unknown>) {
  const end = performance.now() + SECONDS * 1000
  const start = performance.now()
  const rounds = await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      let round = 0
      while (performance.now() < end) await write(writer, round++)
      return round
    }),
  )
  return (rounds.reduce((sum, round) => sum + round, 0) * batch * 1000) / (performance.now() - start)
}

async function appendRate(store: PostgresStore, writers: number, batch: number): Promise<number> {
  const run = crypto.randomUUID()
  const events = Array.from({ length: batch }, () => ({ type: 'SlotObserved', data: DATA, actor: 'system' }))
  return rate(writers, batch, (writer, round) =>
    store.transact((tx) => tx.append(`${run}-${writer}`, round * batch, events)),
  )
}

async function insertRate(pool: Pool, writers: number, batch: number): Promise<number> {
  const text = 'insert into plain (stream, version, data) select $1, n, $3::jsonb from generate_series(1, $2) n'
  const data = JSON.stringify(DATA)
  return rate(writers, batch, (writer) => pool.query({ name: 'plain', text, values: [`s${writer}`, batch, data] }))
}

export const name = 'store: append'

export async function run(): Promise<Benchmark> {
  const rows = await withDatabase(async (connectionString) => {
    const store = await openPostgresStore({ connectionString, maxConnections: 10 })
    const pool = new Pool({ connectionString, max: 10 })
    await pool.query('create table plain (stream text, version int, data jsonb)')
    await appendRate(store, 1, 1)
    const rows = []
    for (const [writers, batch] of [
      [1, 1],
      [1, 50],
      [8, 1],
      [8, 50],
    ] as const) {
      const plain = await insertRate(pool, writers, batch)
      const log = await appendRate(store, writers, batch)
      rows.push({
        writers,
        'events per transaction': batch,
        'log, events/s': rounded(log, 0),
        'plain INSERT, events/s': rounded(plain, 0),
        ratio: rounded(log / plain, 2),
      })
    }
    await pool.end()
    await store.close()
    return rows
  })
  return {
    title: name,
    rows,
    notes: [
      'PostgreSQL 18 on this machine, fsync on, loopback; each row measured for two seconds.',
      'An append locks its stream, is optimistic, indexed twice, gap-free, hashed into the Merkle tree and announced.',
      'Positions without a hole make writers take turns at the head of the log; waiting for the disk, they share.',
    ],
  }
}
