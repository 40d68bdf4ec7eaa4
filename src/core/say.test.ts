import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asClause, english, filled, say } from './say.ts'

test('a reason loses its full stop, and nothing else', () => {
  for (const [text, expected] of [
    ['connection refused', 'connection refused'],
    ['connection refused.', 'connection refused'],
    ['it said "no.".', 'it said "no."'],
    ['no answer. ', 'no answer'],
    ['still waiting...', 'still waiting...'],
    ['10.0.0.1', '10.0.0.1'],
    ['', ''],
  ] as const)
    assert.equal(asClause(text), expected)
})

test('fills every placeholder by its part, and nothing that only looks like one', () => {
  assert.equal(filled('{1} of {0}, {1}', ['a {0}', '2']), '2 of a {0}, 2')
  for (const other of ['{2} {} {x} { {0', '}{', 'up{job="api"} {9}']) assert.equal(filled(other, ['a', 'b']), other)
  assert.equal(english(say`${'{0}'} got ${0} of ${say`${2} {braces}`}`), '{0} got 0 of 2 {braces}')
})
