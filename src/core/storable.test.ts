import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { firstLine, storable, TEXT_MAX } from './storable.ts'

describe('what comes from outside is made fit to be kept', () => {
  const mended: readonly (readonly [string, unknown, unknown])[] = [
    ['NUL in a log line', { tail: ['a\0b'] }, { tail: ['a␀b'] }],
    ['half a surrogate pair', { text: 'x\ud800' }, { text: 'x\ufffd' }],
    ['the other half', '\udc00y', '\ufffdy'],
    ['NUL in a name', { 'a\0': 1 }, { 'a␀': 1 }],
    [
      'deep inside',
      { slots: { api: [{ lastExit: { tail: ['\0'] } }] } },
      { slots: { api: [{ lastExit: { tail: ['␀'] } }] } },
    ],
  ]
  for (const [name, given, wanted] of mended)
    it(`mends ${name}`, () => assert.deepEqual(storable(given), { ok: true, value: wanted }))

  it('cuts a text of megabytes once, and says how long it was', () => {
    const once = storable('x'.repeat(3 * TEXT_MAX))
    assert.ok(once.ok)
    assert.match(once.value, /^x+… \(393216 characters\)$/)
    assert.equal(once.value.length, TEXT_MAX)
    assert.deepEqual(storable(once.value), once)
  })

  it('parts no pair when it cuts', () => {
    for (const before of [0, 1]) {
      const kept = storable(`${'x'.repeat(before)}${'😀'.repeat(TEXT_MAX)}`)
      assert.ok(kept.ok && kept.value.isWellFormed())
    }
  })

  const refused: readonly (readonly [unknown, RegExp])[] = [
    [{ slots: { api: { restarts: Number.NaN } } }, /^slots\.api\.restarts is NaN$/],
    [{ routes: [{ weights: { blue: Infinity } }] }, /^routes\.0\.weights\.blue is Infinity$/],
    [-Infinity, /^it is -Infinity$/],
    [{ at: 1n }, /^at is a bigint$/],
    [{ do: () => 1 }, /^do is a function$/],
    [Array.from({ length: 300_000 }, () => 1), /more than 200000 values/],
    [nested(100), /nested too deeply$/],
  ]
  for (const [given, why] of refused)
    it(`refuses what nobody can store: ${why}`, () => {
      const kept = storable(given)
      assert.ok(!kept.ok)
      assert.match(kept.why, why)
    })

  it('leaves what can be stored as it is, the very same object', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const kept = storable(value)
        if (!kept.ok) return
        assert.deepEqual(JSON.parse(JSON.stringify(kept.value)), JSON.parse(JSON.stringify(kept.value)))
        assert.doesNotMatch(JSON.stringify(kept.value) ?? '', /\\u0000|\\ud[89a-f]/)
      }),
    )
    const world = { slots: { api: { green: { ready: 1, tail: ['größer 😀'] } } }, none: undefined }
    const kept = storable(world)
    assert.ok(kept.ok && kept.value === world)
  })
})

function nested(depth: number): unknown {
  return depth === 0 ? 1 : { in: nested(depth - 1) }
}

describe('the first line of a foreign text', () => {
  const lines: readonly (readonly [string, string])[] = [
    ['Not Found\n', 'Not Found'],
    ['\n\n  no database\r\nmore', 'no database'],
    ['\u001b[31mred\u001b[0m', 'red'],
    ['a\0b', 'a␀b'],
    ['left\u202eright', 'left\ufffdright'],
    ['', ''],
    ['\u0007\n', '␇'],
    ['x'.repeat(200), `${'x'.repeat(159)}…`],
  ]
  for (const [text, line] of lines) it(JSON.stringify(text).slice(0, 30), () => assert.equal(firstLine(text), line))
})
