/**
 * What judging each route by itself finds sooner, and whom it stops wrongly: the same streams with the routes told and not
 * told. `--worlds all` plays every healthy world of the other policies with twenty routes as well.
 */
import { quantileOf, rounded } from '../measure.ts'
import type { Benchmark, BenchmarkOptions } from '../run.ts'
import { play, type Cell } from './play.ts'
import { named, runsOf } from './policies.ts'
import type { Policy } from './policy.ts'
import { healthyRoutes, USUAL, worseRoutes } from './routes.ts'
import { sequential } from './stellwerk.ts'
import type { World } from './world.ts'
import { allWorlds } from './worlds.ts'

export const name = 'analysis: routes judged by themselves'

const RUNS = 50
const TOLD: Policy = { ...sequential, name: 'routes told' }
const UNTOLD: Policy = {
  name: 'not told',
  start: (world) => sequential.start({ ...world, routes: [] }),
}

export async function run({ runs = RUNS, seed = 1, worlds: words }: BenchmarkOptions): Promise<Benchmark> {
  const own = [...worseRoutes(), ...healthyRoutes()]
  const worlds = words === 'all' ? [...own, ...usualWorlds()] : named(own, words)
  const cells = worlds.flatMap((world) => play(world, [TOLD, UNTOLD], runsOf(world, runs), seed))
  return {
    title: name,
    rows: cells.map(rowOf),
    notes: [
      `${runs} releases per world, ${runsOf({ timed: true }, runs)} where latencies are drawn, seeds ${seed} and up; 10 % to the candidate and errors of 0.5 % unless said otherwise; at most 20 routes are judged.`,
    ],
  }
}

/** Each of the healthy ones with the usual twenty routes. */
function usualWorlds(): readonly World[] {
  return allWorlds().flatMap((world) => (world.onset === null ? [{ ...world, routes: USUAL }] : []))
}

function rowOf({ world, policy, runs, falsely, seconds, requests }: Cell): Benchmark['rows'][number] {
  const found = {
    found: `${seconds.length} of ${runs}`,
    'median s': quantileOf(seconds, 0.5),
    '95th s': quantileOf(seconds, 0.95),
    'median requests': rounded(quantileOf(requests, 0.5), 0),
  }
  const about = { 'req/s': rounded(world.rps, 2), world: world.name, policy, falsely: `${falsely} of ${runs}` }
  return world.onset === null ? about : { ...about, ...found }
}
