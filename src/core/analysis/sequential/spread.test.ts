import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { binomial, poisson } from '../../../testing/fake-metrics.ts'
import { randomOf } from '../../random.ts'
import type { Counts } from './increments.ts'
import { addPair, clustering } from './spread.ts'
import type { Spread } from './state.ts'

const NONE: Spread = { pairs: 0, seen: 0, expected: 0 }

/** The spread of a side over 700 ticks of about `mean` requests, whose errors come in groups of exactly `size`. */
function played(mean: (tick: number) => number, rate: (tick: number) => number, size: number, seed = 1): Spread {
  const random = randomOf(seed)
  let spread = NONE
  let before: Counts = { n: 0, x: 0 }
  for (let tick = 0; tick < 700; tick++) {
    const n = poisson(random, mean(tick))
    const now = { n, x: Math.min(n, size * binomial(random, n, rate(tick) / size)) }
    spread = addPair(spread, before, now)
    before = now
  }
  return spread
}

describe('how many errors come at once', () => {
  it('is what chance makes of it, exactly: the mean over all ways to share the errors of two ticks', () => {
    for (const [n, m, k] of [
      [3, 3, 2],
      [10, 90, 1],
      [7, 2, 4],
    ] as const) {
      let seen = 0
      let expected = 0
      for (let x = 0; x <= k; x++) {
        const chance = choose(k, x) * (n / (n + m)) ** x * (m / (n + m)) ** (k - x)
        const pair = addPair(NONE, { n, x }, { n: m, x: k - x })
        seen += chance * pair.seen
        expected += chance * pair.expected
      }
      assert.ok(Math.abs(seen - expected) < 1e-12, `${n}, ${m}, ${k}: ${seen} and ${expected}`)
    }
  })

  it('is 1 for single errors, at any traffic, while the rate drifts and the traffic changes', () => {
    const drift = (tick: number) => 0.002 + tick / 70_000
    const wave = (tick: number) => (tick < 300 ? 900 : 100 + tick)
    for (const spread of [
      played(
        () => 90,
        () => 0.005,
        1,
      ),
      played(() => 900, drift, 1),
      played(wave, drift, 1),
    ]) {
      assert.ok(Math.abs(spread.seen / spread.expected - 1) < 0.25, JSON.stringify(spread))
      assert.ok(clustering(spread) <= 1.15)
    }
  })

  it('is the size of the groups they come in', () => {
    for (const size of [3, 6]) {
      const spread = played(
        () => 900,
        () => 0.01,
        size,
      )
      assert.ok(Math.abs(clustering(spread) - size) < 0.2 * size, `${clustering(spread)} instead of ${size}`)
    }
  })

  it('is not counted where nothing happened, and never beyond 10', () => {
    assert.equal(addPair(NONE, { n: 0, x: 0 }, { n: 9, x: 1 }), NONE)
    assert.equal(addPair(NONE, { n: 9, x: 0 }, { n: 9, x: 0 }), NONE)
    assert.equal(clustering(NONE), 1)
    assert.equal(clustering(addPair(NONE, { n: 1e12, x: 1e12 }, { n: 1e12, x: 0 })), 10)
    assert.equal(clustering(addPair(NONE, { n: 9, x: 1 }, { n: 9, x: 0 })), 1, 'one pair is luck')
  })
})

function choose(n: number, k: number): number {
  return k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k
}
