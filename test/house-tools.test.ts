/** Goal: generated files cannot drift and benchmark tables can be read. Method: the tools' own functions on small input. */
import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { table } from '../bench/run.ts'
import { DEAD_CODE } from '../tools/check.ts'
import { drift, generated } from '../tools/gen.ts'
import { run } from '../tools/process.ts'
import { ROOT } from '../tools/tool.ts'

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'stellwerk-tools-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function generator(folder: string, name: string, files: readonly { path: string; text: string }[]): void {
  writeFileSync(join(folder, `gen-${name}.ts`), `export const generate = () => (${JSON.stringify(files)})`)
}

test('every gen-*.ts of the folder is run; JSON is formatted, reference pages are left as they are', async (t) => {
  const folder = temporary(t)
  generator(folder, 'a', [{ path: 'schema/a.json', text: '{"a":1}' }])
  generator(folder, 'b', [{ path: 'docs/reference/b.json', text: '{"b":1}' }])
  assert.deepEqual(await generated(folder), [
    { path: 'schema/a.json', text: '{ "a": 1 }\n' },
    { path: 'docs/reference/b.json', text: '{"b":1}' },
  ])
})

test('two generators for one path, or one that generates nothing, are errors that name the file', async (t) => {
  const folder = temporary(t)
  generator(folder, 'a', [{ path: 'docs/reference/x.md', text: '1' }])
  generator(folder, 'b', [{ path: 'docs/reference/x.md', text: '2' }])
  await assert.rejects(generated(folder), /gen-b\.ts writes docs\/reference\/x\.md a second time/)
  const other = temporary(t)
  writeFileSync(join(other, 'gen-c.ts'), 'export const nothing = 1')
  await assert.rejects(generated(other), /gen-c\.ts exports no function generate/)
})

test('a file that is missing or another than its source says has drifted', (t) => {
  const root = temporary(t)
  mkdirSync(join(root, 'docs'))
  writeFileSync(join(root, 'docs/same.md'), 'same')
  writeFileSync(join(root, 'docs/edited.md'), 'edited by hand')
  const files = ['same', 'edited', 'missing'].map((name) => ({ path: `docs/${name}.md`, text: name }))
  assert.deepEqual(drift(files, root), ['docs/edited.md', 'docs/missing.md'])
})

test('a program that hangs is ended, one that does not exist is told', async () => {
  const hung = await run(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { timeoutMs: 300 })
  assert.equal(hung.code, 124)
  assert.match(hung.output, /gave up after 0\.3 s/)
  assert.equal((await run('no-such-program-here', [], { timeoutMs: 5_000 })).code, 127)
})

test('a benchmark table aligns names left and numbers right', () => {
  assert.equal(
    table([
      { router: 'embedded', 'requests/s': 18_500 },
      { router: 'haproxy', 'requests/s': 31_000.25, note: 'direct' },
    ]),
    [
      'router    requests/s  note',
      '--------  ----------  ------',
      'embedded      18,500',
      'haproxy     31,000.3  direct',
    ].join('\n'),
  )
})

test('an export that nothing but a test needs is dead code, unless it says why it is kept', async (t) => {
  const folder = temporary(t)
  for (const part of ['bin', 'src']) mkdirSync(join(folder, part))
  copyFileSync(join(ROOT, 'knip.jsonc'), join(folder, 'knip.jsonc'))
  const files = {
    'package.json': '{ "name": "house", "type": "module" }',
    'bin/house.mjs': "import '../src/main.ts'",
    'src/main.ts': "import { used } from './parts.ts'\nused()",
    'src/parts.ts': `export function used(): void {}
      export function tested(): void {}
      /** @kept For who reads it one day. */
      export function kept(): void {}`,
    'src/parts.test.ts': "import { kept, tested } from './parts.ts'\ntested()\nkept()",
    'src/nobody.ts': 'export function orphan(): void {}',
  }
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text)
  const { code, output } = await run(join(ROOT, 'node_modules/.bin/knip'), DEAD_CODE, {
    cwd: folder,
    timeoutMs: 60_000,
  })
  assert.equal(code, 1)
  assert.match(output, /src\/nobody\.ts/)
  assert.match(output, /tested +function +src\/parts\.ts/)
  assert.doesNotMatch(output, /used +function|kept +function/)
})
