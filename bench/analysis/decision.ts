/** What one tick of the sequential comparison costs, what it remembers, and whether it stays sane for as long as it runs. */
import type { MetricsTick } from '../../src/core/analysis/state.ts'
import { beginStep, foldTick, initialAnalysis } from '../../src/core/analysis/fold.ts'
import { judge } from '../../src/core/analysis/judge.ts'
import type { Rule } from '../../src/core/analysis/rules.ts'
import { evidenceOf } from '../../src/core/analysis/sequential/evidence.ts'
import { foldSequential } from '../../src/core/analysis/sequential/fold.ts'
import { judgeSequential, rungOf } from '../../src/core/analysis/sequential/judge.ts'
import { SEQUENTIAL_DEFAULTS, type SequentialOptions } from '../../src/core/analysis/sequential/options.ts'
import {
  beginSequentialStep,
  initialSequential,
  type SequentialState,
} from '../../src/core/analysis/sequential/state.ts'
import { randomOf } from '../../src/core/random.ts'
import { rounded } from '../measure.ts'
import type { Benchmark } from '../run.ts'
import { SEQUENTIAL_ERRORS, SEQUENTIAL_P95 } from './stellwerk.ts'
import { streamOf, TICK_MS } from './streams.ts'
import { BEFORE_TICKS } from './world.ts'
import { allWorlds } from './worlds.ts'

export const name = 'analysis: what one decision costs'

const ROUNDS = 40
const TORTURED_TICKS = 2_000_000
const RULES = [SEQUENTIAL_ERRORS, SEQUENTIAL_P95]
const limit = (metric: 'error-rate' | 'latency-p95' | 'latency-p99', above: number, forMs: number): Rule => ({
  kind: 'limit',
  id: metric,
  metric,
  max: above,
  trigger: { above, forMs },
})
const LIMITS = [
  limit('error-rate', 0.02, 300_000),
  limit('latency-p95', 500, 300_000),
  limit('latency-p99', 900, 600_000),
]
const ERRORS_ONLY: SequentialOptions = { ...SEQUENTIAL_DEFAULTS, latency: null }

export async function run(): Promise<Benchmark> {
  const stream = streamOf(allWorlds().find(({ name }) => name === 'errors and latencies')!, 5)
  const rows = [['errors and latencies', SEQUENTIAL_DEFAULTS] as const, ['errors only', ERRORS_ONLY] as const].map(
    ([what, options]) => ({ what, ...cost(stream, options) }),
  )
  return {
    title: name,
    rows: [
      ...rows,
      { what: 'all of it: `foldTick` and `judge`, both rules', ...wholeCost(stream, RULES) },
      { what: '… and three limits with their windows beside it', ...wholeCost(stream, [...RULES, ...LIMITS]) },
    ],
    notes: [
      `CPU time per tick, the least of ${ROUNDS} rounds of an hour at 20 requests/s and 10 %, so that other work on the machine counts little; goal: fold and decide in at most 10 µs.`,
      `The state as JSON, at most 4,096 bytes per component: ${Math.max(...sizes(stream))} at most over that hour.`,
      torture(),
    ],
  }
}

type Cost = { readonly 'fold µs': number; readonly 'decide µs': number; readonly 'say why µs': number }

function cost(stream: readonly MetricsTick[], options: SequentialOptions): Cost {
  const begun = shifted(stream, options)
  const ticks = stream.slice(BEFORE_TICKS)
  const least = { fold: Infinity, decide: Infinity, say: Infinity }
  for (let round = 0; round < ROUNDS; round++) {
    let state = begun
    const states: SequentialState[] = []
    least.fold = Math.min(
      least.fold,
      cpu(() => ticks.forEach((tick) => (state = foldSequential(state, options, tick)))),
    )
    state = begun
    for (const tick of ticks) states.push((state = foldSequential(state, options, tick)))
    least.decide = Math.min(
      least.decide,
      cpu(() => states.forEach((each) => rungOf(each, options))),
    )
    least.say = Math.min(
      least.say,
      cpu(() => states.forEach((each) => judgeSequential(each, options).words())),
    )
  }
  const each = (us: number) => rounded(us / ticks.length, 2)
  return { 'fold µs': each(least.fold), 'decide µs': each(least.decide), 'say why µs': each(least.say) }
}

/** With everything the product does beside it: windows, sums of the step, verdicts in words. */
function wholeCost(stream: readonly MetricsTick[], rules: readonly Rule[]): Cost {
  const context = { rules, minRequests: 50 }
  let state = initialAnalysis({ rules, tickMs: TICK_MS, components: ['api'] })
  const least = { fold: Infinity, judge: Infinity }
  for (let round = 0; round < ROUNDS / 4; round++) {
    state = initialAnalysis({ rules, tickMs: TICK_MS, components: ['api'] })
    let fold = 0
    let judging = 0
    for (const tick of stream) {
      if (state.step?.weight !== tick.weight) state = beginStep(state, { at: tick.from, weight: tick.weight })
      fold += cpu(() => (state = foldTick(state, tick)))
      judging += cpu(() => judge(state, context, { now: tick.to, requiredMs: 0 }))
    }
    least.fold = Math.min(least.fold, fold)
    least.judge = Math.min(least.judge, judging)
  }
  const each = (us: number) => rounded(us / stream.length, 1)
  return { 'fold µs': each(least.fold), 'decide µs': each(least.judge), 'say why µs': 0 }
}

function shifted(stream: readonly MetricsTick[], options: SequentialOptions): SequentialState {
  const before = stream.slice(0, BEFORE_TICKS)
  const state = before.reduce((held, tick) => foldSequential(held, options, tick), initialSequential(options))
  return beginSequentialStep(state, { at: stream[BEFORE_TICKS]!.from, weight: 10 })
}

function sizes(stream: readonly MetricsTick[]): readonly number[] {
  let state = shifted(stream, SEQUENTIAL_DEFAULTS)
  return stream.slice(BEFORE_TICKS).map((tick) => {
    state = foldSequential(state, SEQUENTIAL_DEFAULTS, tick)
    return JSON.stringify(state).length
  })
}

/** Years of ticks between nothing and a trillion requests, some all bad: every number stays finite, the state small. */
function torture(): string {
  const random = randomOf(1)
  const [first] = streamOf(allWorlds()[0]!, 1)
  let state = initialSequential(ERRORS_ONLY)
  let at: number = first!.from
  const side = () => {
    const requests = random() < 0.3 ? 0 : Math.floor(10 ** (12 * random()))
    const bad = random() < 0.2 ? 1 : random() < 0.5 ? 0 : random()
    return { ...first!.live, requests, errors: Math.floor(bad * requests) }
  }
  for (let tick = 0; tick < TORTURED_TICKS; tick++) {
    const weight = ([1, 10, 50, 99, 100] as const)[Math.floor(tick / 1000) % 5]!
    const from = at as MetricsTick['from']
    at += TICK_MS
    const drawn = { ...first!, from, to: at as MetricsTick['to'], weight, live: side(), candidate: side() }
    if (tick % 1000 === 0) state = beginSequentialStep(state, { at: from, weight })
    state = foldSequential(state, ERRORS_ONLY, drawn)
    if (tick % 64 === 0 || tick > TORTURED_TICKS - 100) demandSane(state, tick)
  }
  return `Torture: ${TORTURED_TICKS.toLocaleString('en-US')} ticks of up to a trillion requests, some all bad: every number finite and none negative; ${JSON.stringify(state).length} bytes at the end.`
}

function demandSane(state: SequentialState, tick: number): void {
  const wrong = Object.entries(evidenceOf(state)).find(([, value]) => !(Number.isFinite(value) && value >= 0))
  if (wrong !== undefined) throw new Error(`after ${tick} ticks, the evidence "${wrong[0]}" is ${wrong[1]}`)
  if (JSON.stringify(state).includes('null,')) {
    const text = JSON.stringify(state)
    if (/\[[^\]]*null/.test(text)) throw new Error(`after ${tick} ticks the state holds what is no number: ${text}`)
  }
}

/** CPU time of this process, µs. */
function cpu(work: () => unknown): number {
  const began = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(began)
  return user + system
}
