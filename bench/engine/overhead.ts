/**
 * What Stellwerk itself costs a rollout: from the request to `Finalized` through all steps, with every wait as short as a
 * plan may make it and an outside that answers at once. What is left is our transactions, our queue, and `decide`.
 */
import { Client } from 'pg'
import type { Plan } from '../../src/core/plan.ts'
import type { StoredEvent } from '../../src/ports/store.ts'
import { planFor } from '../../src/testing/plans.ts'
import { withDatabase } from '../database.ts'
import { median, quantileOf, rounded, sum, timed, times } from '../measure.ts'
import type { Benchmark } from '../run.ts'
import { type Stage, withEngine } from './stage.ts'

export const name = 'engine: own overhead of a rollout'

const ROLLOUTS = 20
const GOAL_MS = 300

/** Judged by memory, which every look knows: no probe and no request has to be waited for. */
const INSTANT: Partial<Plan> = {
  analysis: { rules: [{ kind: 'limit', id: 'memory', metric: 'memory', max: 1e9, trigger: null }], minRequests: 0 },
  steps: planFor().steps.map((step) => ('holdMs' in step ? { ...step, holdMs: 1 } : step)),
  // A hold is extended by multiples of its length: this leaves it 10 s.
  timings: { ...planFor().timings, tickMs: 1, pollMs: 1, extendTimes: 10_000, rollbackWindowMs: 0 },
}

type Measured = { readonly wallMs: number; readonly events: readonly StoredEvent[]; readonly spans: Stage['spans'] }

export async function run(): Promise<Benchmark> {
  return withDatabase((connectionString) =>
    withEngine({ connectionString }, async (stage) => {
      // The first release has nothing beside it and skips steps; the second one warms the code up.
      for (const version of ['v1', 'v2', 'v3']) await measure(stage, version)
      const measured: Measured[] = []
      const minimums: number[] = []
      for (let count = 0; count < ROLLOUTS; count++) {
        const one = await measure(stage, `v${count + 4}`)
        measured.push(one)
        minimums.push(await minimum(connectionString, one.spans.transactions.length))
      }
      return report(measured, minimums)
    }),
  )
}

async function measure(stage: Stage, version: string): Promise<Measured> {
  for (const list of Object.values(stage.spans)) list.length = 0
  let id = ''
  const wallMs = await timed(async () => {
    id = await stage.release(version, INSTANT)
    await stage.ended(id)
  })
  const spans = Object.fromEntries(Object.entries(stage.spans).map(([key, list]) => [key, [...list]]))
  return { wallMs, events: await stage.events(id), spans: spans as Stage['spans'] }
}

/** As many transactions of one row, one after the other, on one connection: what no engine on this database can beat. */
async function minimum(connectionString: string, transactions: number): Promise<number> {
  const client = new Client({ connectionString })
  await client.connect()
  try {
    await client.query('create table if not exists minimum (id bigint generated always as identity, value text)')
    return await timed(async () => {
      for (let count = 0; count < transactions; count++) await client.query("insert into minimum (value) values ('x')")
    })
  } finally {
    await client.end()
  }
}

function report(measured: readonly Measured[], minimums: readonly number[]): Benchmark {
  const wall = measured.map(({ wallMs }) => wallMs)
  const of = (pick: (one: Measured) => number) => median(measured.map(pick))
  const row = (what: string, count: number, ms: number, single: readonly number[] = []) => ({
    what,
    count,
    'ms in all': rounded(ms),
    'of the whole': `${Math.round((ms / median(wall)) * 100)} %`,
    'each p50 ms': single.length > 0 ? rounded(median(single)) : '',
    'p99 ms': single.length > 0 ? rounded(quantileOf(single, 0.99)) : '',
  })
  const spent = (what: string, key: keyof Stage['spans']) =>
    row(
      what,
      of(({ spans }) => spans[key].length),
      of(({ spans }) => sum(spans[key])),
      measured.flatMap(({ spans }) => spans[key]),
    )
  const steps = stepsOf(measured)
  return {
    title: name,
    rows: [
      row('request → Finalized', 1, median(wall), wall),
      row(
        'minimum: as many one-row transactions',
        of(({ spans }) => spans.transactions.length),
        median(minimums),
      ),
      spent('transactions of the engine', 'transactions'),
      spent('  of these: decide and evolve', 'deciding'),
      spent('commands: commit → in a worker’s hand', 'waiting'),
      spent('commands: look up, perform, record', 'jobs'),
      spent('  of these: look up the order', 'looking'),
      ...steps.map(({ kind, count, ms }) => row(`step ${kind}`, count, ms)),
    ],
    notes: [
      `Median of ${ROLLOUTS} rollouts one after the other, 10 → 50 → 100 %, bake, verification, finalize; ${of(({ events }) => events.length)} events each. PostgreSQL with fsync, pg-boss, adapters in memory.`,
      `Whole: p50 ${rounded(median(wall))} ms, p90 ${rounded(quantileOf(wall, 0.9))} ms, ${times(median(wall) / median(minimums))} the minimum. Goal: at most ${GOAL_MS} ms.`,
      'Rows overlap: a command’s time contains the transaction that records its answer. Steps are told apart by the log’s own times.',
      'Holds and bake last 1 ms and ticks 1 ms; every hold still wants two looks of its own: where its evidence begins, and where it ends.',
    ],
  }
}

/** Medians over the rollouts of what the steps of one kind took together. */
function stepsOf(measured: readonly Measured[]): readonly { kind: string; count: number; ms: number }[] {
  const each = measured.map(({ events }) => stepTimes(events))
  return Object.keys(each[0] ?? {}).map((kind) => ({
    kind,
    count: each[0]![kind]!.length,
    ms: median(each.map((one) => sum(one[kind] ?? []))),
  }))
}

function stepTimes(events: readonly StoredEvent[]): Record<string, number[]> {
  const times: Record<string, number[]> = {}
  let since = 0
  for (const event of events) {
    if (event.type === 'StepStarted') since = event.at
    if (event.type !== 'StepFinished') continue
    const { kind } = event.data as { kind: string }
    times[kind] = [...(times[kind] ?? []), event.at - since]
  }
  return times
}
