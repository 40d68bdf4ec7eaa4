import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import {
  bucketEdgeMs,
  bucketOf,
  countAbove,
  emptyHistogram,
  histogramCount,
  histogramProblem,
  histogramQuantile,
  mergeHistograms,
  shareAbove,
  subtractHistogram,
} from './histogram.ts'
import type { Histogram } from './observed.ts'

const SCALE = { base: 1.02, unitMs: 0.1 }

describe('histogram', () => {
  it('[R-E01] puts a duration into the one bucket whose borders hold it, slow edge included', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.11, max: 1e6, noNaN: true }), (ms) => {
        const bucket = bucketOf(SCALE, ms)
        assert.ok(ms <= bucketEdgeMs(SCALE, bucket) * (1 + 1e-8))
        assert.ok(ms > bucketEdgeMs(SCALE, bucket - 1) * (1 - 1e-8))
        assert.equal(bucketOf(SCALE, bucketEdgeMs(SCALE, bucket)), bucket)
      }),
    )
    assert.deepEqual([bucketOf(SCALE, 0), bucketOf(SCALE, 0.1)], [0, 0])
  })

  it('[R-E01] answers quantiles at most one bucket slow and never fast', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.2, max: 1e5, noNaN: true }), { minLength: 1 }), quantiles(), (all, q) => {
        const sorted = all.toSorted((a, b) => a - b)
        const exact = sorted[Math.max(0, Math.ceil(q * all.length * (1 - 1e-12)) - 1)]!
        const answer = histogramQuantile(histogramOf(all), q)!
        assert.ok(answer >= exact * (1 - 1e-8) && answer <= exact * 1.02 * (1 + 1e-8), `${answer} for ${exact}`)
      }),
    )
  })

  it('[R-E01] says "p95 is above the limit" exactly when more than 5 % are slower than the limit', () => {
    const limits = fc.oneof(fc.double({ min: 0.2, max: 1000, noNaN: true }), fc.integer({ min: 1, max: 460 }))
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.2, max: 1000, noNaN: true }), { minLength: 1 }), limits, (all, limit) => {
        const histogram = histogramOf(all)
        const limitMs = Number.isInteger(limit) ? bucketEdgeMs(SCALE, limit) : limit
        for (const [q, tail] of [
          [0.5, 0.5],
          [0.95, 0.05],
          [0.99, 0.01],
        ] as const) {
          const byQuantile = histogramQuantile(histogram, q)! > limitMs * (1 + 1e-9)
          assert.equal(shareAbove(histogram, limitMs)! > tail, byQuantile)
        }
      }),
    )
  })

  it('merges and subtracts without losing or inventing a request', () => {
    fc.assert(
      fc.property(durations(), durations(), (left, right) => {
        const merged = mergeHistograms(histogramOf(left), histogramOf(right))
        assert.deepEqual(merged, histogramOf([...left, ...right]))
        assert.deepEqual(subtractHistogram(merged, histogramOf(right)), histogramOf(left))
        assert.equal(histogramCount(merged), left.length + right.length)
      }),
    )
  })

  it('never goes below zero when a bucket fell', () => {
    const fell = subtractHistogram({ ...SCALE, counts: { 3: 1, 4: 5 } }, { ...SCALE, counts: { 3: 2, 9: 4 } })
    assert.deepEqual(fell.counts, { 4: 5 })
  })

  it('counts the bucket that a limit cuts as slower', () => {
    const histogram: Histogram = { base: 2, unitMs: 1, counts: { 3: 10, 4: 7 } }
    assert.equal(countAbove(histogram, 16), 0)
    assert.equal(countAbove(histogram, 15.9), 7)
    assert.equal(countAbove(histogram, 8), 7)
    assert.equal(countAbove(histogram, 7.9), 17)
  })

  it('knows nothing of no requests', () => {
    const empty = emptyHistogram(SCALE)
    assert.equal(histogramQuantile(empty, 0.95), null)
    assert.equal(shareAbove(empty, 300), null)
    assert.equal(histogramCount(empty), 0)
  })

  it('refuses to combine different buckets', () => {
    const other: Histogram = { base: 1.05, unitMs: 1, counts: { 1: 1 } }
    assert.throws(
      () => mergeHistograms(emptyHistogram(SCALE), other),
      /base 1.02, unit 0.1 ms and base 1.05, unit 1 ms/,
    )
    assert.throws(() => subtractHistogram(other, emptyHistogram(SCALE)), /cannot be combined/)
  })

  it('names what makes counts unusable', () => {
    const named = (histogram: Histogram) => histogramProblem(histogram) ?? 'none'
    assert.equal(named({ ...SCALE, counts: { 12: 3, '-4': 1 } }), 'none')
    assert.match(named({ ...SCALE, counts: { 12: Number.NaN } }), /bucket 12 counts NaN/)
    assert.match(named({ ...SCALE, counts: { 12: -1 } }), /bucket 12 counts -1/)
    assert.match(named({ ...SCALE, counts: { 99999: 1 } }), /no bucket "99999"/)
    assert.match(named({ ...SCALE, counts: { le: 1 } }), /no bucket "le"/)
    assert.match(named({ ...SCALE, counts: { 7: 1, '07': 1 } }), /no bucket "07"/)
    assert.match(named({ ...SCALE, counts: { 1.5: 1 } }), /no bucket "1.5"/)
    assert.match(named({ base: 1, unitMs: 1, counts: {} }), /base is 1/)
    assert.match(named({ base: 1.02, unitMs: Number.POSITIVE_INFINITY, counts: {} }), /unitMs is Infinity/)
  })
})

function histogramOf(durationsMs: readonly number[]): Histogram {
  const counts: Record<string, number> = {}
  for (const ms of durationsMs) counts[bucketOf(SCALE, ms)] = (counts[bucketOf(SCALE, ms)] ?? 0) + 1
  return { ...SCALE, counts }
}

function durations() {
  return fc.array(fc.double({ min: 0.2, max: 1e5, noNaN: true }), { maxLength: 30 })
}

function quantiles() {
  return fc.constantFrom(0.01, 0.5, 0.95, 0.99, 1)
}
