/**
 * Guards over routes judged by themselves: how soon a dead one is found, that healthy releases stay, and that the worlds
 * notice when a rule of it is wrong. Fixed seeds, counts and simulated seconds only.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { play } from '../../bench/analysis/play.ts'
import { healthyRoutes, worseRoutes } from '../../bench/analysis/routes.ts'
import { LEARNED, sequential, SEQUENTIAL_ERRORS, SEQUENTIAL_P95 } from '../../bench/analysis/stellwerk.ts'
import { SHIFTED, streamOf, TICK_MS } from '../../bench/analysis/streams.ts'
import type { World } from '../../bench/analysis/world.ts'
import * as folding from '../../src/core/analysis/fold.ts'
import * as judging from '../../src/core/analysis/judge.ts'
import type { Edit } from '../model/mutant.ts'
import { mutatedParts } from '../model/mutate.ts'

const SEED = 70_001

function worldOf(name: string, rps = 20): World {
  const found = [...worseRoutes(), ...healthyRoutes()].find((world) => world.name === name && world.rps === rps)
  assert.ok(found, `no world ${name}`)
  return found
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)] ?? Number.NaN
}

describe('a dead route', () => {
  for (const [name, goalS] of [
    ['one route of 5 dead from minute 30, 50 %', 30],
    ['one route of 20 dead', 90],
    ['one route of 20 dead from minute 30, 50 %', 60],
    ['one route of 20 dead from minute 40, alone at 100 %', 60],
  ] as const) {
    it(`[R-E03] is found within ${goalS} s: ${name}`, () => {
      const { seconds, falsely, runs } = play(worldOf(name), [sequential], 16, SEED)[0]!
      assert.equal(seconds.length + falsely, runs)
      assert.equal(falsely, 0)
      assert.ok(median(seconds) <= goalS, `median ${median(seconds)} s`)
    })
  }
})

describe('a healthy release with routes', () => {
  for (const world of healthyRoutes().filter(({ weights }) => !weights.includes(95))) {
    it(`[R-E03] is not rolled back: ${world.name}`, () => {
      assert.equal(play(world, [sequential], world.timed ? 2 : 8, SEED)[0]!.falsely, 0)
    })
  }
})

type Core = Pick<typeof folding, 'beginStep' | 'foldTick' | 'initialAnalysis'> & Pick<typeof judging, 'judge'>

/** Seconds after the first shift until a segment takes the candidate back, and the verdict; null: none does. */
function judged({ beginStep, foldTick, initialAnalysis, judge }: Core, world: World) {
  const rules = world.timed ? [SEQUENTIAL_ERRORS, SEQUENTIAL_P95] : [SEQUENTIAL_ERRORS]
  const starting = { segments: LEARNED }
  let state = initialAnalysis({ rules, tickMs: TICK_MS, components: ['api'], starting })
  for (const tick of streamOf(world, SEED)) {
    if (state.step?.weight !== tick.weight) state = beginStep(state, { at: tick.from, weight: tick.weight })
    state = foldTick(state, tick)
    if (tick.weight === 0) continue
    const [back] = judge(state, { rules, minRequests: 50 }, { now: tick.to, requiredMs: 0 }).triggered
    if (back) return { afterS: (tick.to - SHIFTED) / 1000, text: back.text }
  }
  return null
}

const REAL: Core = { ...folding, ...judging }
const FILE = 'analysis/sequential/segments.ts'
const DEAD = worldOf('one route of 20 dead')
const UNDER_WAY = worldOf('one route of 5 dead from minute 30, 50 %')
const SLOW = worldOf('one route of 20 slow ×4')
const SHARED = worldOf('routes: one dead for 6 min on both sides, 50 %')
const ALWAYS = worldOf('routes: three of 20 fail on both sides, alone after 15 min')

/** What each must come to: a dead one found in time and by evidence of 10 000 or as the reason for the whole's, and nothing where live fails as well. */
function right(world: World, seen: ReturnType<typeof judged>): boolean {
  if (world === SHARED || world === ALWAYS) return seen === null
  const demanded = /, 10 000 demand it/.test(seen?.text ?? '')
  if (world === DEAD) return demanded && seen!.afterS <= 130
  if (world === UNDER_WAY) return seen?.afterS === 1820 && /GET \/route-1: /.test(seen.text)
  return demanded && /GET \/route-1 is .* took longer than 500ms/.test(seen!.text)
}

type Planted = {
  readonly name: string
  readonly edits: readonly (readonly [find: string, replace: string])[]
  readonly world: World
}

const MUTANTS: readonly Planted[] = [
  {
    name: 'a dead one waits for the warm-up',
    edits: [['...(x === 0 ? {', '...(x === 0 || !round.warm ? {']],
    world: DEAD,
  },
  {
    name: 'most failing tells no more than anything else',
    edits: [['const lasting = deadTicks > HICCUP_TICKS', 'const lasting = false']],
    world: UNDER_WAY,
  },
  {
    name: 'a hiccup tells all there is',
    edits: [['lasting ? LASTING_NATS : DEAD_TICK_NATS', 'LASTING_NATS']],
    world: UNDER_WAY,
  },
  {
    name: 'live is not asked',
    edits: [
      ['failed > known * asked + 1', 'failed < 0'],
      ['liveN >= LIVE_ASKED && 3 * liveX * n <= x * liveN', 'liveN >= LIVE_ASKED || liveX >= 0'],
    ],
    world: SHARED,
  },
  { name: 'no segment counts', edits: [['evidence >= demanded', 'evidence < 0']], world: DEAD },
  { name: 'slow ones are not compared', edits: [['slow >= latency.slowShare * n', 'slow < 0']], world: SLOW },
]

describe('one segment of many', () => {
  for (const world of [DEAD, UNDER_WAY, SLOW, SHARED, ALWAYS]) {
    it(`[R-E03] is judged rightly: ${world.name}`, () => {
      const seen = judged(REAL, world)
      assert.ok(right(world, seen), JSON.stringify(seen))
    })
  }

  it('[R-E06] is named in the verdict, with the counts of both sides', () => {
    const { text } = judged(REAL, DEAD)!
    assert.match(
      text,
      /^api: GET \/route-1 is bad at the candidate: (\d+) of \d+ requests failed, of live's, \d+ of \d+ did/,
    )
  })

  for (const { name, edits: all, world } of MUTANTS) {
    it(`is missed where ${name}`, async () => {
      const edits = all.map(([find, replace]): Edit => ({ file: FILE, find, replace }))
      const parts = await mutatedParts({ name, edits }, ['analysis/fold.ts', 'analysis/judge.ts'])
      const seen = judged(Object.assign({}, ...parts) as Core, world)
      assert.ok(!right(world, seen), `it survives: ${JSON.stringify(seen)}`)
    })
  }
})
