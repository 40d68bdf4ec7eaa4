import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { after, describe, it } from 'node:test'
import { verbatim } from '../core/say.ts'
import { serveHttp } from '../http/serve.ts'
import { exampleEnvironment } from '../testing/example-rollout.ts'
import { fakeIo } from '../testing/fake-io.ts'
import { testApp } from '../testing/http-app.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { runCli } from './run.ts'

describe('doctor', () => {
  it('warns of what is left over of older releases, in the words of status', async () => {
    const test = testApp()
    const text = 'old v1 (one instance in blue, of shop-prod-1) belongs to no release in force'
    const left = {
      component: 'old',
      slot: 'blue',
      version: 'v1',
      release: 'shop-prod-1',
      text,
      said: verbatim(text),
    } as const
    const cwd = await temporaryFolder('doctor')
    after(() => rm(cwd, { recursive: true, force: true }))
    const server = await serveHttp(test.app, { port: 0 })
    after(() => server.close(0))
    const env = { STELLWERK_URL: server.url, STELLWERK_TOKEN: await test.token(['read']) }
    const doctored = async (leftovers: readonly (typeof left)[]) => {
      test.fake.status = async () => [exampleEnvironment({ leftovers })]
      const io = fakeIo({ cwd, env })
      return { code: await runCli(['doctor'], io, { doctorChecks: async () => [] }), output: io.output() }
    }
    const found = await doctored([left])
    assert.equal(found.code, 0, found.output)
    const line = `! control plane: answers; environments: 1, alarms: 0, left over: ${text}`
    assert.ok(found.output.includes(`${line}\n    Fix: stellwerk status\n`), found.output)
    const clean = await doctored([])
    assert.match(clean.output, /✓ control plane: answers; environments: 1, alarms: 0\n/)
  })

  it('speaks German, and keeps the lines of what mends it together', async () => {
    const cwd = await temporaryFolder('doctor')
    after(() => rm(cwd, { recursive: true, force: true }))
    const io = fakeIo({ cwd, env: { LANG: 'de_DE.UTF-8' } })
    const code = await runCli(['doctor'], io, {
      doctorChecks: async ({ texts }) => [
        {
          name: 'database role',
          outcome: 'warning',
          detail: texts.database.excess.owner('x'),
          fix: 'SQL:\n  a;\n  b;',
        },
      ],
    })
    assert.equal(code, 0, io.output())
    assert.match(io.output(), /! Datenbankrolle: x gehört das Log: .*\n {4}Abhilfe: SQL:\n {6}a;\n {6}b;\n/)
    assert.match(io.output(), /! Control Plane: hier läuft keine.*\n {4}Abhilfe: stellwerk up\n/)
  })
})
