/**
 * Do the worlds know the rules of patience? Each mistake is planted into a copy of the core, and a candidate that heals, or
 * one that does not, must then be judged otherwise than it should be.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SEQUENTIAL_ERRORS, SEQUENTIAL_P95 } from '../../bench/analysis/stellwerk.ts'
import { streamOf, TICK_MS } from '../../bench/analysis/streams.ts'
import { many, same, type World } from '../../bench/analysis/world.ts'
import { allWorlds } from '../../bench/analysis/worlds.ts'
import * as folding from '../../src/core/analysis/fold.ts'
import * as judging from '../../src/core/analysis/judge.ts'
import type { Edit } from '../model/mutant.ts'
import { mutatedParts } from '../model/mutate.ts'

type Core = Pick<typeof folding, 'beginStep' | 'foldTick' | 'initialAnalysis'> & Pick<typeof judging, 'judge'>

const REAL: Core = { ...folding, ...judging }
const RULES = [SEQUENTIAL_ERRORS, SEQUENTIAL_P95]
const STANDING = 'analysis/sequential/standing.ts'

function worldOf(name: string, part: Partial<World> = {}): World {
  const found = allWorlds().find((world) => world.name === name && world.rps === 20 && world.baseline === 0.005)
  assert.ok(found, name)
  return { ...found, ...part }
}

/** Ticks after the first shift until it goes back, and until nothing is failed any more; null: never. */
function played({ beginStep, foldTick, initialAnalysis, judge }: Core, world: World) {
  const rules = world.timed ? RULES : [SEQUENTIAL_ERRORS]
  let state = initialAnalysis({ rules, tickMs: TICK_MS, components: ['api'] })
  let [back, failed]: [number | null, number] = [null, 0]
  const stream = streamOf(world, 70_001)
  const before = stream.findIndex(({ weight }) => weight > 0)
  for (const [index, tick] of stream.entries()) {
    if (state.step?.weight !== tick.weight) state = beginStep(state, { at: tick.from, weight: tick.weight })
    state = foldTick(state, tick)
    if (tick.weight === 0) continue
    const judgement = judge(state, { rules, minRequests: 50 }, { now: tick.to, requiredMs: 0 })
    if (judgement.outcome === 'fail') failed = index - before
    if (judgement.triggered.length > 0) back ??= index - before
  }
  return { back, failed }
}

const HEALS = worldOf('cold caches, latency ×1.6 for 10 min')
const STAYS = worldOf('latency ×1.5')
const SHORTLY = {
  ...worldOf('latency ×1.5'),
  name: 'over shortly before the patience is',
  release: () => (tick: number) => ({
    live: { rate: 0.005, slowness: 1 },
    candidate: { rate: 0.005, slowness: tick >= 0 && tick < 134 ? 1.5 : 1 },
  }),
}

/** Above the limit for two minutes, alone, after five minutes of a live that was not. */
const HARDLY_SEEN = {
  ...worldOf('nothing special'),
  name: 'alone, live hardly seen',
  weights: many(720, 100),
  release: () => (tick: number) => same({ rate: tick >= 20 && tick < 44 ? 0.04 : 0.004 }),
}
/** Both sides are above the limit for a minute in five, and live keeps 5 %. */
const CONTROLLED = {
  ...worldOf('nothing special'),
  name: 'a control share, both sides high now and then',
  weights: [...many(240, 10), ...many(480, 95)],
  release: () => (tick: number) => same({ rate: (tick + 60) % 60 < 12 ? 0.06 : 0.003 }),
}

type Planted = {
  readonly name: string
  readonly file?: string
  readonly find: string
  readonly replace: string
  readonly world: World
}

/** What each does to the world it is played in is told by `right` of the real core. */
const MUTANTS: readonly Planted[] = [
  { name: 'nothing is held', find: 'next?.stands === true || isNear(run)', replace: 'true', world: HEALS },
  {
    name: 'what is held never counts',
    find: 'at - found.since >= patienceMs',
    replace: 'at < found.since',
    world: STAYS,
  },
  {
    name: 'the newest requests are not asked',
    find: '{ ...held, mark: { at, nats } } : held',
    replace: '{ ...held, mark: { at, nats }, stands: true } : held',
    world: SHORTLY,
  },
  { name: 'a limit waits as well', find: '|| isNear(run)', replace: '', world: worldOf('×5') },
  {
    name: 'a limit alone is what it says, however little was seen of live',
    file: 'analysis/sequential/alone.ts',
    find: 'limit: atLimit.nats.map((nats) => Math.min(nats, most)),',
    replace: 'limit: absoluteIncrements({ n, x }, limit, known),',
    world: HARDLY_SEEN,
  },
  {
    name: 'a control share is taken to show whether live suffers',
    file: 'analysis/sequential/bets.ts',
    find: 'return tick.weight > 50 && ',
    replace: 'return tick.weight > 100 && ',
    world: CONTROLLED,
  },
  {
    name: 'what is over is remembered',
    find: 'found !== null && nats <= found.peak - OVER_NATS && nats',
    replace: 'found !== null && nats <= 0 && nats',
    world: HEALS,
  },
]

/** 10 min are 120 ticks, a patience of 10 min from the first minute on lasts to the 140th. */
function right({ back, failed }: ReturnType<typeof played>, world: World): boolean {
  if (world === HEALS) return back === null && failed < 180
  if (world === STAYS) return back !== null && back > 130 && back < 200
  if (world === SHORTLY || world === HARDLY_SEEN || world === CONTROLLED) return back === null
  return back !== null && back < 120
}

describe('the rules of patience', () => {
  for (const world of [HEALS, STAYS, SHORTLY, HARDLY_SEEN, CONTROLLED, worldOf('×5')]) {
    it(`[R-E03] judge rightly: ${world.name}`, () => {
      const seen = played(REAL, world)
      assert.ok(right(seen, world), JSON.stringify(seen))
    })
  }

  for (const { name, file = STANDING, find, replace, world } of MUTANTS) {
    it(`are missed where ${name}`, async () => {
      const edits: readonly Edit[] = [{ file, find, replace }]
      const parts = await mutatedParts({ name, edits }, ['analysis/fold.ts', 'analysis/judge.ts'])
      const seen = played(Object.assign({}, ...parts) as Core, world)
      assert.ok(!right(seen, world), `it survives: ${JSON.stringify(seen)}`)
    })
  }
})
