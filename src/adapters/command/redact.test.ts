import assert from 'node:assert/strict'
import { test } from 'node:test'
import { longestSpelling, redactor } from './redact.ts'

test('takes exact values out, the longer one first', () => {
  const redact = redactor(['hunter22', 'hunter22-and-more'])
  assert.equal(redact('a hunter22-and-more b hunter22.'), 'a [redacted] b [redacted].')
})

test('knows a secret in JSON, in a URL and line by line', () => {
  const redact = redactor(['pä"ss/wörd', '-----BEGIN KEY-----\nabcdef\n-----END KEY-----'])
  assert.equal(redact(JSON.stringify({ p: 'pä"ss/wörd' })), '{"p":"[redacted]"}')
  assert.equal(redact(`?p=${encodeURIComponent('pä"ss/wörd')}`), '?p=[redacted]')
  assert.equal(redact('key line: abcdef'), 'key line: [redacted]')
})

test('treats characters of a pattern as characters', () => {
  assert.equal(redactor(['a.c+(d)|[e]'])('abcd a.c+(d)|[e] x'), 'abcd [redacted] x')
})

test('leaves very short values and texts without secrets alone', () => {
  assert.equal(redactor(['1', 'on', ''])('1 is on'), '1 is on')
  assert.equal(redactor([])('text'), 'text')
})

test('says how far back a cut text must reach', () => {
  assert.equal(longestSpelling(['abcd', 'a b c']), 'a%20b%20c'.length)
  assert.equal(longestSpelling([]), 0)
})
