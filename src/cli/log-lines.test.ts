import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ComponentLogLine } from '../engine/control-plane.ts'
import { failingInstance, lineText } from './log-lines.ts'
import { withoutShown } from './logs.ts'

function line(text: string, more: Partial<ComponentLogLine> = {}): ComponentLogLine {
  const of = { component: 'api', release: 'r-1', version: 'v2', slot: 'green', instance: 'instance-0' } as const
  return { at: 0, ...of, stream: 'out', text, ...more }
}

test('a line says whose it is: component, version, slot, instance, stream', () => {
  assert.equal(lineText(line('ready', { stream: 'err' }), 1000), '00:00:00Z  api v2 green/instance-0 err  ready')
})

test('the failing instance is the one that ended last by itself, else the one that spoke last', () => {
  const other = { instance: 'instance-1' }
  const lines = [
    line('no database'),
    line('fine', other),
    line('[stellwerk] it ended with exit code 3', { stream: 'err' }),
    line('still fine', other),
  ]
  assert.deepEqual(failingInstance(lines, 10), [lines[0], lines[2]])
  assert.deepEqual(failingInstance(lines, 1), [lines[2]])
  assert.deepEqual(failingInstance(lines.slice(0, 2), 10), [lines[1]])
  assert.deepEqual(
    failingInstance([line('it ended with exit code 3 said a user'), line('b', other)], 10).at(-1)!.text,
    'b',
  )
  assert.deepEqual(failingInstance([], 10), [])
})

test('following shows each line once, equal ones as often as they came', () => {
  const [a, b] = [line('a'), line('b', { at: 1 })]
  assert.deepEqual(withoutShown([a, a, b], [a]), [a, b])
  assert.deepEqual(withoutShown([a, b], [a, b]), [])
  assert.deepEqual(withoutShown([b], []), [b])
})
