/** Incidents on the command line: what is shown, what is asked of the control plane, and with which exit code it ends. */
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { after, before, beforeEach, describe, it } from 'node:test'
import { decide } from '../core/incident/decide.ts'
import { instant } from '../core/time.ts'
import { type HttpServer, serveHttp } from '../http/serve.ts'
import type { Scope } from '../ports/identity.ts'
import { exampleEnvironment } from '../testing/example-rollout.ts'
import { fakeIo } from '../testing/fake-io.ts'
import { testApp } from '../testing/http-app.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { runCli } from './run.ts'

const test = testApp()
let server: HttpServer
let cwd: string

before(async () => {
  server = await serveHttp(test.app, { port: 0 })
  cwd = await temporaryFolder('incident')
})
after(async () => {
  await server.close(0)
  await rm(cwd, { recursive: true, force: true })
})
beforeEach(() => {
  const { disturbances } = test.fake
  const place = { rollout: 'r-1', service: 'shop', environment: 'prod', version: 'v2' }
  const opening = { id: 'i-1', ...place, priority: 'P2', title: 'error rate was 12 %' } as const
  disturbances.clear()
  disturbances.set('i-1', decide(null, { type: 'open', ...opening }, instant(1000)).state)
})

async function run(words: readonly string[], scope: Scope = 'intervene') {
  const env = { STELLWERK_URL: server.url, STELLWERK_TOKEN: await test.token([scope]) }
  const io = fakeIo({ cwd, env })
  const code = await runCli([...words], io, {})
  return { code, output: io.output(), errors: io.errors() }
}

describe('incident list', () => {
  it('shows what nobody has resolved', async () => {
    const { code, output } = await run(['incident', 'list'], 'read')
    assert.equal(code, 0)
    assert.match(output, /^ID +PRIORITY +WHERE +OPENED +STATE +TITLE\ni-1 +P2 +shop prod .* OPEN +error rate was 12 %/)
  })

  it('says that there is none, in the language of the reader; --all shows the resolved ones as well', async () => {
    await run(['incident', 'resolve', 'i-1', '--note', 'fixed'])
    assert.equal((await run(['incident', 'list', '--lang', 'de'])).output, 'Keine offenen Störungen.\n')
    assert.match((await run(['incident', 'list', '--all'])).output, /i-1 .* resolved/)
  })
})

describe('incident list, asked wrongly', () => {
  it('names an environment that nobody knows, and what serves all the same', async () => {
    test.fake.environments = [exampleEnvironment()]
    for (const state of ['', ' --all']) {
      const slip = await run(`incident list -e prdo${state}`.split(' '), 'read')
      assert.equal(slip.code, 2)
      assert.match(slip.errors, /no environment "prdo"\nWhy: known are prod\nNow serving: shop prod: .*\nFix: did you/)
    }
    const known = await run(['incident', 'list', '-e', 'prod', '--service', 'shop'], 'read')
    assert.equal(known.code, 0)
  })

  it('names a number of rows that is none, before it asks', async () => {
    for (const wrong of ['0', '-1', 'abc', '501', '1e2', '']) {
      const { code, errors } = await run(['incident', 'list', '-n', wrong], 'read')
      assert.equal(code, 2, wrong)
      assert.match(errors, /--lines (".*" is not a number of lines\nWhy: it must be from 1 to 500|.*is empty)/, wrong)
    }
  })
})

describe('one incident', () => {
  it('is shown whole, with the command that takes it', async () => {
    const { code, output } = await run(['incident', 'show', 'i-1'], 'read')
    assert.equal(code, 0)
    assert.match(output, /^i-1 {2}P2 {2}shop prod {2}OPEN\nerror rate was 12 %\nopened .* by r-1 \(v2\)\n/)
    assert.match(output, /nobody has acknowledged it: stellwerk incident ack i-1/)
  })

  it('is acknowledged by the first who does, and resolved with a note', async () => {
    const taken = await run(['incident', 'ack', 'i-1'])
    assert.equal(taken.code, 0)
    assert.match(taken.output, /acknowledged by person:/)
    assert.equal((await run(['incident', 'ack', 'i-1'])).output, taken.output)
    const resolved = await run(['incident', 'resolve', 'i-1', '--note', 'pool exhausted', '--json'])
    const view = JSON.parse(resolved.output) as { phase: string; resolved: { note: string } }
    assert.deepEqual([resolved.code, view.phase, view.resolved.note], [0, 'resolved', 'pool exhausted'])
  })

  it('that is over is not resolved again: exit code 1, and who did it', async () => {
    await run(['incident', 'resolve', 'i-1', '--note', 'fixed'])
    const again = await run(['incident', 'resolve', 'i-1', '--note', 'really'])
    assert.equal(again.code, 1)
    assert.match(again.errors, /already resolved, by person:.*: fixed/)
  })

  it('that nobody knows is exit code 2; a note is demanded; a token that may only read is exit code 9', async () => {
    const unknown = await run(['incident', 'show', 'i-9'])
    assert.equal(unknown.code, 2)
    assert.match(unknown.errors, /stellwerk incident list --all/)
    const german = await run(['incident', 'show', 'i-9', '--lang', 'de'])
    assert.match(german.errors, /die Störung i-9 .*\nWarum: eine Störung „i-9“ gibt es nicht/)
    assert.equal((await run(['incident', 'resolve', 'i-1'])).code, 2)
    assert.equal((await run(['incident', 'ack', 'i-1'], 'read')).code, 9)
  })
})
