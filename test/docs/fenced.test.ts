/**
 * Goal: what the documentation shows works. Method: every page is read; its examples are given to Stellwerk itself, its
 * commands looked up, its links followed.
 */
import assert from 'node:assert/strict'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { describe, test } from 'node:test'
import { run } from '../../tools/process.ts'
import { ROOT } from '../../tools/tool.ts'
import { anchorsIn, type Block, blocksIn, commandsIn, linksIn } from '../../tools/docs/markdown.ts'

const PAGES = globSync(['*.md', 'docs/**/*.md', 'examples/*/*.md'], { cwd: ROOT }).sort()
const page = (name: string) => readFileSync(join(ROOT, name), 'utf8')

const SHELL = ['sh', 'console', 'bash']
const blocks = PAGES.flatMap((name) => blocksIn(page(name)).map((block) => ({ name, ...block })))
const specs = blocks.filter(({ language, text }) => language === 'yaml' && /^service:/m.test(text))
const commands = blocks
  .filter(({ language }) => SHELL.includes(language))
  .flatMap((block) => commandsIn(block).map((command) => ({ name: block.name, ...command })))

/** The command line exists once `src/main.ts` does. */
const NO_CLI = existsSync(join(ROOT, 'src/main.ts')) ? false : 'src/main.ts does not exist yet'

describe('a stellwerk.yaml in the documentation is valid', { skip: NO_CLI }, () => {
  for (const spec of specs)
    test(`${spec.name}:${spec.line}`, async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'stellwerk-docs-'))
      t.after(() => rmSync(folder, { recursive: true, force: true }))
      writeFileSync(join(folder, 'stellwerk.yaml'), spec.text)
      const cli = join(ROOT, 'bin/stellwerk.mjs')
      const checked = await run(process.execPath, [cli, 'validate'], { timeoutMs: 60_000, cwd: folder })
      assert.equal(checked.code, 0, checked.output)
    })
})

/** `stellwerk help` prints one line per verb: `  deploy [options]   …`. */
async function verbs(): Promise<readonly string[]> {
  const help = await run(process.execPath, [join(ROOT, 'bin/stellwerk.mjs'), '--help'], { timeoutMs: 60_000 })
  return [...help.output.matchAll(/^ {1,4}([a-z][a-z-]*)(?:\|[a-z-]+)?(?= |$)/gm)].map(([, verb = '']) => verb)
}

test('every `stellwerk VERB` in the documentation is a verb', { skip: NO_CLI }, async () => {
  const known = await verbs()
  assert.ok(known.length > 0, 'stellwerk --help names no verb')
  const unknown = commands.filter(({ program, verb }) => program === 'stellwerk' && !known.includes(verb))
  assert.deepEqual(
    unknown.map(({ name, line, verb }) => `${name}:${line}: stellwerk ${verb}`),
    [],
    `verbs are: ${known.join(' ')}`,
  )
})

test('every `npm run SCRIPT` in the documentation is a script', () => {
  const scripts = Object.keys(JSON.parse(page('package.json')).scripts)
  const own = ['ci', 'test', 'install', 'pack']
  const known = (program: string, verb: string) => (program === 'npm' ? own : scripts).includes(verb)
  const unknown = commands.filter(({ program, verb }) => program !== 'stellwerk' && !known(program, verb))
  assert.deepEqual(
    unknown.map(({ name, line, program, verb }) => `${name}:${line}: ${program} ${verb}`),
    [],
  )
  assert.ok(commands.some(({ program, verb }) => program === 'npm run' && verb === 'demo'))
})

/** Pages that generators write; until one exists, links to them lead nowhere yet. */
const hasGenerators = globSync('tools/gen-*.ts', { cwd: ROOT }).length > 0

test('every link inside the repository leads somewhere', () => {
  const broken = PAGES.flatMap((name) =>
    linksIn(page(name))
      .filter(({ target }) => !/^[a-z]+:/.test(target))
      .filter(({ target }) => !leads(name, target))
      .map(({ target, line }) => `${name}:${line}: ${target}`),
  )
  assert.deepEqual(broken, [])
})

function leads(from: string, target: string): boolean {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? join(ROOT, from) : join(ROOT, dirname(from), path)
  if (!hasGenerators && relative(ROOT, file).startsWith('docs/reference/')) return true
  if (!existsSync(file)) return false
  return anchor === undefined || !file.endsWith('.md') || anchorsIn(readFileSync(file, 'utf8')).includes(anchor)
}

test('the index names every page of docs, and the README leads to the index', () => {
  const named = linksIn(page('docs/README.md')).map(({ target }) => join('docs', target))
  const pages = PAGES.filter((name) => name.startsWith('docs/') && name !== 'docs/README.md')
  assert.deepEqual(
    pages.filter((name) => !named.includes(name)),
    [],
  )
  for (const name of ['docs/README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'])
    assert.ok(
      ['README.md', 'docs/README.md'].some((from) =>
        linksIn(page(from)).some(({ target }) => join(dirname(from), target) === name),
      ),
      name,
    )
})

test('the README fits one sitting: at most 150 lines', () => {
  assert.ok(page('README.md').trimEnd().split('\n').length <= 150)
})

test('no page names a path of somebody’s machine', () => {
  const found = PAGES.flatMap((name) =>
    page(name)
      .split('\n')
      .flatMap((text, index) =>
        /(^|[\s"'`(=])\/(work|root|home|Users|tmp)\//.test(text) ? [`${name}:${index + 1}`] : [],
      ),
  )
  assert.deepEqual(found, [])
})

describe('what reads the pages', () => {
  const block = (text: string): Block => ({ language: 'sh', text, line: 10 })
  test('finds blocks, indented ones too, with their lines', () => {
    const text = 'a\n\n```yaml\nservice: x\n```\n\n1. b\n\n   ```sh\n   stellwerk status\n   ```\n'
    assert.deepEqual(blocksIn(text), [
      { language: 'yaml', text: 'service: x\n', line: 3 },
      { language: 'sh', text: 'stellwerk status\n', line: 9 },
    ])
  })
  test('finds commands after variables, prompts and &&', () => {
    const found = commandsIn(
      block('$ stellwerk up\nA=b C=d stellwerk status -e dev\nnpm ci && npm run demo\n# stellwerk x'),
    )
    assert.deepEqual(
      found.map(({ program, verb, line }) => [program, verb, line]),
      [
        ['stellwerk', 'up', 11],
        ['stellwerk', 'status', 12],
        ['npm', 'ci', 13],
        ['npm run', 'demo', 13],
      ],
    )
  })
  test('finds links in prose and none in code', () => {
    assert.deepEqual(linksIn('see [a](b.md#c)\n`[x](y)`\n```sh\n[q](r)\n```\n'), [{ target: 'b.md#c', line: 1 }])
  })
  test('makes anchors as GitHub does', () => {
    assert.deepEqual(anchorsIn('### L9 Traffic outlives us\n## 2026-11-21 Names, not matched\n'), [
      'l9-traffic-outlives-us',
      '2026-11-21-names-not-matched',
    ])
  })
})
