import { english } from '../core/say.ts'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plain } from './tree.ts'
import { decodeText, parseYaml } from './yaml.ts'

function messages(text: string): readonly string[] {
  const result = parseYaml(text)
  return result.ok ? [] : result.findings.map(({ at, message }) => `${at}: ${english(message)}`)
}

function dataOf(text: string): unknown {
  const result = parseYaml(text)
  assert.ok(result.ok, JSON.stringify(result))
  return plain(result.root)
}

test('maps, lists, quotes, anchors and merge keys become data', () => {
  assert.deepEqual(dataOf('a: &x {b: 1, c: [true, null, "5"]}\nd: *x\ne: {<<: *x, b: 2}'), {
    a: { b: 1, c: [true, null, '5'] },
    d: { b: 1, c: [true, null, '5'] },
    e: { b: 2, c: [true, null, '5'] },
  })
})

test('of several merged maps the first wins, and own keys win over all', () => {
  const text = 'a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\nc: {z: 3, <<: [*a, *b]}\n"<<": 4'
  assert.deepEqual((dataOf(text) as { c: unknown }).c, { x: 1, y: 1, z: 3 })
})

test('JSON is read too', () => {
  assert.deepEqual(dataOf('{\n\t"a": [1, {"b": null}]\n}'), { a: [1, { b: null }] })
})

test('an empty file, a comment only, tabs, tags, a second document and half a file are refused', () => {
  assert.deepEqual(messages(''), ['0: the file is empty'])
  assert.deepEqual(messages('# nothing\n'), ['0: the file is empty'])
  assert.deepEqual(messages('a:\n\tb: 1'), ['3: a tab is used for indentation'])
  assert.match(messages('a: !foo 1').join(), /Unresolved tag: !foo; tags are not read/)
  assert.match(messages('a: 1\n---\nb: 2').join(), /a second YAML document starts here/)
  assert.match(messages('a: "x').join(), /is not YAML: Missing closing "quote/)
  assert.match(messages('%YAML 1.1\n---\na: yes').join(), /YAML 1.1 is not read/)
})

test('duplicate keys, keys that are no text, NUL, half a surrogate pair and inexact numbers are refused', () => {
  assert.deepEqual(messages('a: 1\nb: 2\na: 3'), ['10: the key "a" stands here twice; the first would be lost'])
  assert.match(messages('? [a]\n: 1').join(), /is not YAML|a key must be plain text/)
  assert.match(messages('a: "\\0"').join(), /NUL/)
  assert.match(messages('"\\0": 1').join(), /NUL/)
  assert.match(messages('a: "\\ud800"').join(), /half a pair/)
  assert.match(messages('a: 123456789012345678901').join(), /not an exact, finite number/)
  assert.match(messages('a: .inf').join(), /not an exact, finite number/)
  assert.match(messages('a: .nan').join(), /not an exact, finite number/)
  assert.match(messages('__proto__: {a: 1}').join(), /"__proto__" is refused/)
})

test('aliases without an anchor, anchors of the same name and merges of no map are refused', () => {
  assert.match(messages('a: *x').join(), /no anchor &x stands before|Unresolved alias/)
  assert.match(messages('a: &x 1\nb: &x 2').join(), /the anchor &x is defined twice/)
  assert.match(messages('a: &x 1\nb: {<<: *x}').join(), /"<<" merges maps only/)
})

test('a file that expands to millions of values is refused at once', () => {
  const levels = Array.from({ length: 30 }, (_, level) => {
    const last = level === 0 ? 'x' : `*a${level - 1}`
    return `a${level}: &a${level} [${Array.from({ length: 9 }, () => last).join(', ')}]`
  })
  const began = performance.now()
  assert.match(messages(levels.join('\n')).join(), /holds more than 20000 values/)
  assert.ok(performance.now() - began < 2000)
})

test('what is nested too deeply, or holds itself, is refused before it costs the stack', () => {
  for (const text of ['['.repeat(100_000), '- '.repeat(50_000), `${'{a: '.repeat(500)}1${'}'.repeat(500)}`]) {
    assert.match(messages(text).join(), /is nested deeper than 64 levels/)
  }
  assert.match(messages('a: &x [*x]').join(), /holds itself|no anchor|Unresolved/)
  assert.deepEqual(messages(`${'['.repeat(60)}${']'.repeat(60)}`), [])
})

test('what is not UTF-8 or too large is refused; a byte order mark is not seen', () => {
  assert.deepEqual(decodeText(new Uint8Array([0xef, 0xbb, 0xbf, 0x61])), { ok: true, text: 'a' })
  const latin = decodeText(new Uint8Array([0x61, 0x3a, 0x20, 0xe4]))
  assert.ok(!latin.ok)
  assert.deepEqual(
    latin.findings.map(({ at, message }) => [at, english(message)]),
    [[3, 'is not UTF-8 text']],
  )
  const large = decodeText('#'.repeat(262_145))
  assert.ok(!large.ok)
  assert.match(english(large.findings[0]!.message), /has 262145 bytes; at most 262144 are read/)
})
