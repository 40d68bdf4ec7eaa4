/** Plays worlds: every run is one release, its stream drawn once and given to every policy. */
import type { MetricsTick } from '../../src/core/analysis/state.ts'
import type { Policy } from './policy.ts'
import { streamOf } from './streams.ts'
import { BEFORE_TICKS, TICK_S, type World } from './world.ts'

/** What one policy did in one world. */
export type Cell = {
  readonly world: World
  readonly policy: string
  readonly runs: number
  /** Rolled back although nothing was worse (yet). */
  readonly falsely: number
  /** Of the releases that got worse: the candidate's requests and the seconds from then to the rollback. */
  readonly requests: readonly number[]
  readonly seconds: readonly number[]
  /** Errors of the candidate that users saw since it got worse; one per release, detected or not. */
  readonly bad: readonly number[]
}

export function play(world: World, policies: readonly Policy[], runs: number, firstSeed = 1): readonly Cell[] {
  const cells = policies.map(({ name }) => ({
    world,
    policy: name,
    runs,
    falsely: 0,
    requests: [] as number[],
    seconds: [] as number[],
    bad: [] as number[],
  }))
  for (let run = 0; run < runs; run++) {
    const stream = streamOf(world, firstSeed + run)
    for (const [index, policy] of policies.entries()) record(cells[index]!, stream, stoppedAt(policy, world, stream))
  }
  return cells
}

/** Index of the tick after which the policy went back; the length of the stream where it never did. */
export function stoppedAt(policy: Policy, world: World, stream: readonly MetricsTick[]): number {
  const goesBack = policy.start(world)
  const index = stream.findIndex(goesBack)
  return index < 0 ? stream.length : index
}

type Recorded = { world: World; falsely: number; requests: number[]; seconds: number[]; bad: number[] }

function record(cell: Recorded, stream: readonly MetricsTick[], stopped: number): void {
  const began = BEFORE_TICKS + (cell.world.onset ?? Number.POSITIVE_INFINITY)
  if (stopped < Math.min(began, stream.length)) cell.falsely += 1
  if (cell.world.onset === null) return
  const served = stream.slice(began, stopped + 1)
  cell.bad.push(served.reduce((sum, { candidate }) => sum + candidate.errors, 0))
  if (stopped < began || stopped === stream.length) return
  cell.requests.push(served.reduce((sum, { candidate }) => sum + candidate.requests, 0))
  cell.seconds.push(served.length * TICK_S)
}
