/** What thinking costs: the inputs of a whole good rollout given to `decide` again, and its events folded again. */
import type { Plan } from '../../src/core/plan.ts'
import { decide } from '../../src/core/rollout/decide.ts'
import { evolve } from '../../src/core/rollout/evolve.ts'
import type { RolloutState } from '../../src/core/rollout/state.ts'
import { planFor, requestFor, stableV1 } from '../../src/testing/plans.ts'
import { simulate } from '../../src/testing/world.ts'
import { median, rounded, times } from '../measure.ts'
import type { Benchmark } from '../run.ts'

export const name = 'core: decisions and folded events per second'

const ROUNDS = 11
const MINUTE = 60_000

/** A release as in production: 5 minutes at 10 % and at 50 %, 30 minutes of bake, a tick every 5 s. */
const PLAN: Partial<Plan> = {
  analysis: {
    rules: [
      { kind: 'limit', id: 'errors', metric: 'error-rate', max: 0.01, trigger: { above: 0.02, forMs: 5 * MINUTE } },
      { kind: 'limit', id: 'p95', metric: 'latency-p95', max: 300, trigger: { above: 500, forMs: 5 * MINUTE } },
      { kind: 'sequential', id: 'compared', metric: 'error-rate', tolerance: 0.2, limit: 0.02 },
      { kind: 'relative', id: 'beside', metric: 'error-rate', to: 'live', margin: 0.5, forMs: 5 * MINUTE },
    ],
    minRequests: 50,
  },
  steps: planFor().steps.map((step) =>
    step.kind === 'hold'
      ? { ...step, holdMs: 5 * MINUTE }
      : step.kind === 'bake'
        ? { ...step, holdMs: 30 * MINUTE }
        : step,
  ),
  timings: { ...planFor().timings, tickMs: 5000 },
}

export async function run(): Promise<Benchmark> {
  const { inputs, log, last } = record()
  const states: RolloutState[] = []
  const work = {
    decided: () => {
      let state: RolloutState | null = null
      states.length = 0
      for (const { input, now } of inputs) states.push((state = decide(state, input, now).state))
      same(state, last)
    },
    folded: () => {
      let state: RolloutState | null = null
      for (const event of log) state = evolve(state, event)
      same(state, last)
    },
    copied: () => states.every((state) => JSON.parse(JSON.stringify(state)) !== null),
  }
  const seconds = alternating(work)
  const decided = rate(inputs.length, seconds.decided)
  const folded = rate(log.length, seconds.folded)
  const copied = rate(states.length, seconds.copied)
  const sizes = states.map((state) => Buffer.byteLength(JSON.stringify(state)))
  const plan = Buffer.byteLength(JSON.stringify(last.plan))
  const row = (what: string, { perSecond, count }: Rate) => ({
    what,
    'per second': Math.round(perSecond),
    'µs each': rounded(1e6 / perSecond),
    'against the copy': times(copied.perSecond / perSecond),
    count,
  })
  return {
    title: name,
    rows: [
      row('decisions (`decide`, with everything that follows)', decided),
      row('events folded (`evolve`)', folded),
      row('baseline: the state copied as JSON', copied),
    ],
    notes: [
      `One rollout of 40 minutes: ${inputs.length} inputs, ${log.length} events; median of ${ROUNDS} alternating rounds, one core.`,
      `Its state as JSON: at most ${Math.max(...sizes)} bytes, at the end ${sizes.at(-1)}, of these the plan ${plan}. The log: ${Math.round(Buffer.byteLength(JSON.stringify(log)) / 1024)} KiB.`,
      '“Against the copy”: time of one beside the time in which the state is written and read as JSON once.',
    ],
  }
}

function record() {
  const world = simulate({ builds: { v1: {}, v2: {} } })
  world.serving('blue', stableV1.rollout, 'v1')
  world.give(requestFor(planFor(PLAN)))
  const last = world.run(undefined, 50_000)
  if (last.status !== 'finalized') throw new Error(`the recorded rollout should be good, but is ${last.status}`)
  return { inputs: world.inputs, log: world.log, last }
}

/** A replay that ends elsewhere would measure something else. */
function same(state: RolloutState | null, last: RolloutState): void {
  if (state?.version !== last.version || state.status !== last.status)
    throw new Error(`the replay ended at ${state?.status}, version ${state?.version}, instead of ${last.version}`)
}

type Rate = { readonly perSecond: number; readonly count: number }

const rate = (count: number, seconds: readonly number[]): Rate => ({ perSecond: count / median(seconds), count })

/** Seconds per round of each; rounds alternate, so that a noisy neighbour meets all of them. */
function alternating<K extends string>(works: Readonly<Record<K, () => unknown>>): Record<K, number[]> {
  const names = Object.keys(works) as K[]
  const took = Object.fromEntries(names.map((each) => [each, []])) as unknown as Record<K, number[]>
  for (const each of names) works[each]()
  for (let round = 0; round < ROUNDS; round++) {
    for (const each of names) {
      const began = performance.now()
      works[each]()
      took[each].push((performance.now() - began) / 1000)
    }
  }
  return took
}
