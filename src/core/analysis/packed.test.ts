import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { histogramQuantile, mergeHistograms } from '../histogram.ts'
import type { Histogram } from '../observed.ts'
import { pack, packedQuantiles, settled, sumPacked, withPart } from './packed.ts'

const SCALE = { base: 1.02, unitMs: 0.1 }
const UNBOUND = Number.POSITIVE_INFINITY

describe('packed histograms', () => {
  it('are short, readable texts', () => {
    assert.equal(pack(histogram({ 244: 5, 246: 56 }), UNBOUND), '0:244:5..1k')
    assert.equal(pack(histogram({}), UNBOUND), '')
    assert.equal(pack(histogram({ 7: 0 }), UNBOUND), '')
  })

  it('[R-E01] answer the same quantiles as the histograms they hold, also when added', () => {
    fc.assert(
      fc.property(counts(), counts(), fc.constantFrom(0.5, 0.95, 0.99), (left, right, q) => {
        const sum = sumPacked([pack(histogram(left), UNBOUND), pack(histogram(right), UNBOUND)], UNBOUND)
        const [quantile] = packedQuantiles([sum], SCALE, q)
        assert.equal(quantile, histogramQuantile(mergeHistograms(histogram(left), histogram(right)), q))
      }),
    )
  })

  it('keep to their length by wider cells: nothing lost, and no quantile faster than it was', () => {
    fc.assert(
      fc.property(counts(), fc.integer({ min: 24, max: 80 }), fc.constantFrom(0.5, 0.95), (some, limit, q) => {
        const text = pack(histogram(some), limit)
        assert.ok(text.length <= limit, `${text.length} characters`)
        const exact = histogramQuantile(histogram(some), q)
        const [coarse = null] = packedQuantiles([text], SCALE, q)
        if (exact === null) return assert.equal(coarse, null)
        const width = SCALE.base ** (2 ** Number(text.split(':')[0]))
        assert.ok(coarse !== null && coarse >= exact * (1 - 1e-9) && coarse <= exact * width * (1 + 1e-9))
      }),
    )
  })

  it('add up to the same text later as at once, part by part', () => {
    fc.assert(
      fc.property(fc.array(counts(), { maxLength: 12 }), fc.integer({ min: 24, max: 400 }), (all, limit) => {
        const parts = all.map((some) => pack(histogram(some), UNBOUND))
        const atOnce = parts.reduce((sum, part) => sumPacked([sum, part], limit), '')
        const later = parts.reduce((sum, part) => withPart(sum, part, limit), '')
        assert.equal(settled(later, limit), atOnce)
      }),
    )
  })

  it('compare at their common resolution, so that a coarser one does not look slower', () => {
    const fine = pack(histogram({ 201: 4 }), UNBOUND)
    const coarse = sumPacked([pack(histogram({ 190: 1, 201: 400, 255: 1 }), UNBOUND)], 20)
    assert.notEqual(coarse[0], '0')
    const [left, right] = packedQuantiles([fine, coarse], SCALE, 0.5)
    assert.equal(left, right)
  })
})

function histogram(counts: Readonly<Record<string, number>>): Histogram {
  return { ...SCALE, counts }
}

function counts() {
  return fc.dictionary(fc.integer({ min: -20, max: 500 }).map(String), fc.integer({ min: 1, max: 5000 }), {
    maxKeys: 60,
  })
}
