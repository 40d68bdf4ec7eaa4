import assert from 'node:assert/strict'
import { test } from 'node:test'
import { restartsOf } from './restarts.ts'

const of = (...values: readonly number[]) => {
  const samples = values.map((value, index) => [index, value] as const)
  return restartsOf({ labels: {}, samples }, 2)
}

test('adds up what every restart after the anchor lost, and counts all restarts', () => {
  assert.deepEqual(of(), { lost: 0, resets: 0 })
  assert.deepEqual(of(1, 2, 3, 3, 9), { lost: 0, resets: 0 })
  assert.deepEqual(of(1, 2, 5, 0, 4, 1), { lost: 9, resets: 2 })
  assert.deepEqual(of(7, 1, 5, 6), { lost: 0, resets: 1 }, 'before the anchor')
  assert.deepEqual(of(1, 2, 5, 4), { lost: 5, resets: 1 }, 'a restart may be followed by many requests')
})

test('a sample that is no number loses nothing', () => {
  assert.deepEqual(of(1, 2, 5, Number.NaN, 6, 0), { lost: 6, resets: 1 })
  assert.deepEqual(of(1, 2, 5, Infinity, 6), { lost: 5, resets: 1 })
})
