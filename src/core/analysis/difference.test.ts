import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import type { ObservedSlot, SlotCounts } from '../observed.ts'
import { countsProblem, difference, platformDifference } from './difference.ts'

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

describe('difference of two looks at a platform', () => {
  const first = slot({ probes: 100, failures: 1, logLines: 40 })

  it('is what came on top, with the newest memory', () => {
    const later = slot({ probes: 110, failures: 2, logLines: 44, memoryBytes: 7 })
    const delta = platformDifference(first, later)
    assert.deepEqual(delta, { readiness: { probes: 10, failures: 1 }, logLines: 4, memoryBytes: 7 })
  })

  it('counts from 0 for another release in the slot, even with larger counters', () => {
    const delta = platformDifference(first, slot({ release: 'r2', probes: 200, failures: 3, logLines: 50 }))
    assert.deepEqual([delta.readiness, delta.logLines], [{ probes: 200, failures: 3 }, 50])
  })

  it('[R-E07] knows nothing of a slot that was not seen twice, nor of facts that a platform cannot tell', () => {
    const nothing = { readiness: null, logLines: null, memoryBytes: null }
    assert.deepEqual(platformDifference(null, first), nothing)
    assert.deepEqual(platformDifference({ ...first, present: false }, first), nothing)
    assert.deepEqual(platformDifference(first, { ...first, present: false }), nothing)
    assert.equal(platformDifference(first, { ...first, logLines: null }).logLines, null)
    assert.equal(platformDifference({ ...first, logLines: null }, first).logLines, null)
    assert.equal(platformDifference(first, slot({ probes: Number.NaN })).readiness, null)
  })
})

function counts(requests: number, errors: number, latency: Readonly<Record<string, number>>): SlotCounts {
  return { requests, errors, latency: { base: 2, unitMs: 1, counts: latency }, inFlight: 0, waitingOldestMs: 0 }
}

function slot(facts: {
  probes?: number
  failures?: number
  logLines?: number
  memoryBytes?: number
  release?: string
}): ObservedSlot {
  return {
    present: true,
    digest: 'sha256:0',
    version: 'v1',
    release: facts.release ?? 'r1',
    desired: 1,
    running: 1,
    ready: 1,
    upstreams: [],
    restarts: 0,
    crashLooping: false,
    lastExit: null,
    readiness: { probes: facts.probes ?? 0, failures: facts.failures ?? 0 },
    logLines: facts.logLines ?? 0,
    memoryBytes: facts.memoryBytes ?? null,
  }
}
