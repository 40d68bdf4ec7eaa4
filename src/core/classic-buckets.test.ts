import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { countAbove, histogramCount, histogramProblem, histogramQuantile } from './histogram.ts'
import type { Histogram } from './observed.ts'
import { histogramOf } from './classic-buckets.ts'

test('counts between two edges count as slow as the upper one, beyond the last one as the slowest there is', () => {
  const histogram = mapped([
    [0.1, 5],
    [0.3, 8],
    [Infinity, 9],
  ])
  assert.equal(histogramCount(histogram), 9)
  assert.deepEqual(
    [100, 300, 3_600_000].map((limit) => countAbove(histogram, limit)),
    [4, 1, 1],
  )
  assert.equal(countAbove(histogram, 150), 4)
  const median = histogramQuantile(histogram, 0.5)!
  assert.ok(median <= 100 && median > 98, `${median}`)
})

test('a limit at an edge is judged exactly, whatever the edge and the unit', () => {
  const edges = fc.uniqueArray(fc.double({ min: 0.0002, max: 3000, noNaN: true }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(edges, fc.infiniteStream(fc.nat(50)), (unsorted, stream) => {
      const sorted = unsorted
        .sort((left, right) => left - right)
        .filter((edge, i, all) => i === 0 || edge > all[i - 1]! * 1.03)
      let count = 0
      const cumulative = [...sorted, Infinity].map((edge) => [edge, (count += stream.next().value!)] as const)
      const histogram = mapped(cumulative)
      assert.equal(histogramProblem(histogram), null)
      assert.equal(histogramCount(histogram), count)
      for (const [edge, upTo] of cumulative.slice(0, -1)) {
        assert.equal(countAbove(histogram, edge * 1000), count - upTo, `le=${edge}`)
        const justBelow = countAbove(histogram, (edge * 1000) / 1.021)
        assert.ok(justBelow >= count - upTo, 'never faster than it was')
      }
    }),
  )
})

test('edges below our finest bucket, or none but +Inf, lose no count', () => {
  assert.deepEqual(
    mapped([
      [0.00001, 3],
      [Infinity, 3],
    ]).counts,
    { 0: 3 },
  )
  assert.deepEqual(mapped([[Infinity, 4]]).counts, { 1023: 4 })
  assert.deepEqual(
    mapped([
      [0.1, 0],
      [Infinity, 0],
    ]).counts,
    {},
  )
})

test('buckets that cannot be cumulative are refused', () => {
  const fallen = histogramOf(
    new Map([
      [0.1, 5],
      [0.3, 4],
      [Infinity, 6],
    ]),
    1000,
  )
  assert.ok(!fallen.ok && /counts 4 up to le="0.3" but 5 up to le="0.1": do all instances/.test(fallen.why))
  const open = histogramOf(new Map([[0.1, 5]]), 1000)
  assert.ok(!open.ok && /no bucket le="\+Inf"/.test(open.why))
})

function mapped(edges: readonly (readonly [number, number])[]): Histogram {
  const result = histogramOf(new Map(edges), 1000)
  assert.ok(result.ok, result.ok ? '' : result.why)
  return result.histogram
}
