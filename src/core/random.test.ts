import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { poissonOf, randomOf } from './random.ts'

describe('numbers from a seed', () => {
  it('are the same for the same seed, and have nothing in common for neighbouring ones', () => {
    const drawn = (seed: number) => Array.from({ length: 1000 }, randomOf(seed))
    assert.deepEqual(drawn(7), drawn(7))
    const [left, right] = [drawn(7), drawn(8)]
    const agreement = left.reduce((sum, value, index) => sum + (value - 0.5) * (right[index]! - 0.5), 0) / 1000
    assert.ok(Math.abs(agreement) < 0.012, `correlation ${12 * agreement}`)
    assert.equal(new Set([...left, ...right]).size, 2000)
  })

  it('are spread evenly over [0, 1)', () => {
    const random = randomOf(1)
    const cells = Array.from({ length: 16 }, () => 0)
    for (let draw = 0; draw < 160_000; draw++) cells[Math.floor(16 * random())]! += 1
    const chi = cells.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)
    assert.ok(chi < 38, `chi-square ${chi} with 15 degrees of freedom`)
  })

  for (const mean of [0.1, 3, 80, 600]) {
    it(`draw Poisson counts of mean and variance ${mean}`, () => {
      const draw = poissonOf(mean, randomOf(3))
      const all = Array.from({ length: 40_000 }, draw)
      const average = all.reduce((sum, value) => sum + value, 0) / all.length
      const variance = all.reduce((sum, value) => sum + (value - average) ** 2, 0) / all.length
      assert.ok(Math.abs(average - mean) < 5 * Math.sqrt(mean / all.length), `mean ${average}`)
      assert.ok(Math.abs(variance / mean - 1) < 0.06, `variance ${variance}`)
      assert.ok(all.every((value) => Number.isInteger(value) && value >= 0))
    })
  }

  it('draw no event where none can happen', () => {
    assert.equal(poissonOf(0, randomOf(1))(), 0)
    assert.equal(poissonOf(Number.NaN, randomOf(1))(), 0)
  })
})
