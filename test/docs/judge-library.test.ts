/** Goal: whoever installs the package imports `stellwerk/analysis`: the guide's program runs, and its types are right. */
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { blocksIn } from '../../tools/docs/markdown.ts'
import { run } from '../../tools/process.ts'
import { ROOT } from '../../tools/tool.ts'

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

describe('the package that npm pack makes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stellwerk-library-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  before(async () => {
    const packed = await run('npm', ['pack', '--pack-destination', folder], LIMIT)
    assert.equal(packed.code, 0, packed.output)
    const [file = ''] = readdirSync(folder)
    const unpacked = await run('tar', ['-xzf', file], { ...LIMIT, cwd: folder })
    assert.equal(unpacked.code, 0, unpacked.output)
    mkdirSync(join(folder, 'node_modules'))
    renameSync(join(folder, 'package'), join(folder, 'node_modules/stellwerk'))
    cpSync(join(ROOT, 'examples/judge'), folder, { recursive: true })
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

  test('has no tests and no tools in it', () => {
    const names = readdirSync(join(folder, 'node_modules/stellwerk'), { recursive: true, encoding: 'utf8' })
    assert.ok(names.includes('dist/analysis.d.ts') && names.includes('bin/stellwerk.mjs'))
    assert.deepEqual(
      names.filter((name) => name.endsWith('.test.ts') || name.startsWith('tools')),
      [],
    )
  })
})
