import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LineCutter } from './lines.ts'

const SECRET = 'correct-horse-battery-staple'

function cut(bytes: Buffer, size: number, secrets: readonly string[] = [SECRET]): readonly string[] {
  const cutter = new LineCutter(secrets)
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += size) lines.push(...cutter.write(bytes.subarray(at, at + size)))
  return [...lines, ...cutter.end()]
}

const CASES: readonly (readonly [string, string | Buffer, readonly string[]])[] = [
  ['lines', 'a\nb\n', ['a', 'b']],
  ['a last line without its end', 'a\nb', ['a', 'b']],
  ['empty lines', '\n\na\n', ['', '', 'a']],
  ['ends of lines as on Windows', 'a\r\nb\r\n', ['a', 'b']],
  ['progress on one line', '10 %\r20 %\rdone\n', ['10 % 20 % done']],
  ['a NUL', 'a\0b\n', ['a␀b']],
  ['bytes that are no UTF-8', Buffer.from([0x61, 0xff, 0xc3, 0x0a]), ['a��']],
  ['a character over chunks', 'ä€😀\n', ['ä€😀']],
  ['a secret', `is ${SECRET}.\n`, ['is [redacted].']],
  ['a secret in the middle of a colour', `is correct-\x1b[31mhorse-battery\x1b[0m-staple\n`, ['is [redacted]']],
  ['a secret on a last line', SECRET, ['[redacted]']],
]

for (const [what, given, lines] of CASES) {
  test(`lines: ${what}, whatever the chunks`, () => {
    for (const size of [1, 2, 3, 5, 1000]) assert.deepEqual(cut(Buffer.from(given as string), size), lines, `${size}`)
  })
}

test('lines: a line longer than any comes in pieces, none of which begins or ends within a secret', () => {
  const long = `${'x'.repeat(16_370)}${SECRET}`.repeat(5)
  for (const size of [1000, 65_536]) {
    const pieces = cut(Buffer.from(`${long}\nnext\n`), size)
    assert.equal(pieces.at(-1), 'next')
    assert.ok(pieces.every((piece) => piece.length <= 16_384))
    assert.equal(pieces.slice(0, -1).join(''), `${'x'.repeat(16_370)}[redacted]`.repeat(5))
  }
})

test('lines: a secret of several lines is known by each of them', () => {
  const key = '-----BEGIN KEY-----\nabcdefghijkl\nmnopqrstuvwx\n-----END KEY-----'
  const lines = cut(Buffer.from(`key:\n${key}\ndone\n`), 7, [key])
  assert.deepEqual(lines, ['key:', '[redacted]', '[redacted]', '[redacted]', '[redacted]', 'done'])
})

test('lines: a hole in the file is no output', () => {
  assert.deepEqual(cut(Buffer.concat([Buffer.alloc(200_000), Buffer.from('after it\n')]), 65_536), ['after it'])
})

test('lines: what is learnt in the middle of a line holds for all of it', () => {
  const cutter = new LineCutter([])
  assert.deepEqual(cutter.write(Buffer.from('is correct-horse-')), [])
  cutter.learn([SECRET])
  assert.deepEqual(cutter.write(Buffer.from('battery-staple\n')), ['is [redacted]'])
})
