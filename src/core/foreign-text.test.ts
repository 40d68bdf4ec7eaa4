import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalJson } from './json.ts'
import { FOREIGN_LINE_MAX, foreignData, foreignLine, foreignText } from './foreign-text.ts'

const CASES: readonly (readonly [string, string, string, string])[] = [
  ['U+0000', 'a\0b', 'a␀b', 'a␀b'],
  ['other C0 controls', '\x01\x07\x08\x1f\x7f', '␁␇␈␟␡', '␁␇␈␟␡'],
  ['colours', '\x1b[1;31mred\x1b[0m', 'red', 'red'],
  ['a window title', '\x1b]0;owned\x07text', 'text', 'text'],
  ['a title that never ends', '\x1b]0;owned', '0;owned', '0;owned'],
  ['a link', '\x1b]8;;http://x\x1b\\here\x1b]8;;\x1b\\', 'here', 'here'],
  ['a device string', '\x1bP1$qm\x1b\\x', 'x', 'x'],
  ['8-bit sequences', '\x9b31mred\x9d0;t\x9c', 'red', 'red'],
  ['clear and full reset', '\x1b[2J\x1bcx\x1b(B', 'x', 'x'],
  ['a lone escape', 'a\x1b', 'a␛', 'a␛'],
  ['C1 controls', 'a\x80\x9fb', 'a��b', 'a��b'],
  ['half a surrogate pair', '\ud83d a \ude00', '� a �', '� a �'],
  ['a whole one', '😀', '😀', '😀'],
  ['noncharacters', '\ufffe\uffff', '��', '��'],
  ['bidi controls', 'a\u202eb\u2066c\u200fd\u061ce', 'a�b�c�d�e', 'a�b�c�d�e'],
  ['joiners of scripts and emoji stay', 'می‌خواهم 👨‍👩‍👧', 'می‌خواهم 👨‍👩‍👧', 'می‌خواهم 👨‍👩‍👧'],
  ['line breaks of every kind', 'a\nb\r\nc\rd\u2028e\u2029f\x85g\vh', 'a b c d e f g h', 'a\nb\nc\nd\ne\nf\ng\nh'],
  ['tabs', 'a\tb', 'a b', 'a\tb'],
  ['a byte order mark', '\ufeffa', 'a', 'a'],
  ['plain text', 'GET /readiness: 503 – ä 日本', 'GET /readiness: 503 – ä 日本', 'GET /readiness: 503 – ä 日本'],
  ['nothing', '', '', ''],
]

for (const [what, given, line, text] of CASES) {
  test(`foreign text: ${what}`, () => {
    assert.equal(foreignLine(given), line)
    assert.equal(foreignText(given), text)
    assert.equal(foreignLine(line), line, 'a second time changes nothing')
    assert.equal(foreignText(text), text, 'a second time changes nothing')
  })
}

test('foreign text: every code unit, alone and beside every other kind, is storable and gives no order', () => {
  const kinds = ['', 'a', '\x1b', '\x1b[', '\x9b', '\ud800', '\udfff', '\0', '\n']
  for (let code = 0; code <= 0xffff; code += 1) {
    for (const before of kinds) {
      const line = foreignLine(before + String.fromCharCode(code))
      // oxlint-disable-next-line no-control-regex -- that none is left is the point
      assert.doesNotMatch(line, /[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/, `${code}`)
      assert.ok(line.isWellFormed(), `${code}`)
    }
  }
})

test('foreign text: long lines and texts are cut, never within a character', () => {
  assert.equal(foreignLine('abcdef', 4), 'abc…')
  assert.equal(foreignLine('ab😀cd', 4), 'ab…')
  assert.equal(foreignLine('x'.repeat(1_000_000)).length, FOREIGN_LINE_MAX)
  const [first = '', second] = foreignText(`${'x'.repeat(20_000)}\nnext`).split('\n')
  assert.deepEqual([first.length, first.at(-1), second], [FOREIGN_LINE_MAX, '…', 'next'])
  assert.equal(foreignText('a\n'.repeat(100_000)).length, 65_536)
})

test('foreign text: data of any shape, its keys included, can be stored', () => {
  const seen = { 'k\0': ['a\0', { message: 'a\r\nb\ud800', n: 1, none: null, yes: true }] }
  const clean = foreignData(seen, new Set(['message']), (text) => text)
  assert.deepEqual(clean, { 'k␀': ['a␀', { message: 'a\nb�', n: 1, none: null, yes: true }] })
  assert.doesNotMatch(canonicalJson(clean), /\\u0000|\\ud8/)
})
