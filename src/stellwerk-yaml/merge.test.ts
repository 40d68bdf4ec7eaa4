import assert from 'node:assert/strict'
import { test } from 'node:test'
import { merge } from './merge.ts'
import { plain } from './tree.ts'
import { parseYaml } from './yaml.ts'

function merged(base: string, over: string): unknown {
  const [left, right] = [parseYaml(base), parseYaml(over)]
  assert.ok(left.ok && right.ok)
  return plain(merge(left.root, right.root))
}

test('maps are merged at every depth', () => {
  assert.deepEqual(merged('{a: {b: {c: 1, d: 2}}, e: 1}', '{a: {b: {c: 3}}, f: 2}'), {
    a: { b: { c: 3, d: 2 } },
    e: 1,
    f: 2,
  })
})

test('lists and values are replaced whole, also by another type', () => {
  assert.deepEqual(merged('{a: [1, 2, 3], b: 1, c: {d: 1}}', '{a: [4], b: [5], c: 6}'), { a: [4], b: [5], c: 6 })
})

test('a map of another kind replaces, one of the same kind or without is merged', () => {
  assert.deepEqual(merged('{p: {kind: a, x: 1}}', '{p: {kind: b, y: 2}}'), { p: { kind: 'b', y: 2 } })
  assert.deepEqual(merged('{p: {kind: a, x: 1}}', '{p: {kind: a, y: 2}}'), { p: { kind: 'a', x: 1, y: 2 } })
  assert.deepEqual(merged('{p: {kind: a, x: 1}}', '{p: {y: 2}}'), { p: { kind: 'a', x: 1, y: 2 } })
})

test('a variable that happens to be called kind is a variable', () => {
  assert.deepEqual(merged('{variables: {kind: a, x: b}}', '{variables: {kind: c}}'), {
    variables: { kind: 'c', x: 'b' },
  })
})
