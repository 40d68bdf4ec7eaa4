import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  bucketOf,
  denseCounts,
  emptyHistogram,
  merge,
  quantile,
  record,
  shareAbove,
  sparse,
  total,
  upperEdgeMs,
} from './histogram.ts'

const latency = fc.double({ min: 0, max: 3_600_000, noNaN: true })
const latencies = fc.array(latency, { minLength: 1, maxLength: 200 })
const of = (values: readonly number[]) => values.reduce(record, emptyHistogram())

test('a bucket holds its values within 2 %', () => {
  fc.assert(
    fc.property(latency, (ms) => {
      const bucket = bucketOf(ms)
      assert.ok(ms <= upperEdgeMs(bucket) * (1 + 1e-9), `${ms} above its bucket`)
      if (bucket > 0) assert.ok(ms > upperEdgeMs(bucket - 1) * (1 - 1e-9), `${ms} below its bucket`)
    }),
  )
})

test('a quantile is never below the true value and at most 2 % above it', () => {
  fc.assert(
    fc.property(latencies, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, q) => {
      const sorted = values.toSorted((a, b) => a - b)
      const truth = Math.max(0.1, sorted[Math.max(1, Math.ceil(q * values.length)) - 1]!)
      const seen = quantile(of(values), q)!
      assert.ok(seen >= truth * (1 - 1e-9) && seen <= truth * 1.02 * (1 + 1e-9), `${seen} for ${truth}`)
    }),
  )
})

test('merging is adding, in any order', () => {
  fc.assert(
    fc.property(latencies, latencies, (a, b) => {
      assert.deepEqual(merge(of(a), of(b)), merge(of(b), of(a)))
      assert.deepEqual(merge(of(a), of(b)), of([...a, ...b]))
      assert.equal(total(merge(of(a), of(b))), a.length + b.length)
    }),
  )
})

test('the share above a limit is exact for values 2 % away from it', () => {
  const histogram = of([10, 10, 10, 100])
  assert.equal(shareAbove(histogram, 50), 0.25)
  assert.equal(shareAbove(histogram, 5), 1)
  assert.equal(shareAbove(histogram, 200), 0)
  assert.equal(quantile(of([]), 0.95), null)
  assert.equal(shareAbove(of([]), 1), null)
})

test('dense counts travel as the same histogram; other buckets are refused', () => {
  const dense = denseCounts()
  for (const ms of [0, 1, 1, 5_000]) dense[bucketOf(ms)]!++
  assert.deepEqual(sparse(dense), of([0, 1, 1, 5_000]))
  assert.throws(() => merge(of([1]), { base: 1.1, unitMs: 0.1, counts: {} }), /different buckets/)
})
