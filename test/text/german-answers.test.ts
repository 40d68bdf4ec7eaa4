/**
 * Goal: what is asked between releases is answered in German as a whole. Method: the command line against a control plane that
 * holds one of everything that `status`, `incident` and `notify` can show, made by the code that makes it live.
 */
import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { alarm } from '../../src/core/alarm.ts'
import { type ObservedSlot, EMPTY_SLOT } from '../../src/core/observed.ts'
import { evolve } from '../../src/core/rollout/evolve.ts'
import { incidentOf, opening } from '../../src/core/rollout/incident.ts'
import { leftoverView } from '../../src/core/rollout/leftovers.ts'
import { alarmed } from '../../src/core/rollout/serving.ts'
import type { RolloutState } from '../../src/core/rollout/state.ts'
import type { Recorded } from '../../src/core/rollout/events.ts'
import { viewOf } from '../../src/core/rollout/view.ts'
import { decide } from '../../src/core/incident/decide.ts'
import { instant } from '../../src/core/time.ts'
import { say, verbatim } from '../../src/core/say.ts'
import { notDriven } from '../../src/engine/not-driven.ts'
import { deadLetterAlarms } from '../../src/engine/notifications.ts'
import { type HttpServer, serveHttp } from '../../src/http/serve.ts'
import { shippedFile } from '../../src/rehearsal/scenario/shipped.ts'
import { runCli } from '../../src/cli/run.ts'
import { exampleDelivery, exampleEnvironment } from '../../src/testing/example-rollout.ts'
import { fakeIo } from '../../src/testing/fake-io.ts'
import { testApp } from '../../src/testing/http-app.ts'
import { temporaryFolder } from '../../src/testing/temporary-folder.ts'
import { play, scenarioOf } from '../rehearsal/play.ts'
import { mustBeGerman } from './reads-german.ts'

const app = testApp()
let server: HttpServer
let cwd: string

before(async () => {
  server = await serveHttp(app.app, { port: 0 })
  cwd = await temporaryFolder('german-answers')
})
after(async () => {
  await server.close(0)
  await rm(cwd, { recursive: true, force: true })
})

async function asked(...words: readonly string[]): Promise<string> {
  const env = { STELLWERK_URL: server.url, STELLWERK_TOKEN: await app.token(['intervene']) }
  const io = fakeIo({ cwd, env })
  await runCli([...words, '--lang', 'de'], io, {})
  return `${io.output()}${io.errors()}`
}

/** The state of a rehearsed release after its last event, and the first of that kind. */
async function rehearsed(name: string, type: Recorded['type']) {
  const { text, file } = shippedFile(name)
  const { releases } = await play(scenarioOf(text, file))
  const events = releases.flatMap((release) => release.events) as unknown as readonly Recorded[]
  const found = events.find((event) => event.type === type)
  const state = events.reduce<RolloutState | null>(evolve, null)
  if (!found || !state) throw new Error(`${name} has no ${type}`)
  return { found, state }
}

test('status: whatever serves, is alarmed, left over or disturbed', async () => {
  const { state, found } = await rehearsed('bad', 'RollbackTriggered')
  const now = instant(Date.now())
  const since = instant(now - 60_000)
  const view = viewOf(state, now)
  const [serving] = view.serving
  const seen: ObservedSlot = { ...EMPTY_SLOT, present: true, release: 'shop-prod-0', version: 'v0', running: 2 }
  const stuck = { since, times: 3, error: 'cannot fold', again: now }
  const undelivered = await deadLetterAlarms({
    deadLetters: async () => [
      { service: 'shop', environment: 'prod', count: 2, since, failure: 'refused', to: 'webhook (env CHAT_URL)' },
    ],
  })
  const opened = incidentOf(found, now)
  assert.ok(serving && opened)
  const incident = decide(null, opening(state, opened), now).state
  app.fake.disturbances.clear()
  app.fake.disturbances.set(incident.opening.id, incident)
  app.fake.environments = [
    exampleEnvironment({
      serving: [alarmed(serving, [say`the route knows no instance of ${'green'}`])],
      leftovers: [
        leftoverView({ kind: 'slot', component: 'api', slot: 'green', seen }, state),
        leftoverView({ kind: 'route', component: 'old', url: 'http://127.0.0.1:8081' }, state),
      ],
      alarms: [
        ...[notDriven({ stream: 'shop-prod-2', nextDue: since }, stuck, now) ?? []].flat(),
        ...[notDriven({ stream: 'shop-prod-3', nextDue: since }, null, now) ?? []].flat(),
        ...undelivered('shop', 'prod'),
        alarm({ kind: 'unwell', since }, { what: verbatim('api'), why: say`nothing of ${'api'} runs in ${'blue'}` }),
      ],
      incidents: await app.fake.incidents({}),
    }),
  ]
  const shown = await asked('status')
  assert.match(shown, /„stellwerk notify list --dead -e prod“/)
  assert.match(shown, /mehr als zufällig schlechter/)
  mustBeGerman(shown.split('\n'))

  mustBeGerman((await asked('incident', 'list')).split('\n'))
  const { id } = incident.opening
  for (const words of [['show'], ['ack'], ['resolve', '--note', 'it is fixed'], ['resolve', '--note', 'once more']]) {
    const [verb = '', ...rest] = words
    mustBeGerman((await asked('incident', verb, id, ...rest)).split('\n'))
  }
  mustBeGerman((await asked('incident', 'list', '--all')).split('\n'))
})

test('notify: what channels answered and people said is quoted', async () => {
  app.fake.delivered = [
    exampleDelivery(),
    exampleDelivery({ id: 'r-1/2/0', state: 'delivered', failure: null, receipt: 'the chat took it' }),
    exampleDelivery({ id: 'r-1/3/0', state: 'dismissed', dismissed: { by: 'person:kim', reason: 'told by phone' } }),
  ]
  const shown = await asked('notify', 'list')
  assert.match(shown, /„told by phone“/)
  mustBeGerman(shown.split('\n'))
})
