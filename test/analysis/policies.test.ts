/**
 * Guards over the main cells of docs/policies.md: the same worlds and the same code as the benchmark, fewer releases, fixed
 * seeds. Counts are asserted, no times. A cell that gets worse fails here long before anybody reads the table again.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { requestsAlone } from '../../bench/analysis/alone.ts'
import { withTables } from '../../bench/analysis/page.ts'
import { flagger } from '../../bench/analysis/peers.ts'
import { playKept } from '../../bench/analysis/kept.ts'
import { play, stoppedAt } from '../../bench/analysis/play.ts'
import { named, run } from '../../bench/analysis/policies.ts'
import type { Policy } from '../../bench/analysis/policy.ts'
import { judgedBy, sequential, SEQUENTIAL_ERRORS, SEQUENTIAL_P95 } from '../../bench/analysis/stellwerk.ts'
import { streamOf } from '../../bench/analysis/streams.ts'
import { twoStreamBound } from '../../bench/analysis/wald.ts'
import { BEFORE_TICKS, type World } from '../../bench/analysis/world.ts'
import { allWorlds } from '../../bench/analysis/worlds.ts'
import { difference } from '../../src/core/analysis/difference.ts'
import { beginStep, foldTick, initialAnalysis } from '../../src/core/analysis/fold.ts'
import { judge } from '../../src/core/analysis/judge.ts'
import type { MetricsTick, RoleCountsDelta } from '../../src/core/analysis/state.ts'
import { emptyHistogram, mergeHistograms } from '../../src/core/histogram.ts'
import type { SlotCounts } from '../../src/core/observed.ts'
import { type Random, randomOf } from '../../src/core/random.ts'
import { FAKE_SCALE } from '../../src/testing/fake-metrics.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'

const WORLDS = allWorlds()
const RULES = [SEQUENTIAL_ERRORS, SEQUENTIAL_P95]

function worldOf(name: string, part: Partial<World> = {}): World {
  const found = WORLDS.find((world) => {
    const wanted = { rps: 20, baseline: 0.005, ...part, name }
    return Object.entries(wanted).every(([key, value]) => world[key as keyof World] === value)
  })
  assert.ok(found, `no world ${name}`)
  return found
}

function played(world: World, releases: number) {
  return play(world, [sequential], releases, 70_001)[0]!
}

describe('a healthy release', () => {
  for (const world of [
    worldOf('nothing special', { rps: 2 }),
    worldOf('nothing special'),
    worldOf('nothing special', { rps: 200, baseline: 0.01 }),
    worldOf('nothing special, 10 → 50 → 100 %'),
    worldOf('bursts of 3'),
    worldOf('bursts of 3', { rps: 200 }),
    worldOf('rare bursts of 40'),
    worldOf('hiccups of 3 s'),
    worldOf('hiccups of 10 s'),
    worldOf('hiccups of 3 s', { rps: 200 }),
    worldOf('hiccups of 10 s', { rps: 200 }),
    worldOf('drift 0.2 → 1.2 %, 10 → 50 → 90 %', { baseline: 0.005 }),
    worldOf('cold start ×6 for 1 min'),
    worldOf('cold start ×20 for 1 min'),
    worldOf('shared outage, 8 % for 6 min'),
    worldOf('rate that wanders, both sides'),
    worldOf('rate that wanders for 90 s, 10 → 50 → 100 %'),
    worldOf('cold start ×2 for 2 min'),
    worldOf('cold start ×6 for 5 min, declared'),
    worldOf('sticky users, 3 % of them bad'),
    worldOf('live noisy, candidate quiet'),
    worldOf('no traffic at all', { rps: 0 }),
  ]) {
    it(`[R-E03] is not rolled back: ${world.rps} requests/s, ${100 * world.baseline} %, ${world.name}`, () => {
      const { falsely, runs } = played(world, 16)
      assert.ok(falsely <= 1, `${falsely} of ${runs} went back`)
    })
  }

  it('is not rolled back for pauses, bursts, a slow start, and a slowdown that both sides share', () => {
    for (const name of [
      'pauses of 1 s and bursts of 3',
      'slow start, latency ×3 for 1 min',
      'cold caches, latency ×1.6 for 5 min',
      'a batch job beside the candidate, latency ×1.5 for 4 min',
      'shared slowdown ×2 for 5 min',
    ]) {
      assert.equal(played(worldOf(name, { timed: true }), 4).falsely, 0, name)
    }
  })

  it('is what others stop, so that these worlds are not merely easy', () => {
    for (const name of ['nothing special', 'shared outage, 8 % for 6 min', 'no traffic at all']) {
      const world = WORLDS.find((each) => each.name === name && each.rps !== 2 && each.baseline === 0.005)!
      assert.ok(play(world, [flagger], 10, 70_001)[0]!.falsely >= 8, name)
    }
  })
})

describe('a worse release', () => {
  it('is found within 4 ticks when nothing works, at 20 requests/s after at most 40 requests on average', () => {
    for (const [rps, most] of [
      [20, 40],
      [200, 400],
    ] as const) {
      const { requests, seconds, runs } = played(worldOf('100 %', { rps }), 60)
      assert.equal(requests.length, runs)
      assert.ok(Math.max(...seconds) <= 20, `${Math.max(...seconds)} s`)
      assert.ok(requests.reduce((sum, count) => sum + count, 0) / runs <= most)
    }
  })

  it('is found within 4 ticks when nothing works any more under way, at 50 % and alone', () => {
    for (const name of ['100 % from minute 30, 50 %', '100 % from minute 40, alone at 100 %']) {
      const { seconds, runs, falsely } = played(worldOf(name), 20)
      assert.equal(seconds.length + falsely, runs)
      assert.ok(Math.max(...seconds) <= 20, `${name}: ${Math.max(...seconds)} s`)
    }
  })

  it('[R-E03] is found in every case with five times the errors, beside bursts too, and with them later', () => {
    for (const [world, most] of [
      [worldOf('×5'), 1000],
      [worldOf('×5', { rps: 200 }), 3000],
      [worldOf('×5 amid bursts of 3', { rps: 200 }), 8000],
      [worldOf('×5 from minute 40, alone at 100 %'), 9000],
    ] as const) {
      const { requests, runs, falsely } = played(world, 20)
      // Alone it is live's past that one of them may follow; twenty minutes of it are not always enough to know.
      const missed = world.name.includes('alone') ? 1 : 0
      assert.ok(requests.length >= runs - missed, `${world.name}: ${requests.length} of ${runs}`)
      assert.equal(falsely, 0)
      assert.ok(requests.reduce((sum, count) => sum + count, 0) / runs <= most, `${world.name}: ${requests}`)
    }
  })

  it('costs the comparison by itself at most 1.4 times the requests that two streams need', () => {
    for (const [worse, tolerated] of [
      [0.01, 1],
      [0.01, 1.2],
      [0.025, 1],
      [0.025, 1.2],
    ] as const) {
      const ratio = requestsAlone(0.005, worse, tolerated) / twoStreamBound(0.005, worse, 0.1, tolerated)
      assert.ok(ratio > 1 && ratio < 1.4, `${worse} beyond ${tolerated}: ${ratio}`)
    }
  })

  it('[R-E01] is found when it is half as slow again, and not when it is a tenth slower, which is tolerated', () => {
    assert.equal(played(worldOf('latency ×1.5'), 5).requests.length, 5)
    assert.equal(played(worldOf('latency ×1.1'), 5).requests.length, 0)
  })
})

const EMPTY = 'a\n<!-- generated: npm run bench -- --only analysis/policies --write -->\n<!-- end of generated -->\nz'

describe('the comparison as a benchmark', () => {
  it('plays the worlds and policies that were named, and refuses to renew tables with less than all', async () => {
    const { rows } = await run({ worlds: 'NO TRAFFIC', policies: 'stellwerk', runs: 2 })
    assert.deepEqual(
      rows.map(({ world, policy, 'falsely %': falsely }) => [world, policy, falsely]),
      [['no traffic at all', 'Stellwerk', 0]],
    )
    await assert.rejects(run({ worlds: 'no traffic', write: true }), /--write renews whole tables/)
    assert.throws(() => named(WORLDS, 'cold stat'), /no name holds "cold stat": nothing special; /)
  })

  it('keeps what it played, goes on from there, and says how many releases each row has', async () => {
    const folder = await temporaryFolder('played')
    const worlds = [worldOf('no traffic at all', { rps: 0 }), worldOf('100 %')]
    const played: string[] = []
    const keeping = (policies: readonly Policy[], runs: number) =>
      playKept(folder, { worlds, policies, runsOf: () => runs }, ({ world, policy, from, runs }) => {
        played.push(`${world.name}: ${policy.name} ${from}+${runs}`)
        return play(world, [policy], runs, 70_001 + from)[0]!
      })
    const ours = keeping([sequential], 20)
    assert.equal(played.length, 20)
    assert.deepEqual(played.slice(0, 2), ['no traffic at all: Stellwerk 0+2', '100 %: Stellwerk 0+2'])
    assert.deepEqual(ours[1]?.requests.toSorted(), play(worlds[1]!, [sequential], 20, 70_001)[0]?.requests.toSorted())
    const both = keeping([sequential, flagger], 20)
    assert.equal(played.length, 40, 'nothing of ours again')
    assert.deepEqual(both.map(({ policy, runs }) => [policy, runs]).sort(), [
      ['Flagger 99 %, 60 s, 5', 20],
      ['Flagger 99 %, 60 s, 5', 20],
      ['Stellwerk', 20],
      ['Stellwerk', 20],
    ])
    const page = withTables(EMPTY, both, { runs: 20, firstSeed: 70_001 })
    assert.match(page, /\| 0 \| 0.5 % \| no traffic at all \| 20 \| 0 \(0-16.1\) \| 100 \|/)
  })

  it('shows as many columns beside the bound as it names', () => {
    const text = withTables(EMPTY, [played(worldOf('×5'), 2)], { runs: 2, firstSeed: 70_001 })
    const [head, , row] = text.slice(text.indexOf('### Against the bound')).split('\n').slice(2)
    assert.equal(row?.split('|').length, head?.split('|').length)
    assert.match(row ?? '', /^\| 20 \| 0.5 % \| ×5 \| 225 \| 273 \| 336 \|/)
  })
})

describe('the same counts', () => {
  const world = worldOf('latency ×1.5')
  const stream = streamOf(world, 3)

  it('are drawn from the same seed, and lead to the same decision at the same tick', () => {
    assert.deepEqual(streamOf(world, 3), stream)
    assert.notDeepEqual(streamOf(world, 4), stream)
    const at = stoppedAt(sequential, world, stream)
    assert.ok(at > BEFORE_TICKS && at < stream.length)
    assert.equal(stoppedAt(sequential, world, streamOf(world, 3)), at)
  })

  it('[R-E03] give the same verdicts from three routers, one of which restarts, and from one', () => {
    const some = stream.slice(0, BEFORE_TICKS + 150)
    const one = verdictsOf(some, (tick) => tick)
    const split = threeRouters(randomOf(11), BEFORE_TICKS + 7)
    const three = verdictsOf(some, split)
    assert.deepEqual(three, one)
    assert.ok(one.some(({ triggered }) => triggered.length > 0))
  })

  it('are judged by the benchmark as by the whole of the product', () => {
    for (const name of ['×5', '×2', 'hiccups of 10 s', '100 % from minute 40, alone at 100 %', 'latency ×2']) {
      const played = worldOf(name)
      const whole: Policy = { name: 'whole', start: ({ timed }) => judgedBy(timed ? RULES : [SEQUENTIAL_ERRORS]) }
      for (const seed of [70_001, 70_002]) {
        const ticks = streamOf(played, seed)
        assert.equal(stoppedAt(sequential, played, ticks), stoppedAt(whole, played, ticks), `${name}, seed ${seed}`)
      }
    }
  })

  it('give the same verdicts after the control plane was restarted in the middle', () => {
    const some = stream.slice(0, BEFORE_TICKS + 30)
    const restored = verdictsOf(some, (tick) => tick, BEFORE_TICKS + 9)
    assert.deepEqual(
      restored,
      verdictsOf(some, (tick) => tick),
    )
  })
})

/** Every judgement; with `restartAt`, the state goes through JSON at that tick, as a stored one does. */
function verdictsOf(
  stream: readonly MetricsTick[],
  seen: (tick: MetricsTick, index: number) => MetricsTick,
  restartAt = -1,
) {
  let state = initialAnalysis({ rules: RULES, tickMs: 5000, components: ['api'] })
  return stream.map((drawn, index) => {
    const tick = seen(drawn, index)
    if (state.step?.weight !== tick.weight) state = beginStep(state, { at: tick.from, weight: tick.weight })
    state = foldTick(state, tick)
    if (index === restartAt) state = JSON.parse(JSON.stringify(state))
    const { verdicts, triggered } = judge(state, { rules: RULES, minRequests: 50 }, { now: tick.to, requiredMs: 0 })
    return { verdicts, triggered }
  })
}

/** Each request is counted by one of three routers; ticks are the sums of what their counters grew by. */
function threeRouters(random: Random, restartAt: number): (tick: MetricsTick, index: number) => MetricsTick {
  const routers = [0, 1, 2].map(() => ({ epoch: 0, live: NO_COUNTS, candidate: NO_COUNTS }))
  return (tick, index) => {
    const parts = { live: shared(random, tick.live), candidate: shared(random, tick.candidate) }
    const sides = (['live', 'candidate'] as const).map((side) => {
      const deltas = routers.map((router, which) => {
        const restarts = which === 1 && index === restartAt
        const before = router[side]
        const now = grown(restarts ? NO_COUNTS : before, parts[side][which]!)
        router[side] = now
        return difference(before, now, !restarts)!
      })
      return [side, { ...tick[side], ...deltas.reduce(summed) }] as const
    })
    return { ...tick, ...Object.fromEntries(sides) }
  }
}

const NO_COUNTS: SlotCounts = {
  requests: 0,
  errors: 0,
  latency: emptyHistogram(FAKE_SCALE),
  inFlight: 0,
  waitingOldestMs: 0,
}
type Grown = Pick<SlotCounts, 'requests' | 'errors' | 'latency'>

function shared(random: Random, all: RoleCountsDelta): readonly Grown[] {
  const parts = [0, 1, 2].map(() => ({ requests: 0, errors: 0, counts: {} as Record<string, number> }))
  const one = () => parts[Math.floor(3 * random())]!
  for (let request = 0; request < all.requests; request++) one().requests += 1
  for (let error = 0; error < all.errors; error++) one().errors += 1
  for (const [bucket, count] of Object.entries(all.latency.counts)) {
    for (let request = 0; request < count; request++) {
      const { counts } = one()
      counts[bucket] = (counts[bucket] ?? 0) + 1
    }
  }
  return parts.map(({ counts, ...rest }) => ({ ...rest, latency: { ...FAKE_SCALE, counts } }))
}

function grown(before: SlotCounts, by: Grown): SlotCounts {
  const latency = mergeHistograms(before.latency, by.latency)
  return { ...before, requests: before.requests + by.requests, errors: before.errors + by.errors, latency }
}

function summed<T extends Grown>(left: T, right: T): T {
  const latency = mergeHistograms(left.latency, right.latency)
  return { ...left, requests: left.requests + right.requests, errors: left.errors + right.errors, latency }
}
