/** How fast the model checker walks: edges per second of CPU, beside the decisions alone and copies of the state as JSON. */
import type { Input } from '../../src/core/rollout/inputs.ts'
import type { RolloutState } from '../../src/core/rollout/state.ts'
import type { Instant } from '../../src/core/time.ts'
import { type Core, realCore } from '../../src/rehearsal/model/core.ts'
import { explore, type Report } from '../../src/rehearsal/model/explore.ts'
import { scenes } from '../../src/rehearsal/model/scenes.ts'
import { spaceOf } from '../../src/rehearsal/model/space.ts'
import { median, rounded, times } from '../measure.ts'
import type { Benchmark } from '../run.ts'

export const name = 'model: edges per second'

const ROUNDS = 3
const BOUNDS = { surprises: 1, statesMax: 200_000 }
const SAMPLES = 20_000

type Asked = { readonly state: RolloutState | null; readonly input: Input; readonly now: Instant }

export async function run(): Promise<Benchmark> {
  const scene = scenes.find((each) => each.name.includes('migration'))!
  const asked: Asked[] = []
  const recording: Core = {
    ...realCore,
    decide: (state, input, now) => {
      if (asked.length < SAMPLES) asked.push({ state, input, now })
      return realCore.decide(state, input, now)
    },
  }
  explored(recording)
  const walked: number[] = []
  const decided: number[] = []
  const copied: number[] = []
  let report: Report | null = null
  for (let round = 0; round < ROUNDS; round += 1) {
    walked.push(cpuSeconds(() => (report = explored(realCore))))
    decided.push(cpuSeconds(() => asked.forEach(({ state, input, now }) => realCore.decide(state, input, now))))
    copied.push(cpuSeconds(() => asked.forEach(({ state }) => JSON.parse(JSON.stringify(state)))))
  }
  const { states, edges, depth } = report!
  const edge = median(walked) / edges
  const copy = median(copied) / asked.length
  const row = (what: string, seconds: number) => ({
    what,
    'per second of CPU': Math.round(1 / seconds),
    'µs each': rounded(seconds * 1e6),
    'beside the copy': times(seconds / copy),
  })
  return {
    title: name,
    rows: [
      row('edges: move, decide, check, key', edge),
      row('decisions of the same kind alone', median(decided) / asked.length),
      row('baseline: the state written and read as JSON', copy),
    ],
    notes: `"${scene.name}", one surprise, complete: ${states} states, ${edges} edges, depth ${depth}. Median of ${ROUNDS} rounds. Goal: 100,000 edges/s.`,
  }

  function explored(core: Core): Report {
    const found = explore(spaceOf(core, scene), BOUNDS, () => 0)
    if (found.failure || !found.complete) throw new Error('only a complete graph without a failure says how fast it is')
    return found
  }
}

/** Time on a core: a busy machine makes everything look slow but this. */
function cpuSeconds(work: () => void): number {
  const { user, system } = process.cpuUsage()
  work()
  const spent = process.cpuUsage({ user, system })
  return (spent.user + spent.system) / 1e6
}
