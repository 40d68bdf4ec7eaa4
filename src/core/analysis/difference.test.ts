import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import type { SlotCounts } from '../observed.ts'
import { countsProblem, difference } from './difference.ts'

describe('difference of two looks at counters', () => {
  it('is what came on top of the earlier look', () => {
    const delta = difference(counts(100, 2, { 6: 98, 9: 2 }), counts(130, 5, { 6: 125, 9: 5 }), true)
    assert.deepEqual([delta?.requests, delta?.errors, delta?.latency.counts], [30, 3, { 6: 27, 9: 3 }])
  })

  it('counts from 0 after a new epoch, and when any counter fell', () => {
    const earlier = counts(100, 2, { 6: 98, 9: 2 })
    assert.equal(difference(earlier, counts(130, 5, { 6: 130 }), false)?.requests, 130)
    assert.equal(difference(earlier, counts(7, 1, { 6: 7 }), true)?.requests, 7)
    assert.equal(difference(earlier, counts(150, 1, { 6: 148, 9: 2 }), true)?.errors, 1)
    assert.deepEqual(difference(earlier, counts(150, 3, { 6: 150 }), true)?.latency.counts, { 6: 150 })
  })

  it('[R-E07] is nothing at all without an earlier look or with anything that is not a count', () => {
    const good = counts(100, 2, { 6: 100 })
    assert.equal(difference(null, good, true), null)
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1]) {
      assert.equal(difference(good, counts(bad, 2, { 6: 100 }), true), null)
      assert.equal(difference(good, counts(100, bad, { 6: 100 }), false), null)
      assert.equal(difference(good, counts(100, 2, { 6: bad }), true), null)
      assert.equal(difference(counts(bad, 2, { 6: 100 }), good, true), null)
      assert.equal(difference(good, { ...good, waitingOldestMs: bad }, true), null)
    }
  })

  it('is never negative, whatever the counters do', () => {
    const any = fc
      .tuple(fc.nat(50), fc.nat(50), fc.dictionary(fc.constantFrom('1', '2', '3'), fc.nat(50)))
      .map(([requests, errors, latency]) => counts(requests, errors, latency))
    fc.assert(
      fc.property(any, any, fc.boolean(), (previous, current, sameEpoch) => {
        const delta = difference(previous, current, sameEpoch)
        assert.ok(delta !== null)
        assert.equal(countsProblem(delta), null)
        assert.ok(delta.requests <= current.requests && delta.errors <= current.errors)
      }),
    )
  })
})

function counts(requests: number, errors: number, latency: Readonly<Record<string, number>>): SlotCounts {
  return { requests, errors, latency: { base: 2, unitMs: 1, counts: latency }, inFlight: 0, waitingOldestMs: 0 }
}
