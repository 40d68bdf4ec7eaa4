/**
 * Whom does each way of judging a release stop, how soon, and whom wrongly? `npm run bench -- --only analysis/policies`;
 * `--runs 1000` for a long run, `--worlds 'cold start' --policies stellwerk` for a single question, `--write` renews the
 * tables of docs/policies.md. A long run keeps what it has played: `--keep FOLDER`, which several processes may share at once.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../tools/tool.ts'
import { mean, quantileOf, rounded, standardError } from '../measure.ts'
import type { Benchmark, BenchmarkOptions } from '../run.ts'
import { withTables } from './page.ts'
import { argo, flagger } from './peers.ts'
import { kayenta } from './kayenta.ts'
import { playKept } from './kept.ts'
import { type Cell, play } from './play.ts'
import { aboveLive, limits, sequential } from './stellwerk.ts'
import { wald } from './wald.ts'
import type { World } from './world.ts'
import { allWorlds } from './worlds.ts'

export const name = 'analysis: policies compared on identical streams'

export const POLICIES = [sequential, limits, aboveLive, flagger, argo, kayenta, wald]
const RUNS = 50
/** Worlds with latencies cost many times more, since every request has one: so many of the others' runs they get. */
const TIMED_SHARE = 0.3
const FIRST_SEED = 1
const PAGE = join(ROOT, 'docs/policies.md')

export async function run(options: BenchmarkOptions): Promise<Benchmark> {
  const { runs = RUNS, seed: firstSeed = FIRST_SEED, write = false } = options
  const worlds = named(allWorlds(), options.worlds)
  const policies = named(POLICIES, options.policies)
  if (write && (worlds.length < allWorlds().length || policies.length < POLICIES.length)) {
    throw new Error('--write renews whole tables: leave out --worlds and --policies')
  }
  const asked = { worlds, policies, runsOf: (world: World) => runsOf(world, runs) }
  const cells =
    options.keep === undefined
      ? worlds.flatMap((world) => play(world, policies, runsOf(world, runs), firstSeed))
      : playKept(
          options.keep,
          asked,
          (slice) => play(slice.world, [slice.policy], slice.runs, firstSeed + slice.from)[0]!,
        )
  if (write) writeFileSync(PAGE, withTables(readFileSync(PAGE, 'utf8'), cells, { runs, firstSeed }))
  return {
    title: name,
    rows: cells.map(rowOf),
    notes: [
      `${runs} releases per world, ${runsOf({ timed: true }, runs)} where latencies are drawn, seeds ${firstSeed} and up; ticks of 5 s, an hour each, 10 % to the candidate unless said otherwise.`,
      '“falsely”: rolled back although nothing was worse, with its standard error; “never”: not found within the hour; requests are the candidate’s, from where it got worse to the rollback; “bad”: its errors that users saw, per release.',
      ...summary(cells),
    ],
  }
}

/** Those whose name holds the words, in any case; throws where none does. */
export function named<T extends { readonly name: string }>(all: readonly T[], words = ''): readonly T[] {
  const found = all.filter(({ name }) => name.toLowerCase().includes(words.toLowerCase()))
  if (found.length === 0) throw new Error(`no name holds "${words}": ${all.map(({ name }) => name).join('; ')}`)
  return found
}

export function runsOf({ timed }: Pick<World, 'timed'>, runs: number): number {
  return timed ? Math.ceil(runs * TIMED_SHARE) : runs
}

function rowOf(cell: Cell): Benchmark['rows'][number] {
  const { world, runs, requests, seconds, bad } = cell
  const share = cell.falsely / runs
  const found = {
    requests: rounded(mean(requests), 0),
    '± SE': rounded(standardError(requests), 0),
    '95th': quantileOf(requests, 0.95),
    seconds: rounded(mean(seconds), 0),
    bad: rounded(mean(bad)),
    'never %': rounded(100 * (1 - requests.length / runs)),
  }
  return {
    'req/s': rounded(world.rps, 2),
    baseline: `${rounded(100 * world.baseline, 2)} %`,
    world: world.name,
    policy: cell.policy,
    'falsely %': rounded(100 * share),
    '±': rounded(100 * Math.sqrt((share * (1 - share)) / runs)),
    ...(world.onset === null
      ? {}
      : Object.fromEntries(Object.entries(found).filter(([, value]) => !Number.isNaN(value)))),
  }
}

/** The goals, in numbers. */
function summary(cells: readonly Cell[]): readonly string[] {
  const ours = cells.filter(({ policy }) => policy === sequential.name)
  const healthy = ours.filter(({ world }) => world.onset === null)
  if (healthy.length === 0) return []
  const falsely = healthy.reduce((sum, cell) => sum + cell.falsely, 0)
  const releases = healthy.reduce((sum, cell) => sum + cell.runs, 0)
  const worst = healthy.reduce((most, cell) => (cell.falsely / cell.runs > most.falsely / most.runs ? cell : most))
  return [
    `Goal, at most 1 % of healthy releases in every world: ${falsely} of ${releases} in all, at most ${rounded((100 * worst.falsely) / worst.runs)} % (${worst.world.name}).`,
  ]
}
