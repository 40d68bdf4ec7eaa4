import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asClause } from './say.ts'

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
