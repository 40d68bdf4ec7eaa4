/** Goal: a row counts as proven by a real test's title and by nothing else. Method: small sources, exact answers. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { type Ran, ranOf, readRecord, writeRecord } from '../tools/trace/record.ts'
import { claimsIn, printed, rowsIn, trace } from '../tools/trace/report.ts'
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
  assert.deepEqual(claimsIn('a.test.ts', text), [])
  assert.equal(claimsIn('a.test.ts', `test('[R-A01] x', { skip: !haproxy }, f)`).length, 1)
})

test('a title may name several rows; file and line are told', () => {
  const found = claimsIn('a.test.ts', `\ntest('[R-A01] [R-A02, R-A03] x')`)
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
  const found = trace(rows, claimsIn('a.test.ts', `test('[R-A99] x')\ntest('[R-A1] y')\ntest('[R-A01] z')`), null)
  assert.deepEqual(
    found.unknown.map(({ id, line }) => [id, line]),
    [
      ['R-A99', 1],
      ['R-A1', 2],
    ],
  )
  assert.match(printed(found), /0 of 1 rows proven/)
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
  assert.match(lines.join('\n'), /0 of 2 rows proven by tests that passed yet: no complete run has ended here/)
  assert.match(lines.join('\n'), /\? a test names it and has not run: R-A01\n· without a test: R-A02/)
  writeFileSync(join(root, 'src/core/b.test.ts'), `test('[R-A78] x')`)
  assert.equal(main(['--only-unknown'], root), 1)
  assert.match(lines.at(-1)!, /src\/core\/b\.test\.ts:1: \[R-A78\]/)
})

describe('a row', () => {
  const rows = rowsIn('| R-A01 | one |\n')
  const claims = claimsIn('a.test.ts', `test('[R-A01] x')`)
  const ran = (...outcomes: readonly Ran['outcome'][]) => ({
    format: 1 as const,
    commit: 'c0ffee0123',
    hadChanges: false,
    at: '2026-11-30T04:00:00.000Z',
    ran: outcomes.map((outcome) => {
      const reason = outcome === 'skip' ? 'no haproxy' : ''
      return { id: 'R-A01', file: 'a.test.ts', line: 1, title: '[R-A01] x', outcome, reason }
    }),
  })
  const standing = (run: Parameters<typeof trace>[2]) => trace(rows, claims, run).rows[0]?.standing

  test('is proven by a test that passed, also beside one that was skipped', () => {
    assert.equal(standing(ran('pass')), 'proven')
    assert.equal(standing(ran('skip', 'pass')), 'proven')
  })

  test('is not proven by a title alone, by a skipped test, or beside a failure', () => {
    assert.equal(standing(null), 'unrun')
    assert.equal(standing(ran()), 'unrun')
    assert.equal(standing(ran('skip')), 'skipped')
    assert.equal(standing(ran('pass', 'fail')), 'failed')
  })

  test('says why a test was skipped, and when the run was', () => {
    const text = printed(trace(rows, claims, ran('skip')))
    assert.match(text, /- a\.test\.ts:1 {2}\[R-A01\] x: skipped, no haproxy/)
    assert.match(text, /0 of 1 rows proven .* \(2026-11-30T04:00:00\.000Z, commit c0ffee0\)/)
    assert.match(text, /- every test of it was skipped: R-A01/)
  })
})

test('a complete run leaves a record: one entry per row and test, a suite’s ID for each test in it', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'stellwerk-trace-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  const base = { file: join(root, 'test/a.test.ts'), line: 3, tookMs: 1 }
  const results = [
    { ...base, outcome: 'pass', path: ['[R-A01] a suite', '[R-A02, R-A01] inner'], text: '' },
    { ...base, outcome: 'skip', path: ['[R-A01] a suite', 'other'], text: 'no haproxy' },
    { ...base, outcome: 'fail', path: ['untagged'], text: 'no' },
  ] as const
  assert.deepEqual(
    ranOf(results, root).map(({ id, file, outcome, reason }) => [id, file, outcome, reason]),
    [
      ['R-A01', 'test/a.test.ts', 'pass', ''],
      ['R-A02', 'test/a.test.ts', 'pass', ''],
      ['R-A01', 'test/a.test.ts', 'skip', 'no haproxy'],
    ],
  )
  assert.equal(readRecord(root), null)
  writeRecord(results, root, new Date(0))
  const record = readRecord(root)
  assert.deepEqual([record?.commit, record?.at, record?.ran.length], [null, '1970-01-01T00:00:00.000Z', 3])
})

test('every row of this repository is read', () => {
  const found = traceRepository()
  assert.ok(found.rows.length >= 109, `${found.rows.length} rows`)
  assert.deepEqual(found.unknown, [])
})
