/** What people see of their messages, and what is asked of the control plane for it. */
import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import type { TestedRoute } from '../engine/control-plane.ts'
import { type HttpServer, serveHttp } from '../http/serve.ts'
import type { Scope } from '../ports/identity.ts'
import { exampleDelivery, exampleEnvironment } from '../testing/example-rollout.ts'
import { fakeIo } from '../testing/fake-io.ts'
import { testApp } from '../testing/http-app.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { runCli } from './run.ts'

const test = testApp()
let server: HttpServer
let cwd: string

before(async () => {
  server = await serveHttp(test.app, { port: 0 })
  cwd = await temporaryFolder('notify')
  await writeFile(join(cwd, 'stellwerk.yaml'), 'service: shop\n')
})
after(async () => {
  await server.close(0)
  await rm(cwd, { recursive: true, force: true })
})
beforeEach(() => {
  const delivered = { state: 'delivered', failure: null, receipt: 'chat.example.org 200' } as const
  test.fake.delivered = [
    exampleDelivery({ id: 'r-2/4/1', ...delivered, environment: 'stage' }),
    exampleDelivery(),
    exampleDelivery({ id: 'r-1/1/1', ...delivered }),
  ]
  test.fake.tested = []
  test.fake.testsAsked.length = 0
})

async function run(line: string, scope: Scope = 'read') {
  const env = { STELLWERK_URL: server.url, STELLWERK_TOKEN: await test.token([scope]) }
  const io = fakeIo({ cwd, env })
  const code = await runCli(line.split(' '), io, {})
  return { code, output: io.output(), errors: io.errors() }
}

describe('notify list', () => {
  it('shows what became of each message at each route', async () => {
    const { code, output } = await run('notify list -e prod')
    assert.equal(code, 0)
    assert.match(output, /^ID +AT +WHERE +EVENT +TO +STATE +ATTEMPTS +LAST ANSWER\n/)
    assert.match(
      output,
      /r-1\/1\/0 .* shop prod +finalized +webhook \(env CHAT_URL\) +dead +3 +chat.example.org refused/,
    )
    assert.match(output, /r-1\/1\/1 .* delivered +3 +chat.example.org 200/)
    assert.doesNotMatch(output, /r-2/)
  })

  it('shows dead letters alone, or that there are none, in the language of the reader', async () => {
    const { output } = await run('notify list --dead --json')
    assert.deepEqual(
      output
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { id: string }).id),
      ['r-1/1/0'],
    )
    assert.match((await run('notify list --dead --lang de')).output, /ID +WANN .*\n.* aufgegeben /)
    test.fake.delivered = []
    assert.match((await run('notify list --dead')).output, /^No dead letters/)
    assert.match((await run('notify list --lang de')).output, /^Keine Nachrichten/)
    assert.equal((await run('notify list --limit 0')).code, 2)
  })
})

describe('notify replay', () => {
  it('sends one again, or all of a place', async () => {
    const one = await run('notify replay r-1/1/0', 'intervene')
    assert.deepEqual([one.code, one.output.split(';')[0]], [0, 'One message is sent again'])
    assert.equal(test.fake.delivered.find(({ id }) => id === 'r-1/1/0')?.state, 'waiting')
    assert.match((await run('notify replay --all-dead', 'intervene')).output, /^No dead letters/)
    test.fake.delivered = [exampleDelivery(), exampleDelivery({ id: 'r-3/1/0', environment: 'stage' })]
    await run('notify replay --all-dead -e stage', 'intervene')
    assert.deepEqual(
      test.fake.delivered.map(({ state }) => state),
      ['dead', 'waiting'],
    )
  })

  it('asks which, and is nothing for whoever may only read', async () => {
    assert.equal((await run('notify replay', 'intervene')).code, 2)
    assert.equal((await run('notify replay r-1/1/0 --all-dead', 'intervene')).code, 2)
    assert.equal((await run('notify replay r-1/1/0', 'read')).code, 9)
  })
})

describe('what is asked wrongly', () => {
  it('of an environment that nobody knows is a slip, not an empty answer', async () => {
    test.fake.environments = [exampleEnvironment()]
    for (const line of ['list', 'replay --all-dead', 'dismiss --all-dead --reason x']) {
      const { code, errors } = await run(`notify ${line} -e prdo`, 'intervene')
      assert.equal(code, 2, line)
      assert.match(errors, /no environment "prdo"\nWhy: known are prod\n/, line)
    }
  })

  it('says which command shows the messages', async () => {
    for (const verb of ['replay r-9/1/0', 'dismiss r-9/1/0 --reason told']) {
      const unknown = await run(`notify ${verb}`, 'intervene')
      assert.equal(unknown.code, 2, verb)
      assert.match(unknown.errors, /\nFix: stellwerk notify list\n/, verb)
      const delivered = await run(`notify ${verb.replace('r-9/1/0', 'r-1/1/1')}`, 'intervene')
      assert.equal(delivered.code, 1, verb)
      assert.match(delivered.errors, /was delivered.*\n[^]*Fix: stellwerk notify list --dead\n/, verb)
    }
    assert.match((await run('notify replay', 'intervene')).errors, /Fix: stellwerk notify replay --all-dead\n/)
  })

  it('names what can be chosen, in the language of the reader', async () => {
    const english = await run('notify test -e prod --on P9')
    assert.equal(english.code, 2)
    assert.match(english.errors, /^Error: --on <topic> "P9" is none of \*, P1, /)
    const german = await run('notify test -e prod --on P9 --lang de')
    assert.match(german.errors, /^Fehler: --on <topic> „P9“ ist keines von \*, P1, /)
  })
})

describe('notify test', () => {
  const took: TestedRoute = {
    route: 0,
    on: ['*'],
    kind: 'webhook',
    to: 'webhook (env CHAT_URL)',
    event: 'started',
    outcome: 'delivered',
    detail: 'chat.example.org 200',
  }
  const failed: TestedRoute = { ...took, route: 1, on: ['P1', 'P2'], outcome: 'failed', detail: 'connection refused' }

  it('says per route what became of it, and fails when one did not take it', async () => {
    test.fake.tested = [took]
    const good = await run('notify test -e prod --on P1', 'deploy')
    assert.equal(good.code, 0)
    assert.match(good.output, /\* +webhook \(env CHAT_URL\) +started +delivered +chat.example.org 200/)
    const source = { text: 'service: shop\n', file: 'stellwerk.yaml', folder: cwd }
    assert.deepEqual(test.fake.testsAsked, [{ source, environment: 'prod', on: 'P1' }])
    test.fake.tested = [took, failed]
    const bad = await run('notify test -e prod', 'deploy')
    assert.equal(bad.code, 1)
    assert.match(bad.output, /P1,P2 +webhook .* FAILED +connection refused/)
    assert.equal(test.fake.testsAsked[1]?.on, null)
  })

  it('fails where nobody would be told', async () => {
    const { code, output } = await run('notify test -e prod --on P2', 'deploy')
    assert.equal(code, 1)
    assert.match(output, /No route of prod asks for P2/)
    assert.match((await run('notify test -e prod --lang de', 'deploy')).output, /wird niemand benachrichtigt/)
  })

  it('needs an environment, and an event that there is', async () => {
    assert.equal((await run('notify test', 'deploy')).code, 2)
    assert.equal((await run('notify test -e prod --on never', 'deploy')).code, 2)
    assert.equal((await run('notify test -e prod', 'read')).code, 9)
  })
})

describe('notify dismiss', () => {
  it('takes one, or all of a place, out of the alarms, and shows by whom and why', async () => {
    const one = await run('notify dismiss r-1/1/0 --reason phoned', 'intervene')
    assert.deepEqual([one.code, one.output], [0, 'One dead letter is dismissed, and no longer an alarm.\n'])
    const [kept] = test.fake.delivered.filter(({ id }) => id === 'r-1/1/0')
    assert.deepEqual([kept?.state, kept?.dismissed?.reason], ['dismissed', 'phoned'])
    assert.match((await run('notify list')).output, /r-1\/1\/0 .* dismissed +3 +dismissed by \S+: phoned/)
    assert.match((await run('notify list --lang de')).output, / erledigt .* erledigt durch \S+: „phoned“/)
    test.fake.delivered = [exampleDelivery(), exampleDelivery({ id: 'r-3/1/0', environment: 'stage' })]
    await run('notify dismiss --all-dead -e stage --reason phoned', 'intervene')
    assert.deepEqual(
      test.fake.delivered.map(({ state }) => state),
      ['dead', 'dismissed'],
    )
  })

  it('asks which and why, and is nothing for whoever may only read', async () => {
    assert.equal((await run('notify dismiss --reason phoned', 'intervene')).code, 2)
    assert.equal((await run('notify dismiss r-1/1/0 --all-dead --reason phoned', 'intervene')).code, 2)
    assert.equal((await run('notify dismiss r-1/1/0', 'intervene')).code, 2)
    assert.equal((await run('notify dismiss r-1/1/0 --reason phoned', 'read')).code, 9)
  })
})
