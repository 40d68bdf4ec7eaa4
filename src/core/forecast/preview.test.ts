import { english } from '../say.ts'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ERRORS_ONLY, many, simulate } from '../../testing/releases.ts'
import { requestsToAccept, whatAStepCanSee } from './preview.ts'

const MINUTE_MS = 60_000
const STEP = { weight: 10, holdMs: 10 * MINUTE_MS, rps: 20, baseline: 0.005, liveRequests: 20_000 }

describe('what a step can see', () => {
  it('is said in one sentence, with the smallest regression found and the largest that is missed', () => {
    const { text, smallest, warning } = whatAStepCanSee(STEP)
    assert.equal(smallest?.times, 5)
    assert.equal(warning, null)
    assert.match(
      english(text),
      /^10 % for 10m at 20 requests\/s with 0.5 % errors sees 5 times live's errors \(\dm.*; in 95 of 100: .*\), not 3 times \(\d+m/,
    )
  })

  it('grows with time, traffic and weight', () => {
    const smallest = (change: Partial<typeof STEP>) =>
      whatAStepCanSee({ ...STEP, ...change }).smallest?.times ?? Number.POSITIVE_INFINITY
    assert.ok(smallest({ holdMs: 60 * MINUTE_MS }) < smallest({}))
    assert.ok(smallest({ rps: 200 }) < smallest({}))
    assert.ok(smallest({ rps: 1 }) > smallest({}))
    assert.ok(smallest({ weight: 50 }) <= smallest({}))
  })

  it('warns where nothing up to five times can be seen, and never promises anything without traffic or errors', () => {
    assert.match(english(whatAStepCanSee({ ...STEP, rps: 2 }).warning ?? ''), /hold longer or give it more traffic/)
    for (const change of [{ rps: 0 }, { weight: 0 }]) {
      const effect = whatAStepCanSee({ ...STEP, ...change })
      assert.equal(effect.smallest, null, JSON.stringify(change))
      assert.equal(effect.failure.likely, false)
      assert.notEqual(effect.warning, null)
    }
  })

  it('knows a total failure by three bad ticks, and less by the limit alone where live has no past', () => {
    assert.equal(whatAStepCanSee(STEP).failure.meanMs, 15_000)
    const unknown = whatAStepCanSee({ ...STEP, weight: 100, liveRequests: 0 })
    assert.ok(unknown.smallest!.rate > 0.02, 'nothing below the limit of 2 % is told from live')
  })

  it('measures in multiples of the floor where live has fewer errors, since below it nothing rolls back', () => {
    assert.match(
      english(whatAStepCanSee({ ...STEP, baseline: 0 }).seen),
      /^0.99 % errors \(6m; in 95 of 100: 12m\), not 0.5 % errors \(16m\)/,
    )
    assert.match(english(whatAStepCanSee({ ...STEP, baseline: 0.0001 }).seen), /^0.99 % errors/)
  })

  it('compares with the past where the candidate has all traffic', () => {
    const alone = whatAStepCanSee({ ...STEP, weight: 100 })
    assert.ok(alone.smallest !== null && alone.smallest.times <= 5)
    const little = whatAStepCanSee({ ...STEP, weight: 100, liveRequests: 500 })
    assert.ok((little.smallest?.times ?? 99) > (alone.smallest?.times ?? 0), 'a short past says less')
  })

  it('[R-E02] predicts how many requests a healthy step needs until it is accepted', () => {
    for (const errorRate of [0.001, 0.005]) {
      const healthy = () => ({ errorRate })
      const scenario = { rps: 20, weights: many(360, 50), live: healthy, candidate: healthy }
      const found = Array.from({ length: 60 }, (_, seed) => {
        return simulate(scenario, seed, ERRORS_ONLY).reached.get('accepted')?.requests ?? 18_000
      })
      const mean = found.reduce((sum, value) => sum + value, 0) / found.length
      const predicted = Math.max(200, requestsToAccept(errorRate, 0.02))
      assert.ok(mean / predicted > 0.7 && mean / predicted < 1.4, `${mean} found, ${predicted} said`)
    }
    assert.equal(requestsToAccept(0.02, 0.02), Number.POSITIVE_INFINITY)
  })

  for (const weight of [10, 50]) {
    it(`predicts what simulations find at ${weight} %`, () => {
      const scenario = {
        rps: 20,
        weights: many(720, weight),
        live: () => ({ errorRate: 0.005 }),
        candidate: () => ({ errorRate: 0.025 }),
      }
      const ticks = Array.from(
        { length: 150 },
        (_, seed) => simulate(scenario, seed, ERRORS_ONLY).reached.get('rollback')?.tick ?? 720,
      )
      const meanMs = (5000 * ticks.reduce((sum, value) => sum + value, 0)) / ticks.length
      const { effects } = whatAStepCanSee({ ...STEP, weight }, ERRORS_ONLY)
      const predictedMs = effects.find(({ times }) => times === 5)!.meanMs
      assert.ok(meanMs / predictedMs > 0.7 && meanMs / predictedMs < 1.15, `${meanMs} found, ${predictedMs} said`)
    })
  }
})
