import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { many, type Run, simulate } from '../../testing/releases.ts'
import { SEQUENTIAL_DEFAULTS } from '../analysis/sequential/options.ts'
import { slownessSeen } from './slowness.ts'

/** What breaks no limit is held when it is found, and goes back later. */
function foundAt({ reached }: Run): number {
  return Math.min(reached.get('held')?.tick ?? 360, reached.get('rollback')?.tick ?? 360)
}

const STEP = { weight: 10, holdMs: 600_000, rps: 20, baseline: 0.005, liveRequests: 20_000 }

describe('how much slower a candidate must be to be found', () => {
  it('[R-E01] is less the longer the step is, and more where live is not beside it', () => {
    const factor = (change: Partial<typeof STEP>) => slownessSeen({ ...STEP, ...change }, SEQUENTIAL_DEFAULTS)?.factor
    assert.equal(factor({}), 1.2)
    assert.equal(factor({ holdMs: 120_000 }), 1.5)
    assert.equal(factor({ weight: 100 }), 1.5)
    assert.equal(factor({ holdMs: 60_000 }), undefined, 'the warm-up alone takes that long')
    assert.equal(factor({ rps: 0 }), undefined)
  })

  it('waits for the 1 000 requests of live without which nothing is compared, for ever where live has no traffic', () => {
    const meanMs = (change: Partial<typeof STEP>) =>
      slownessSeen({ ...STEP, holdMs: 3_600_000, ...change }, SEQUENTIAL_DEFAULTS)?.meanMs
    assert.equal(meanMs({ liveRequests: 0, rps: 5 })! > meanMs({ rps: 5 })!, true)
    assert.equal(meanMs({ liveRequests: 999, weight: 100 }), undefined)
  })

  it('predicts what simulations find', () => {
    for (const slowness of [1.2, 1.5]) {
      const scenario = {
        rps: 20,
        weights: many(360, 10),
        live: () => ({ errorRate: 0.005, slowness: 1 }),
        candidate: () => ({ errorRate: 0.005, slowness }),
      }
      const found = Array.from({ length: 20 }, (_, seed) => foundAt(simulate(scenario, seed, SEQUENTIAL_DEFAULTS)))
      const meanMs = (5000 * found.reduce((sum, tick) => sum + tick, 0)) / found.length
      const holdMs = slowness === 1.2 ? 600_000 : 120_000
      const predictedMs = slownessSeen({ ...STEP, holdMs }, SEQUENTIAL_DEFAULTS)?.meanMs ?? Number.NaN
      assert.ok(meanMs / predictedMs > 0.75 && meanMs / predictedMs < 1.35, `${meanMs} found, ${predictedMs} said`)
    }
  })
})
