/** The others in the comparison do what their sources do: otherwise beating them would prove nothing. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { classify, interval, kayenta } from '../../bench/analysis/kayenta.ts'
import { argo, flagger } from '../../bench/analysis/peers.ts'
import { play, stoppedAt } from '../../bench/analysis/play.ts'
import type { Policy } from '../../bench/analysis/policy.ts'
import { streamOf } from '../../bench/analysis/streams.ts'
import { twoStreamBound, wald, waldBound } from '../../bench/analysis/wald.ts'
import { BEFORE_TICKS, type World } from '../../bench/analysis/world.ts'
import { allWorlds } from '../../bench/analysis/worlds.ts'
import { poissonOf, randomOf } from '../../src/core/random.ts'

const WORLDS = allWorlds()
const QUIET = WORLDS.find(({ name, rps, baseline }) => name === 'nothing special' && rps === 200 && baseline === 0.001)!

/** Seconds of traffic until it goes back, with these of the candidate's minutes failing (from 0); null: never. */
function seconds(policy: Policy, failing: (minute: number) => boolean, part: Partial<World> = {}): number | null {
  const release: World['release'] = () => (tick) => {
    const rate = failing(Math.floor(tick / 12)) ? 0.5 : 0
    return { live: { rate: 0 }, candidate: { rate: tick < 0 ? 0 : rate } }
  }
  const stream = streamOf({ ...QUIET, release, ...part }, 1)
  const at = stoppedAt(policy, QUIET, stream)
  return at === stream.length ? null : (at + 1 - BEFORE_TICKS) * 5
}

describe('Flagger', () => {
  it('goes back one interval after the fifth failed check, and forgets none', () => {
    assert.equal(
      seconds(flagger, () => true),
      360,
    )
    assert.equal(
      seconds(flagger, (minute) => minute % 2 === 0),
      600,
    )
    assert.equal(
      seconds(flagger, (minute) => minute < 4),
      null,
    )
  })

  it('takes no values for failed checks', () => {
    assert.equal(
      seconds(flagger, () => false, { rps: 0 }),
      360,
    )
  })
})

describe('Argo Rollouts', () => {
  it('ends at the fourth failed measurement, whenever it comes, and at the fifth empty one in a row', () => {
    assert.equal(
      seconds(argo, () => true),
      240,
    )
    assert.equal(
      seconds(argo, (minute) => minute % 10 === 0),
      31 * 60,
    )
    assert.equal(
      seconds(argo, (minute) => minute < 3),
      null,
    )
    assert.equal(
      seconds(argo, () => false, { rps: 0 }),
      300,
    )
  })
})

describe("Kayenta's judge", () => {
  const draw = (mean: number, seed: number) => Array.from({ length: 30 }, poissonOf(mean, randomOf(seed)))

  it('finds a clear shift in either direction, and nothing in equal or constant values', () => {
    assert.equal(classify(draw(60, 1), draw(20, 2)), 'high')
    assert.equal(classify(draw(20, 1), draw(60, 2)), 'low')
    assert.equal(classify(draw(20, 1), draw(20, 2)), 'pass')
    assert.equal(classify([3, 3, 3], [3, 3]), 'pass')
    assert.equal(classify([1, 2, 3], [3, 2, 1]), 'pass')
    assert.equal(classify([Number.NaN], [1, 2]), 'no-data')
  })

  it('estimates the median of all differences, inside an interval that turns around with the sides', () => {
    const x = draw(60, 3)
      .map((value, at) => value + at / 1000)
      .toSorted((a, b) => a - b)
    const y = draw(40, 4)
      .map((value, at) => value + at / 777)
      .toSorted((a, b) => a - b)
    const { low, estimate, high } = interval(x, y)
    const differences = x.flatMap((a) => y.map((b) => a - b)).toSorted((a, b) => a - b)
    assert.ok(Math.abs(estimate - differences[450]!) < 0.1, `${estimate} and ${differences[450]}`)
    assert.ok(low < estimate && estimate < high)
    const turned = interval(y, x)
    assert.ok(Math.abs(turned.low + high) < 1e-3 && Math.abs(turned.high + low) < 1e-3)
  })

  it('covers the true shift in about 98 of 100 cases', () => {
    let covered = 0
    for (let seed = 1; seed <= 300; seed++) {
      const [x, y] = [draw(50, 2 * seed), draw(50, 2 * seed + 1)].map((all) => all.toSorted((a, b) => a - b))
      const { low, high } = interval(x!, y!)
      if (low <= 0 && high >= 0) covered += 1
    }
    assert.ok(covered >= 287, `${covered} of 300`)
  })

  it('is blind where the candidate has few errors, as ties at zero hide them', () => {
    const world = WORLDS.find(({ name, rps, baseline }) => name === '×5' && rps === 2 && baseline === 0.001)!
    assert.ok(play(world, [kayenta], 20)[0]!.requests.length <= 4)
  })
})

describe('the bounds', () => {
  it('are those of Wald, and of two streams where live has to be learnt', () => {
    assert.equal(Math.round(waldBound(0.005, 0.025)), 225)
    assert.equal(Math.round(waldBound(0.001, 0.002)), 11_906)
    assert.equal(Math.round(twoStreamBound(0.005, 0.025, 0.1)), 273)
    assert.equal(Math.round(twoStreamBound(0.005, 0.01, 0.5)), 5381)
    assert.ok(twoStreamBound(0.005, 0.025, 0.1, 1.2) > 273, 'what is tolerated has to be ruled out as well')
  })

  it('are nearly reached by the test that knows the rates, which errs in at most 1 of 100', () => {
    const world = WORLDS.find(({ name, rps, baseline }) => name === '×5' && rps === 20 && baseline === 0.005)!
    const { requests, runs } = play(world, [wald], 200)[0]!
    const mean = requests.reduce((sum, count) => sum + count, 0) / requests.length
    assert.equal(requests.length, runs)
    assert.ok(mean > 225 && mean < 300, `${mean} requests`)
    const healthy = WORLDS.find(
      ({ name, rps, baseline }) => name === 'nothing special' && rps === 20 && baseline === 0.005,
    )!
    assert.ok(play(healthy, [wald], 200)[0]!.falsely <= 6)
  })
})
