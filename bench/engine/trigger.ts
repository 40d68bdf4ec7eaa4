/**
 * How long users meet a bad candidate: from the first request that fails until the router is observed to send the candidate
 * nothing. Real engine, PostgreSQL, queue and router process; the platform and the counters are in memory, so that the
 * moment of the fault is known to the millisecond.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { dirname } from 'node:path'
import { embeddedRouter } from '../../src/adapters/router/embedded/embedded.ts'
import type { Router } from '../../src/ports/router.ts'
import type { Plan } from '../../src/core/plan.ts'
import type { Adapters } from '../../src/ports/adapters.ts'
import type { StoredEvent } from '../../src/ports/store.ts'
import { adapterContext } from '../../src/testing/adapter-context.ts'
import type { FakeOutside } from '../../src/testing/fake-outside.ts'
import { planFor } from '../../src/testing/plans.ts'
import { until } from '../../src/testing/until.ts'
import { withDatabase } from '../database.ts'
import { quantileOf, rounded } from '../measure.ts'
import { withBench } from '../router/setup.ts'
import type { RouterClient } from '../../src/router/client.ts'
import type { Benchmark } from '../run.ts'
import { type Stage, withEngine } from './stage.ts'

export const name = 'engine: fault → candidate at 0 % observed'

const ROLLOUTS = 30
const TICK_MS = 500
const GOAL_MS = TICK_MS + 250

const HEALTHY = { errorRate: 0, medianMs: 20, sigma: 0.3, frozen: false }
const BROKEN = { ...HEALTHY, errorRate: 0.5 }

/** The trigger's window is two ticks: complete before the fault comes, so that the fault alone decides. */
const WATCHED: Partial<Plan> = {
  analysis: {
    rules: [
      { kind: 'limit', id: 'errors', metric: 'error-rate', max: 0.01, trigger: { above: 0.02, forMs: TICK_MS * 2 } },
    ],
    minRequests: 20,
  },
  steps: planFor().steps.map((step) => (step.kind === 'hold' ? { ...step, holdMs: 60_000 } : step)),
  timings: { ...planFor().timings, tickMs: TICK_MS, pollMs: 10, watchMs: 1, drainLimitMs: 100 },
}

/** The first release has nobody beside it and is done as soon as it can. */
const FIRST: Partial<Plan> = {
  ...WATCHED,
  steps: planFor().steps.map((step) => ('holdMs' in step ? { ...step, holdMs: 1 } : step)),
  timings: { ...planFor().timings, tickMs: TICK_MS, pollMs: 10, extendTimes: 10_000 },
}

type Measured = { readonly toDecision: number; readonly toOrder: number; readonly toZero: number }

export async function run(): Promise<Benchmark> {
  return withBench(async (bench) => {
    const { client } = await bench.router(0)
    const real = await embeddedRouter.create(OPTIONS, adapterContext({ host: hostOf(client) }))
    return withDatabase((connectionString) =>
      withEngine({ connectionString, decorate: (outside) => withRouter(outside, real) }, async (stage) => {
        await stage.ended(await stage.release('v1', FIRST))
        const measured: Measured[] = []
        for (let count = 0; count < ROLLOUTS; count++) measured.push(await spoil(stage, `v${count + 2}`, count))
        return report(measured)
      }),
    )
  })
}

const OPTIONS = embeddedRouter.options.parse({ kind: 'embedded', listen: '127.0.0.1:0' })

/** The router lies in `router` of its data folder. */
function hostOf({ dir }: RouterClient) {
  return { dataFolder: dirname(dir), environment: {} }
}

/** Weights are set in the router and observed there; the simulated users follow what it has in force. */
function withRouter(outside: FakeOutside, real: Router): Adapters {
  const set: typeof real.set = async (desired, order) => {
    const answer = await real.set(desired, order)
    if (answer.ok) await outside.router.set(desired, order)
    return answer
  }
  return { ...outside.adapters, router: () => ({ ...real, set }) }
}

/** The fault comes at another moment of the tick each time. */
async function spoil(stage: Stage, version: string, count: number): Promise<Measured> {
  const { metrics } = stage.outside
  metrics.change({ green: HEALTHY })
  const id = await stage.release(version, WATCHED)
  await until('a whole window was observed at 10 %', async () => ticksAtTen(await stage.events(id)) >= 3, {
    everyMs: 20,
  })
  await delay((TICK_MS * count) / ROLLOUTS)
  metrics.change({ green: BROKEN })
  const spoiled = Date.now()
  await stage.ended(id, ['rolled-back'])
  return timesAfter(spoiled, await stage.events(id))
}

function ticksAtTen(events: readonly StoredEvent[]): number {
  return events.filter(({ type, data }) => type === 'MetricsObserved' && (data as { weight: number }).weight === 10)
    .length
}

function timesAfter(spoiled: number, events: readonly StoredEvent[]): Measured {
  const after = events.slice(events.findIndex(({ type }) => type === 'RollbackTriggered'))
  const at = (what: string, isIt: (event: StoredEvent) => boolean) => {
    const found = after.find(isIt)
    if (!found) throw new Error(`the log shows no ${what}`)
    return found.at - spoiled
  }
  return {
    toDecision: at('trigger', () => true),
    toOrder: at('order', ({ type, data }) => type === 'CommandIssued' && commandOf(data) === 'SetRoute'),
    toZero: at('route at 0 %', ({ type, data }) => type === 'RouteObserved' && greenOf(data) === 0),
  }
}

const commandOf = (data: unknown) => (data as { command: { type: string } }).command.type
const greenOf = (data: unknown) => (data as { observed: { weights: { green: number } } }).observed.weights.green

function report(measured: readonly Measured[]): Benchmark {
  const row = (what: string, of: (one: Measured) => number) => {
    const ms = measured.map(of)
    return {
      'from … to': what,
      'p50 ms': rounded(quantileOf(ms, 0.5)),
      'p99 ms': rounded(quantileOf(ms, 0.99)),
      'max ms': rounded(Math.max(...ms)),
      'p99 in ticks': rounded(quantileOf(ms, 0.99) / TICK_MS, 2),
    }
  }
  const whole = measured.map(({ toZero }) => toZero)
  return {
    title: name,
    rows: [
      row('first bad request → rollback decided', ({ toDecision }) => toDecision),
      row('rollback decided → return of traffic ordered', ({ toOrder, toDecision }) => toOrder - toDecision),
      row('ordered → 0 % observed in the router', ({ toZero, toOrder }) => toZero - toOrder),
      row('breaching tick read → 0 % observed', ({ toZero, toDecision }) => toZero - toDecision),
      row('first bad request → 0 % observed', ({ toZero }) => toZero),
    ],
    notes: [
      `${ROLLOUTS} releases at 10 %, ticks of ${TICK_MS} ms; half of the candidate’s requests begin to fail at ${ROLLOUTS} different moments of the tick. About 200 requests/s reach it.`,
      `Goal: at most one tick + 250 ms (${GOAL_MS} ms) at p99: ${quantileOf(whole, 0.99) <= GOAL_MS ? 'met' : 'MISSED'} counted from the first bad request.`,
      'The trigger’s window was complete before the fault. A fault in the first moments of a share waits for its window to fill.',
    ],
  }
}
