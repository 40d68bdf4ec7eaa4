/** Goal: the guide's scenario, written and run as the page says, comes as the page says, also where its `expect` is wrong. */
import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { startCli } from '../../src/testing/cli-process.ts'
import { ROOT } from '../../tools/tool.ts'
import { markedIn } from '../../tools/docs/markdown.ts'

const page = readFileSync(join(ROOT, 'docs/guides/rehearse.md'), 'utf8')

describe('the guide "Rehearse a release"', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stellwerk-rehearse-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  copyFileSync(join(ROOT, 'examples/lokaltreu/stellwerk.yaml'), join(folder, 'stellwerk.yaml'))
  const stellwerk = (...args: readonly string[]) => startCli(args, { cwd: folder }).ended

  for (const step of markedIn(page)) {
    if (step.does === 'write') {
      writeFileSync(join(folder, step.file), step.text)
      continue
    }
    test(step.text.trim(), async () => {
      const { code, stdout, stderr } = await stellwerk(...step.text.trim().split(' ').slice(1))
      assert.equal(code, step.exit, `${stdout}${stderr}`)
    })
  }

  test('keeps nothing of its own, and hands nothing over without being told to', async () => {
    assert.ok(!existsSync(join(folder, '.stellwerk')))
    const { code, stderr } = await stellwerk('rehearse', '-e', 'prod', '--record')
    assert.equal(code, 8, stderr)
  })

  test('a rehearsal that nobody expected ends with 10', async () => {
    const text = readFileSync(join(folder, 'slow.yaml'), 'utf8').replace('end: rolled-back', 'end: finalized')
    writeFileSync(join(folder, 'wrong.yaml'), text)
    const { code, stderr } = await stellwerk('rehearse', '-e', 'prod', '--scenario', 'wrong.yaml')
    assert.equal(code, 10, stderr)
    assert.match(stderr, /v2 should be finalized; it is rolled-back/)
  })

  test('without `expect` it ends as deploy would, and --json gives the events alone', async () => {
    const text = readFileSync(join(folder, 'slow.yaml'), 'utf8').replace(/^expect:\n( .*\n)+/m, '')
    writeFileSync(join(folder, 'open.yaml'), text)
    const { code, stdout } = await stellwerk('rehearse', '-e', 'prod', '--scenario', 'open.yaml', '--json')
    assert.equal(code, 5)
    const types = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { readonly type: string }).type)
    assert.equal(types[0], 'RolloutRequested')
    assert.ok(types.includes('RollbackTriggered') && types.includes('RolledBack'))
  })

  test('a mistake in a scenario is named with its place, and nothing is rehearsed', async () => {
    writeFileSync(join(folder, 'bad.yaml'), 'scenario: x\nreleases: [{ version: v2, bild: {} }]\n')
    const { code, stdout, stderr } = await stellwerk('rehearse', '-e', 'prod', '--scenario', 'bad.yaml')
    assert.equal(code, 2)
    assert.match(stderr, /bad\.yaml:2:27: .*unknown key "bild"; did you mean `build`\?/)
    assert.equal(stdout, '')
  })
})
