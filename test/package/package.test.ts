/**
 * The package as somebody has it who installed it: its demo runs (the first thing that anybody runs), whoever imports
 * `stellwerk/analysis` gets what the guide says, and a machine that it does not run on is told what is needed.
 */
import assert from 'node:assert/strict'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { startCli } from '../../src/testing/cli-process.ts'
import { blocksIn } from '../../tools/docs/markdown.ts'
import { run } from '../../tools/process.ts'
import { ROOT } from '../../tools/tool.ts'
import { pack, unpack } from './packed.ts'

const LIMIT = { timeoutMs: 120_000 }
const program = blocksIn(readFileSync(join(ROOT, 'docs/guides/judge.md'), 'utf8')).find(
  ({ language }) => language === 'js',
)!

/** Uses every export as a caller in TypeScript would; `@ts-expect-error` fails where there is no error. */
const TYPED = `
import { defaultRules, english, JUDGE_DEFAULTS, judgeCounts, plotSvg, readSeries } from 'stellwerk/analysis'
import type { CountRule, Judged, JudgeInput, SideTick, Verdict } from 'stellwerk/analysis'
const tick: SideTick = { at: 1_796_040_005_000, requests: 20, errors: 0, latency: [[100, 17], [Infinity, 20]] }
const rule: CountRule = { kind: 'limit', id: 'errors', metric: 'error-rate', max: 0.01, trigger: null }
const input: JudgeInput = { candidate: [tick], live: [tick], rules: [rule, ...defaultRules({ candidate: [], live: [] })], tickMs: 5000 }
const answer = judgeCounts({ ...input, minRequests: JUDGE_DEFAULTS.minRequests })
if (answer.ok) {
  const judged: Judged = answer
  const texts: readonly string[] = judged.verdicts.map((verdict: Verdict) => verdict.text)
  const svg: string = plotSvg(judged, { title: texts.join() })
  console.log(judged.outcome === 'pass', judged.evidence?.demanded.rollback, svg)
  // @ts-expect-error: there is no such outcome
  console.log(judged.outcome === 'good')
} else console.log(answer.problems.map(({ of, said }) => of + english(said)))
// @ts-expect-error: memory is what a platform sees
const wrong: CountRule = { kind: 'limit', id: 'memory', metric: 'memory', max: 1, trigger: null }
const read = readSeries('time,requests,errors')
console.log(wrong, read.ok ? read.lines : read.problems[0]?.line)
`

/** What `npm pack` may weigh: whoever installs it waits for it. */
const MAX_BYTES = 3_000_000

describe('the package that npm pack makes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stellwerk-package-'))
  // PostgreSQL does not run as root, and has to get to its data.
  chmodSync(folder, 0o711)
  after(() => rmSync(folder, { recursive: true, force: true }))
  let bin = ''
  before(async () => {
    const tarball = await pack(folder)
    assert.ok(statSync(tarball).size <= MAX_BYTES, `${statSync(tarball).size} bytes`)
    bin = join(await unpack(tarball, folder), 'bin/stellwerk.mjs')
    cpSync(join(ROOT, 'examples/judge'), folder, { recursive: true })
  })

  test('[R-E03] [R-F03] [R-D08] its demo: a good release is finalized, a bad one found by comparison and taken back, no request lost', async () => {
    const cwd = join(folder, 'demo')
    mkdirSync(cwd, { mode: 0o711 })
    // As a user has it, to whom nobody says where compiled code is kept.
    const env = { HOME: join(folder, 'home'), NODE_COMPILE_CACHE: undefined }
    const { code, stdout, stderr } = await startCli(['demo'], { bin, cwd, env }).ended
    assert.equal(code, 0, `${stdout}\n${stderr}`)
    assert.match(stdout, /^v2\.0\.0 +finalized +100 %/m)
    assert.match(stdout, /^v3\.0\.0-5xx +rolled back +10 %/m)
    const why =
      /the candidate is worse beyond chance: .*\((\d+) of (\d+) requests\), live 0 % .*evidence for a rollback ([\d\s]+), (\d+) demand one/
    const [, errors = 0, requests = 0, evidence = 0, demanded = 0] = (why.exec(stdout) ?? []).map((found) =>
      Number(found.replaceAll(/\s/g, '')),
    )
    assert.ok(errors > 0 && errors < requests && requests < 200, `${errors} of ${requests}\n${stdout}`)
    assert.ok(demanded >= 100 && evidence >= demanded, stdout)
    assert.match(stdout, /✓ no request was lost \(0 of \d{4}\)/)
    assert.doesNotMatch(stdout, /✗/)
    assert.deepEqual(readdirSync(cwd), [], 'it left something behind')
    assert.ok(readdirSync(join(folder, 'home/.cache/stellwerk')).length > 0, 'compiled code is kept for the next start')
  })

  test('runs the program of the guide, from below node_modules', async () => {
    writeFileSync(join(folder, 'program.mjs'), program.text)
    const { code, output } = await run(process.execPath, ['program.mjs'], { ...LIMIT, cwd: folder })
    assert.equal(code, 0, output)
    assert.match(output, /^fail true\n/)
    assert.match(output, /\nfail: checkout: the candidate is worse beyond chance/)
    assert.match(readFileSync(join(folder, 'judge.svg'), 'utf8'), />checkout: fail</)
  })

  test('has types that a strict project checks against', async () => {
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(folder, 'typed.ts'), TYPED)
    const options = [
      '--strict',
      '--noEmit',
      '--exactOptionalPropertyTypes',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--types',
      '',
    ]
    const checked = await run(join(ROOT, 'node_modules/.bin/tsc'), [...options, '--lib', 'es2022,dom', 'typed.ts'], {
      ...LIMIT,
      cwd: folder,
    })
    assert.equal(checked.code, 0, checked.output)
  })

  test('carries no tests, no tools, no TypeScript to run and no Node; its version stands in one place', async () => {
    const root = join(folder, 'node_modules/stellwerk')
    const names = readdirSync(root, { recursive: true, encoding: 'utf8' })
    assert.ok(names.includes('lib/src/analysis.d.ts') && names.includes('lib/src/main.js.map'))
    assert.deepEqual(
      names.filter((name) => /\.test\.|(?<!\.d)\.ts$|^tools|^node_modules|^test/.test(name)),
      [],
    )
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const given = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })
    assert.ok(
      given.every((name) => !/^node(-|$)/.test(name)),
      String(given),
    )
    const { stdout } = await startCli(['--version'], { bin, cwd: folder }).ended
    assert.equal(stdout, `${manifest.version}\n`)
  })

  test('says what is needed where Node is too old or the system another', async () => {
    const pretend = (script: string) => ['--import', `data:text/javascript,${script}`, bin, 'demo']
    const node = (version: string) => {
      const versions = `Object.defineProperty(process,'versions',{value:{...process.versions,node:'${version}'}})`
      return run(process.execPath, pretend(versions), { ...LIMIT, cwd: folder })
    }
    const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    const wanted = engines.node.replace('>=', '')
    for (const old of ['20.20.2', `${wanted.split('.')[0]}.${wanted.split('.')[1] - 1}.9`]) {
      const { code, output } = await node(old)
      assert.equal(code, 2)
      assert.match(
        output,
        new RegExp(`needs Node ${wanted} or newer; this is Node ${old} .*\nWhy: .*\nFix: install Node ${wanted}`),
      )
    }
    const windows = `Object.defineProperty(process,'platform',{value:'win32'})`
    const { code, output } = await run(process.execPath, pretend(windows), { ...LIMIT, cwd: folder })
    assert.equal(code, 2)
    assert.match(output, /^Stellwerk runs on Linux and macOS; this is win32\.\nWhy: .*\nFix: .*WSL 2/)
  })
})
