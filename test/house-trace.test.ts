/** Goal: a row counts as proven by a real test's title and by nothing else. Method: small sources, exact answers. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { printed, proofsIn, rowsIn, trace } from '../tools/trace/report.ts'
import { titlesIn } from '../tools/trace/titles.ts'
import { main, traceRepository } from '../tools/trace.ts'

const titles = (text: string) => titlesIn(text).map(({ title }) => title)

describe('a title', () => {
  const counted: readonly (readonly [why: string, source: string, title: string])[] = [
    ['of test, single quotes', `test('[R-A01] x', () => {})`, '[R-A01] x'],
    ['of it, double quotes', `it("[R-A01] x", () => {})`, '[R-A01] x'],
    ['of describe', `describe('[R-A01] x', () => {})`, '[R-A01] x'],
    ['of suite', `suite('[R-A01] x', () => {})`, '[R-A01] x'],
    ['of t.test', `await t.test('[R-A01] x', () => {})`, '[R-A01] x'],
    ['of test.only', `test.only('[R-A01] x', () => {})`, '[R-A01] x'],
    ['at the head of a template', 'for (const c of cs) test(`[R-A01] ${c.name}`, () => {})', '[R-A01] '],
    ['on a line of its own', `test(\n  '[R-A01] x',\n  () => {},\n)`, '[R-A01] x'],
    ['after a regular expression with a quote', `const r = /'/.test(s)\ntest('[R-A01] x')`, '[R-A01] x'],
    ['after a division', `const r = a / b / c\ntest('[R-A01] x')`, '[R-A01] x'],
    ['after nested templates', 'const r = `a${f({ b: `${c}` })}d`\ntest("[R-A01] x")', '[R-A01] x'],
    ['after an apostrophe in a comment', `// it's\n/* don't */ test('[R-A01] x')`, '[R-A01] x'],
  ]
  for (const [why, source, title] of counted) test(`counts ${why}`, () => assert.deepEqual(titles(source), [title]))

  const ignored: readonly (readonly [why: string, source: string])[] = [
    ['in a line comment', `// test('[R-A01] x')`],
    ['in a block comment', `/* test('[R-A01] x') */`],
    ['inside a string', `const s = "test('[R-A01] x')"`],
    ['inside a template', "const s = `test('[R-A01] x')`"],
    ['inside a regular expression', `const r = /test('[R-A01] x')/`],
    ['that a variable holds', `test(title, () => {})`],
    ['of an expression’s own test', `pattern.test('[R-A01] x')`],
    ['of another function', `note('[R-A01] x')`],
  ]
  for (const [why, source] of ignored) test(`is none ${why}`, () => assert.deepEqual(titles(source), []))
})

test('a test that is switched off proves nothing; one whose condition is decided later may', () => {
  const off = [`test.skip('[R-A01] x')`, `test.todo('[R-A01] x')`, `test('[R-A01] x', { skip: 'why' }, f)`]
  const text = off.join('\n')
  assert.deepEqual(proofsIn('a.test.ts', text), [])
  assert.equal(proofsIn('a.test.ts', `test('[R-A01] x', { skip: !haproxy }, f)`).length, 1)
})

test('a title may name several rows; file and line are told', () => {
  const found = proofsIn('a.test.ts', `\ntest('[R-A01] [R-A02, R-A03] x')`)
  assert.deepEqual(
    found.map(({ id, file, line }) => [id, file, line]),
    [
      ['R-A01', 'a.test.ts', 2],
      ['R-A02', 'a.test.ts', 2],
      ['R-A03', 'a.test.ts', 2],
    ],
  )
})

test('an ID that is no row is told, misspelt ones included', () => {
  const rows = rowsIn('| R-A01 | one |\n')
  const found = trace(rows, proofsIn('a.test.ts', `test('[R-A99] x')\ntest('[R-A1] y')\ntest('[R-A01] z')`))
  assert.deepEqual(
    found.unknown.map(({ id, line }) => [id, line]),
    [
      ['R-A99', 1],
      ['R-A1', 2],
    ],
  )
  assert.match(printed(found), /1 of 1 rows have a test/)
  assert.match(printed(found), /a\.test\.ts:1: \[R-A99\] is no row of docs\/requirements\.md/)
})

test('rows are read from the table; an ID twice is an error', () => {
  const text = '# x\n| ID | demand |\n|---|---|\n| R-A01 | first, with R-A02 in it |\n| R-B02 | second |\n'
  assert.deepEqual(rowsIn(text), [
    { id: 'R-A01', demand: 'first, with R-A02 in it' },
    { id: 'R-B02', demand: 'second' },
  ])
  assert.throws(() => rowsIn('| R-A01 | a |\n| R-A01 | b |\n'), /R-A01 twice/)
})

test('the command fails on an unknown ID and tells gaps without failing', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'stellwerk-trace-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  const lines: string[] = []
  t.mock.method(console, 'log', (line: string) => lines.push(line))
  for (const folder of ['docs', 'src/core', 'examples/a/node_modules/b'])
    mkdirSync(join(root, folder), { recursive: true })
  writeFileSync(join(root, 'docs/requirements.md'), '| R-A01 | one |\n| R-A02 | two |\n')
  writeFileSync(join(root, 'src/core/a.test.ts'), `test('[R-A01] x')`)
  writeFileSync(join(root, 'examples/a/node_modules/b/b.test.ts'), `test('[R-A77] not ours')`)
  assert.equal(main([], root), 0)
  assert.match(lines.join('\n'), /1 of 2 rows have a test; without: R-A02/)
  writeFileSync(join(root, 'src/core/b.test.ts'), `test('[R-A78] x')`)
  assert.equal(main(['--only-unknown'], root), 1)
  assert.match(lines.at(-1)!, /src\/core\/b\.test\.ts:1: \[R-A78\]/)
})

test('every row of this repository is read', () => {
  const found = traceRepository()
  assert.ok(found.rows.length >= 91, `${found.rows.length} rows`)
  assert.deepEqual(found.unknown, [])
})
