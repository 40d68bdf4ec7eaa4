import assert from 'node:assert/strict'
import { test } from 'node:test'
import { editDistance, nearest, respelled } from './suggest.ts'

test('the distance counts insertions, deletions, substitutions and swaps', () => {
  for (const [left, right, distance] of [
    ['hold', 'hold', 0],
    ['hodl', 'hold', 1],
    ['hol', 'hold', 1],
    ['holds', 'hold', 1],
    ['cold', 'hold', 1],
    ['', 'hold', 4],
    ['kitten', 'sitting', 3],
  ] as const) {
    assert.equal(editDistance(left, right), distance)
    assert.equal(editDistance(right, left), distance)
  }
})

test('the nearest word is offered, whatever its case and dashes, and none when all are far', () => {
  const words = ['hold', 'bake', 'rollbackWindow', 'blue-green']
  assert.equal(nearest('hodl', words), 'hold')
  assert.equal(nearest('rollback_window', words), 'rollbackWindow')
  assert.equal(nearest('BAKE', words), 'bake')
  assert.equal(nearest('blue', words), 'blue-green')
  assert.equal(nearest('xyz', words), null)
  assert.equal(nearest('a'.repeat(10_000), words), null)
  assert.equal(nearest('hold', []), null)
})

test('values with words for units are spelt as they must be', () => {
  assert.equal(respelled('5 minutes'), '5m')
  assert.equal(respelled('10 %'), '10%')
  assert.equal(respelled('256mb'), '256MB')
  assert.equal(respelled('5m'), null)
  assert.equal(respelled('five minutes'), null)
})
