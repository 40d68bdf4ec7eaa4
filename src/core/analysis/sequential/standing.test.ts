import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { after } from '../../time.ts'
import { T0, TICK_MS } from '../fixture.ts'
import { nearSlow, forgotten, isEasing, isOver, nearErrors, NOTHING_FOUND, type Watch, watched } from './standing.ts'
import { evidence, initialWealth } from './wealth.ts'

const MINUTE_TICKS = 12
const PATIENCE = { patienceMs: 600_000, isNear: nearErrors(0.02) }
const QUIET = { n: 10, x: 0 }

/** Evidence of one tick after the other, in nats. */
function last(levels: readonly number[], rule = PATIENCE, tick = QUIET): Watch {
  return levels.reduce(
    (watch, nats, index) => watched(watch, { at: after(T0, index * TICK_MS), nats, tick }, rule),
    NOTHING_FOUND,
  )
}

/** Grows from evidence 20 by so much a tick. */
function growing(ticks: number, perTick: number, from = 3): readonly number[] {
  return Array.from({ length: ticks }, (_, index) => from + perTick * index)
}

describe('a difference from live below every limit', () => {
  it('[R-E03] is held from evidence 20 on, for its patience, and counts when the newest requests show it again', () => {
    assert.equal(last([2.9]).found, null)
    assert.equal(last([3]).found?.since, T0)
    const held = growing(10 * MINUTE_TICKS + 1, 0.5)
    assert.deepEqual([last(held).ripe, last(held).found?.mark?.at], [false, after(T0, 600_000)])
    const top = held.at(-1)!
    assert.equal(last([...held, top + 0.5, top + 1]).ripe, false, 'the newest add a factor of 2.7')
    assert.equal(last([...held, top + 0.5, top + 1, top + 1.5]).ripe, true)
  })

  it('[R-E03] counts no longer when what was shown again fades', () => {
    const held = growing(10 * MINUTE_TICKS + 4, 0.5)
    assert.equal(last(held).ripe, true)
    assert.equal(last([...held, held.at(-1)! - 1.2]).ripe, false)
  })

  it('has its patience anew where it grows at less than half its pace: it is shrinking', () => {
    const held = growing(10 * MINUTE_TICKS + 1, 0.5)
    const slower = growing(20, 0.1, held.at(-1)! + 0.1)
    const watch = last([...held, ...slower])
    assert.equal(watch.ripe, false)
    assert.ok(watch.found!.since > after(T0, 600_000))
  })

  it('is getting less at a tenth of its peak, over at a thousandth, and none below evidence 3', () => {
    const watch = last([3, 9])
    assert.deepEqual([isEasing(watch, 6.8), isEasing(watch, 6.6)], [false, true])
    assert.deepEqual([isOver(watch, 2.2), isOver(watch, 2)], [false, true])
    assert.equal(last([3, 9, 1]).found, null)
    assert.equal(isOver(watch, 1), false, 'there is nothing to forget')
  })

  it('counts at once near the limit, and without patience', () => {
    const many = (x: number) => last([1, 2], PATIENCE, { n: 500, x }).ripe
    assert.deepEqual([many(8), many(9)], [false, true], '18 of 1 000 speak for 2 % rather than for 1 %, 16 not enough')
    const slow = nearSlow(0.05)
    assert.deepEqual([slow({ n: 1000, x: 46 }), slow({ n: 1000, x: 47 }), slow({ n: 0, x: 0 })], [false, true, false])
    assert.equal(last([3], { ...PATIENCE, patienceMs: 0 }).ripe, true)
    assert.deepEqual(last([1, 2, 0, 1]).runUp, QUIET, 'since the evidence was last 1 or less')
  })

  it('is forgotten without winning anything by it', () => {
    const rich = { reserve: 0.2, bets: [4000, 1] }
    assert.deepEqual(forgotten(rich), initialWealth(2))
    const poor = { reserve: 0.2, bets: [0.1, 0.1] }
    assert.equal(forgotten(poor), poor)
    assert.ok(evidence(forgotten(rich)) <= evidence(rich))
  })
})
