/** For tests only: whole rollouts of simulated ticks, 20 requests/s unless said otherwise, from one seed. */
import { binomial, normal, poisson, randomFrom } from './fake-metrics.ts'
import { bucketOf } from '../core/histogram.ts'
import { after } from '../core/time.ts'
import { T0, TICK_MS } from '../core/analysis/fixture.ts'
import type { MetricsTick, RoleCountsDelta } from '../core/analysis/state.ts'
import { foldSequential } from '../core/analysis/sequential/fold.ts'
import { type Rung, rungOf } from '../core/analysis/sequential/judge.ts'
import { SEQUENTIAL_DEFAULTS, type SequentialOptions } from '../core/analysis/sequential/options.ts'
import { beginSequentialStep, initialSequential, type SequentialState } from '../core/analysis/sequential/state.ts'

export const ERRORS_ONLY: SequentialOptions = { ...SEQUENTIAL_DEFAULTS, latency: null }
const SCALE = { base: 1.02, unitMs: 0.1 }

export type SideNow = {
  readonly errorRate: number
  /** Errors come in bursts of this mean size (geometric); 1: each by itself. */
  readonly burst?: number
  /** Latencies are multiplied by this; undefined where no latencies are simulated at all. */
  readonly slowness?: number
}

export type Scenario = {
  readonly rps: number
  /** Percent of the candidate, tick by tick from the first shift on; live alone for 10 minutes before that. */
  readonly weights: readonly number[]
  readonly live: (tick: number) => SideNow
  readonly candidate: (tick: number) => SideNow
}

/** 10 % for 10 minutes, 50 % for 20, 100 % for 30. */
export const STAGED = [...many(120, 10), ...many(240, 50), ...many(360, 100)]

export function many(count: number, weight: number): readonly number[] {
  return Array.from({ length: count }, () => weight)
}

export type Run = {
  /** First tick (from 1) at which each rung was reached, and the candidate's requests by then. */
  readonly reached: ReadonlyMap<Rung, { readonly tick: number; readonly requests: number }>
  readonly state: SequentialState
}

/** Plays until a rollback or the end, looking after every tick. */
export function simulate(scenario: Scenario, seed: number, options: SequentialOptions = ERRORS_ONLY): Run {
  const random = randomFrom(seed)
  const reached = new Map<Rung, { tick: number; requests: number }>()
  let state = initialSequential(options)
  const before = many(120, 0)
  for (const [index, weight] of [...before, ...scenario.weights].entries()) {
    const tick = index - before.length + 1
    if (weight !== state.step.weight)
      state = beginSequentialStep(state, { at: after(T0, (tick - 1) * TICK_MS), weight })
    state = foldSequential(state, options, drawTick(scenario, random, tick, weight))
    if (weight === 0) continue
    const rung = rungOf(state, options)
    if (!reached.has(rung)) reached.set(rung, { tick, requests: state.compared.candidate.n })
    if (rung === 'rollback') break
  }
  return { reached, state }
}

/** How many of `runs` rollouts reached the rung. */
export function share(scenario: Scenario, rung: Rung, runs: number, options?: SequentialOptions): number {
  let hits = 0
  for (let run = 0; run < runs; run++) if (simulate(scenario, 1000 + run, options).reached.has(rung)) hits += 1
  return hits / runs
}

const JUDGED = { judged: 'green', restarted: { live: false, candidate: false } } as const

function drawTick(scenario: Scenario, random: () => number, tick: number, weight: number): MetricsTick {
  const perTick = (scenario.rps * TICK_MS) / 1000
  const live = drawSide(random, (perTick * (100 - weight)) / 100, scenario.live(tick))
  const candidate = drawSide(random, (perTick * weight) / 100, scenario.candidate(tick))
  const from = after(T0, (tick - 1) * TICK_MS)
  return { component: 'api', epoch: 'sim', from, to: after(from, TICK_MS), weight, ...JUDGED, live, candidate }
}

function drawSide(random: () => number, mean: number, { errorRate, burst = 1, slowness }: SideNow): RoleCountsDelta {
  const counts: Record<string, number> = {}
  let requests = poisson(random, mean)
  const bursts = binomial(random, requests, errorRate / burst)
  let errors = 0
  for (let index = 0; index < bursts; index++) errors += 1 + (burst > 1 ? geometric(random, burst) : 0)
  requests = Math.max(requests, errors)
  const timed = slowness === undefined ? 0 : requests
  for (let index = 0; index < timed; index++) {
    const bucket = bucketOf(SCALE, 120 * (slowness ?? 1) * Math.exp(0.5 * normal(random)))
    counts[bucket] = (counts[bucket] ?? 0) + 1
  }
  const platform = { readiness: null, logLines: null, memoryBytes: null }
  return { requests, errors, latency: { ...SCALE, counts }, inFlight: 0, waitingOldestMs: 0, ...platform }
}

/** Mean `mean - 1`. */
function geometric(random: () => number, mean: number): number {
  return Math.floor(Math.log(1 - random()) / Math.log(1 - 1 / mean))
}
