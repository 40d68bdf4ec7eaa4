/**
 * Goal: every law that lint keeps is kept. Method: files that break one law each, and files that break none, lie in a
 * copy of the tree's layout; the repository's own configuration lints them in one run; each must be named by its rule.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'

const ROOT = join(import.meta.dirname, '..')

type Broken = { readonly rule: string; readonly file: string; readonly text: string; readonly says: RegExp }

const ROOMS = 'stellwerk(rooms)'
const GLOBALS = 'eslint(no-restricted-globals)'

function importing(from: string, specifier: string, says: RegExp): Broken {
  const file = `src/${from}`
  return { rule: ROOMS, file, text: `import type { X } from '${specifier}'\nexport type Y = X\n`, says }
}

function using(name: string, expression: string): Broken {
  const text = `export const used = () => ${expression}\n`
  return { rule: GLOBALS, file: `src/core/uses-${name}.ts`, text, says: new RegExp(`'${name}'`) }
}

/** A bare timer, which fires at once beyond 2^31-1 ms. */
function timed(room: string, expression: string, rule: string): Broken {
  const file = `src/${room}/timed-${expression.replaceAll(/\W+/g, '-')}.ts`
  return { rule, file, text: `export const timed = () => ${expression}\n`, says: /clock\.ts|restricted/ }
}

const BROKEN: readonly Broken[] = [
  ...['http', 'cli', 'engine', 'store', 'adapters/gate', 'composition', 'router/worker'].flatMap((room) => [
    timed(room, 'setTimeout(() => undefined, 1)', GLOBALS),
    timed(room, 'setInterval(() => undefined, 1)', GLOBALS),
    timed(room, 'AbortSignal.timeout(1)', 'eslint(no-restricted-properties)'),
    timed(room, 'globalThis.setTimeout(() => undefined, 1)', 'eslint(no-restricted-properties)'),
  ]),
  {
    rule: 'eslint(no-restricted-imports)',
    file: 'src/store/late.ts',
    text: "import { setTimeout as late } from 'node:timers/promises'\nexport const wait = () => late(1)\n",
    says: /restricted|clock\.ts/,
  },
  importing('core/node.ts', 'node:fs', /src\/core may not import node:fs/),
  importing('core/npm.ts', 'zod', /src\/core may not import the package zod/),
  importing('core/ports.ts', '../ports/clock.ts', /src\/core may not import src\/ports\/clock\.ts/),
  importing('core/rollout/steps/deep.ts', '../../../engine/drive.ts', /src\/core may not import src\/engine\/drive/),
  importing('core/outside.ts', '../../package.json', /src\/core may not import \.\.\/package\.json/),
  importing('core/root.ts', '../main.ts', /src\/core may not import src\/main\.ts/),
  importing('core/sleepy.test.ts', 'node:timers/promises', /src\/core may not import node:timers\/promises/),
  importing('ports/engine.ts', '../engine/control-plane.ts', /src\/ports may not import src\/engine/),
  importing('ports/npm.ts', 'pg', /src\/ports may not import the package pg/),
  importing('engine/adapter.ts', '../adapters/registry.ts', /src\/engine may not import src\/adapters\/registry\.ts/),
  importing('engine/store.ts', '../store/log.ts', /src\/engine may not import src\/store/),
  importing('engine/network.ts', 'node:net', /src\/engine may not import node:net/),
  importing('engine/npm.ts', 'pg-boss', /src\/engine may not import the package pg-boss/),
  importing('adapters/router/haproxy.ts', '../platform/process.ts', /may not import src\/adapters\/platform\/process/),
  importing('adapters/gate/engine.ts', '../../engine/drive.ts', /may not import src\/engine/),
  importing('adapters/gate/http.ts', '../../http/server.ts', /may not import src\/http/),
  importing('adapters/gate/cli.ts', '../../cli/plan.ts', /may not import src\/cli/),
  importing('adapters/gate/store.ts', '../../store/log.ts', /may not import src\/store/),
  importing('adapters/gate/registry.ts', '../registry.ts', /may not import src\/adapters\/registry/),
  importing('adapters/gate/spec.ts', '../../stellwerk-yaml/read.ts', /may not import src\/stellwerk-yaml\/read/),
  importing('store/engine.ts', '../engine/drive.ts', /src\/store may not import src\/engine/),
  importing('store/adapter.ts', '../adapters/platform/process.ts', /src\/store may not import src\/adapters/),
  importing('http/adapter.ts', '../adapters/platform/process.ts', /src\/http may not import src\/adapters/),
  importing('http/cli.ts', '../cli/plan.ts', /src\/http may not import src\/cli/),
  importing('cli/adapter.ts', '../adapters/platform/process.ts', /src\/cli may not import src\/adapters/),
  importing('cli/store.ts', '../store/log.ts', /src\/cli may not import src\/store/),
  importing(
    'stellwerk-yaml/adapter.ts',
    '../adapters/platform/process.ts',
    /src\/stellwerk-yaml may not import src\/adapters\/platform/,
  ),
  importing('router/core.ts', '../core/time.ts', /src\/router may not import src\/core/),
  importing('core/rollout/foretelling.ts', '../forecast/forecast.ts', /nothing is decided by what is foretold/),
  importing('testing/engine.ts', '../engine/drive.ts', /src\/testing may not import src\/engine/),
  importing('store/dev-only.ts', 'fast-check', /fast-check, which is not in "dependencies"/),
  importing('novelty/room.ts', '../core/time.ts', /src\/novelty is a room that tools\/lint\/rooms\.ts does not know/),
  {
    rule: ROOMS,
    file: 'src/core/exported.ts',
    text: "export { x } from '../engine/x.ts'\nexport * from '../store/y.ts'\n",
    says: /src\/core may not import src\/engine\/x\.ts/,
  },
  {
    rule: ROOMS,
    file: 'src/core/dynamic.ts',
    text: "export const late = () => import('../store/log.ts')\n",
    says: /src\/core may not import src\/store\/log\.ts/,
  },
  {
    rule: ROOMS,
    file: 'src/core/computed.ts',
    text: 'export const late = (name: string) => import(name)\n',
    says: /what only runs can tell/,
  },
  using('Date', 'Date.now()'),
  using('performance', 'performance.now()'),
  using('setTimeout', 'setTimeout(() => 1, 1)'),
  using('setInterval', 'setInterval(() => 1, 1)'),
  using('setImmediate', 'setImmediate(() => 1)'),
  using('process', 'process.env'),
  using('fetch', "fetch('http://127.0.0.1')"),
  using('console', "console.log('x')"),
  using('crypto', 'crypto.randomUUID()'),
  using('globalThis', 'globalThis.Date.now()'),
  using('Function', "new Function('return 1')"),
  {
    rule: GLOBALS,
    file: 'src/core/clock.test.ts',
    text: "import test from 'node:test'\ntest('x', () => void Date.now())\n",
    says: /'Date'/,
  },
  {
    rule: 'eslint(no-restricted-imports)',
    file: 'src/core/waiting.test.ts',
    text: "import { until } from '../testing/until.ts'\nexport const wait = until\n",
    says: /until\.ts/,
  },
  {
    rule: 'eslint(no-restricted-properties)',
    file: 'src/core/random.ts',
    text: 'export const dice = () => Math.random()\n',
    says: /Math\.random/,
  },
  { rule: 'stellwerk(no-class)', file: 'src/core/class.ts', text: 'export class A {}\n', says: /no classes/ },
  { rule: 'stellwerk(no-class)', file: 'src/engine/class.ts', text: 'export const A = class {}\n', says: /no classes/ },
  { rule: 'stellwerk(no-module-state)', file: 'src/core/state.ts', text: 'export let n = 0\nn++\n', says: /no state/ },
  {
    rule: 'stellwerk(no-module-state)',
    file: 'src/core/where.ts',
    text: 'export const here = () => import.meta.url\n',
    says: /where it runs/,
  },
  {
    rule: 'eslint(max-lines)',
    file: 'src/core/long.ts',
    text: Array.from({ length: 301 }, (_, line) => `export const line${line} = ${line}\n`).join(''),
    says: /301/,
  },
  {
    rule: 'eslint(max-lines-per-function)',
    file: 'src/core/long-function.ts',
    text: `export function long(n: number[]) {\n${'  n.push(1)\n'.repeat(30)}}\n`,
    says: /too many lines/,
  },
  {
    rule: 'import(no-default-export)',
    file: 'src/http/default.ts',
    text: 'export default 1\n',
    says: /named exports/,
  },
]

const CLEAN: Readonly<Record<string, string>> = {
  'src/core/clean.ts': "import type { Instant } from './time.ts'\nexport const later = (now: Instant) => now + 1\n",
  'src/core/clean.test.ts':
    "import { equal } from 'node:assert/strict'\nimport { test } from 'node:test'\nimport { later } from './clean.ts'\nimport { given } from '../testing/given.ts'\ntest('x', () => equal(later(1), given))\n",
  'src/core/seed.test.ts': 'export const seed = () => process.env["SEED"] ?? "1"\n',
  'src/engine/clean.ts':
    "import type { Clock } from '../ports/clock.ts'\nexport const at = (clock: Clock) => clock.now()\n",
  'src/adapters/router/clean.ts': "import type { Router } from '../../ports/router.ts'\nexport type Y = Router\n",
  'src/adapters/registry.ts': "import { process } from './platform/process.ts'\nexport const platforms = [process]\n",
  'src/adapters/gate/clean.ts': "import { Name } from '../../stellwerk-yaml/name.ts'\nexport const gate = Name\n",
  'src/composition/clean.ts': "import { store } from '../store/log.ts'\nexport const built = store\n",
  'src/router/clean.ts': "import { Pool } from 'undici'\nexport const pool = (to: string) => new Pool(to)\n",
  'src/store/clean.ts': "import { Pool } from 'pg'\nexport class Held {\n  readonly pool = new Pool()\n}\n",
  'test/e2e/clean.ts':
    "import { a } from '../../src/adapters/platform/process.ts'\nexport const started = a(Date.now())\n",
}

type Found = { readonly code: string; readonly filename: string; readonly message: string }
let folder = ''
let found: readonly Found[] = []

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'stellwerk-lint-'))
  for (const part of ['.oxlintrc.json', 'package.json', 'tools/lint'])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const files = [...BROKEN.map(({ file, text }) => [file, text] as const), ...Object.entries(CLEAN)]
  for (const [file, text] of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  const oxlint = join(ROOT, 'node_modules/.bin/oxlint')
  const run = spawnSync(oxlint, ['--format', 'json', 'src', 'test'], { cwd: folder, encoding: 'utf8' })
  assert.equal(run.status, 1, run.stdout + run.stderr)
  found = JSON.parse(run.stdout).diagnostics
})

after(() => rmSync(folder, { recursive: true, force: true }))

describe('lint refuses', () => {
  for (const { rule, file, says } of BROKEN) {
    test(`${file} by ${rule}`, () => {
      const here = found.filter(({ filename }) => filename === file)
      const hits = here.filter(({ code, message }) => code === rule && says.test(message))
      assert.ok(hits.length > 0, `expected ${rule} saying ${says}; oxlint said ${JSON.stringify(here)}`)
    })
  }
})

test('every case of this test is a file of its own', () => {
  const files = [...BROKEN.map(({ file }) => file), ...Object.keys(CLEAN)]
  assert.deepEqual(
    files.filter((file, index) => files.indexOf(file) !== index),
    [],
  )
})

describe('lint lets pass', () => {
  for (const file of Object.keys(CLEAN)) {
    test(file, () => {
      assert.deepEqual(
        found.filter(({ filename }) => filename === file),
        [],
      )
    })
  }
})

test('an exemption for one file names its reason', () => {
  const text = readFileSync(join(ROOT, '.oxlintrc.json'), 'utf8')
  const overrides = text.split('"files":').slice(1)
  const byPath = overrides.filter((part) => !part.slice(0, part.indexOf(']')).includes('*'))
  assert.ok(byPath.length > 0)
  for (const part of byPath) assert.match(part, /\/\/ reason: \S/, `an exemption without "// reason:": ${part}`)
})
