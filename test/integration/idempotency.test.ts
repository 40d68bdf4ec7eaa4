/** The whole way of a request that is sent again: HTTP API, engine, store; on PostgreSQL and without a database. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { createContents } from '../../src/adapters/artifact-store/receive.ts'
import { createTokenStore } from '../../src/adapters/identity/token-store.ts'
import { createTokens } from '../../src/adapters/identity/tokens.ts'
import { createControlPlane } from '../../src/engine/create-control-plane.ts'
import { createEngine } from '../../src/engine/engine.ts'
import { silent } from '../../src/ports/log.ts'
import { createApp } from '../../src/http/app.ts'
import type { Api } from '../../src/http/route.ts'
import { CONTROL_PLANE, type Scope, type Tokens } from '../../src/ports/identity.ts'
import type { JobQueue } from '../../src/ports/job-queue.ts'
import type { Store } from '../../src/ports/store.ts'
import { openPostgresStore } from '../../src/store/postgres/index.ts'
import { fakeOutside } from '../../src/testing/fake-outside.ts'
import { memoryStore } from '../../src/testing/memory-store.ts'
import { planFor } from '../../src/testing/plans.ts'
import { testDatabase } from '../../src/testing/postgres.ts'
import { virtualClock } from '../../src/testing/virtual-clock.ts'

type Opened = { readonly store: Store; readonly close: () => Promise<void> }

const STORES: Readonly<Record<string, () => Promise<Opened>>> = {
  'a store in memory': async () => {
    const store = memoryStore({ clock: virtualClock() })
    store.useJobs(() => undefined)
    return { store, close: async () => undefined }
  },
  PostgreSQL: async () => {
    const { connectionString, drop } = await testDatabase()
    const store = await openPostgresStore({ connectionString })
    store.useJobs(async () => undefined)
    return { store, close: () => store.close().then(drop) }
  },
}

/** Nobody takes jobs: what a request does is what its own transaction does. */
const NO_QUEUE = { nudge: () => undefined } as unknown as JobQueue
const LOG = { info: () => undefined, warn: () => undefined, error: () => undefined }

const planRequest = (version: string) => ({
  spec: { text: 'service: shop\n', file: 'stellwerk.yaml', folder: '/srv/shop' },
  environment: 'prod',
  artifact: { version, commit: 'c', buildUrl: 'https://ci.example/1', authors: [], components: {} },
  flags: {},
})

for (const [name, open] of Object.entries(STORES)) {
  describe(`requests that are sent again, on ${name}`, () => {
    let opened: Opened
    let app: Api
    let tokens: Tokens

    beforeEach(async () => {
      opened = await open()
      const clock = virtualClock()
      const { store } = opened
      const { adapters } = fakeOutside({ now: () => clock.now() })
      const shared = { store, queue: NO_QUEUE, clock, adapters, log: silent }
      const unused = () => assert.fail('not under test')
      const controlPlane = createControlPlane({
        ...shared,
        engine: createEngine(shared),
        compile: async ({ artifact, environment }) => {
          const plan = { ...planFor(), environment, artifact: { ...planFor().artifact, version: artifact.version } }
          return { ok: true, value: { plan, planHash: `hash of ${artifact.version}`, identity: artifact.version } }
        },
        audit: { verify: unused, checkpoint: unused, export: unused },
        health: async () => ({ ok: true, checks: [] }),
      })
      tokens = createTokens({ store: createTokenStore({ store, clock }), now: () => clock.now() })
      const contents = createContents({ folder: '/nowhere', bytesMax: 0, now: () => clock.now() })
      app = createApp({ controlPlane, contents, tokens, log: LOG, version: 'test' })
    })
    afterEach(() => opened.close())

    async function secretOf(person: string, scopes: readonly Scope[] = ['admin']): Promise<string> {
      const issued = await tokens.issue(
        { name: 'x', person, roles: ['maintainer'], scopes, expiresAt: null },
        CONTROL_PLANE,
      )
      assert(issued.ok)
      return issued.value.secret
    }

    type Sent = { readonly secret: string; readonly path: string; readonly body: unknown; readonly key: string }

    async function send({ secret, path, body, key }: Sent) {
      const headers = { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json', 'Idempotency-Key': key }
      const response = await app.request(`/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
      return { status: response.status, text: await response.text() }
    }

    const rollouts = async () => (await opened.store.list({ kind: 'rollout', limit: 500 })).length

    it('twelve equal requests at once are one rollout, and all are told the same', async () => {
      const sent = { secret: await secretOf('person:alex'), path: '/rollouts', body: planRequest('v2'), key: 'k1' }
      const answers = await Promise.all(Array.from({ length: 12 }, () => send(sent)))
      assert.deepEqual([...new Set(answers.map(({ status }) => status))], [201])
      assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
      assert.equal(await rollouts(), 1)
    })

    it('one rollout, also when sixty others came in between', async () => {
      const secret = await secretOf('person:alex')
      const first = await send({ secret, path: '/rollouts', body: planRequest('v2'), key: 'first' })
      for (let count = 0; count < 60; count++)
        await send({ secret, path: '/rollouts', body: planRequest(`v${count + 3}`), key: `other ${count}` })
      const again = await send({ secret, path: '/rollouts', body: planRequest('v2'), key: 'first' })
      assert.deepEqual(again, first)
      assert.equal(await rollouts(), 61)
    })

    it('the same key with another body, or for another route, is refused and does nothing', async () => {
      const secret = await secretOf('person:alex')
      const first = await send({ secret, path: '/rollouts', body: planRequest('v2'), key: 'k1' })
      const { id } = JSON.parse(first.text) as { id: string }
      const before = await opened.store.size()
      const others: readonly (readonly [string, unknown])[] = [
        ['/rollouts', planRequest('v3')],
        ['/rollouts', { ...planRequest('v2'), environment: 'stage' }],
        [`/rollouts/${id}/abort`, { reason: 'no' }],
        ['/tokens', { name: 'ci', person: 'ci:shop', roles: [], scopes: ['read'], expiresAt: null }],
      ]
      for (const [path, body] of others) {
        const { status, text } = await send({ secret, path, body, key: 'k1' })
        assert.equal(status, 422, path)
        assert.match(text, /Idempotency-Key .*was used for another request before/)
      }
      assert.equal(await opened.store.size(), before)
    })

    it('of two bodies under one key at once, one counts and the other is refused', async () => {
      const secret = await secretOf('person:alex')
      const versions = ['v2', 'v3', 'v4', 'v5']
      const sent = versions.map((version) => send({ secret, path: '/rollouts', body: planRequest(version), key: 'k1' }))
      const answers = await Promise.all(sent)
      assert.deepEqual(answers.map(({ status }) => status).toSorted(), [201, 422, 422, 422])
      assert.equal(await rollouts(), 1)
    })

    it('the same words in another order are the same request; another person’s key is another one', async () => {
      const { spec, environment, artifact, flags } = planRequest('v2')
      const secret = await secretOf('person:alex')
      const first = await send({ secret, path: '/rollouts', body: planRequest('v2'), key: 'k1' })
      const turned = { flags, artifact, environment, spec }
      assert.deepEqual(await send({ secret, path: '/rollouts', body: turned, key: 'k1' }), first)
      const kim = await secretOf('person:kim')
      assert.equal((await send({ secret: kim, path: '/rollouts', body: planRequest('v2'), key: 'k1' })).status, 201)
      assert.equal(await rollouts(), 2)
    })

    const INTENTS: readonly (readonly [string, object, number])[] = [
      ['approve', { seen: { rollout: 'shop-prod-1', identity: 'v2', planHash: 'hash of v2' } }, 403],
      ['reject', { reason: 'no' }, 409],
      ['pause', { reason: 'wait' }, 200],
      ['resume', {}, 409],
      ['promote', {}, 409],
      ['abort', { reason: 'no' }, 200],
      ['roll-back', { reason: 'no' }, 200],
      ['resolve', { note: 'done' }, 409],
    ]
    for (const [verb, body, status] of INTENTS) {
      it(`${verb}, six times at once, happens once and is answered ${status} each time`, async () => {
        const secret = await secretOf('person:kim')
        const begun = await send({ secret, path: '/rollouts', body: planRequest('v2'), key: 'begin' })
        const { id } = JSON.parse(begun.text) as { id: string }
        const path = `/rollouts/${id}/${verb}`
        const first = await send({ secret, path, body, key: 'k1' })
        assert.equal(first.status, status)
        const events = await opened.store.size()
        const sent = { secret, path, body, key: 'k1' }
        const again = await Promise.all(Array.from({ length: 6 }, () => send(sent)))
        const said = (text: string) => text.replace(/"requestId":"[^"]*"/, '')
        for (const each of again) assert.deepEqual([each.status, said(each.text)], [first.status, said(first.text)])
        assert.equal(await opened.store.size(), events)
      })
    }

    it('a token is made once, and its secret answered again without being kept', async () => {
      const secret = await secretOf('person:alex')
      const desired = { name: 'ci', person: 'ci:shop', roles: [], scopes: ['deploy'], expiresAt: null }
      const sent = { secret, path: '/tokens', body: desired, key: 'k1' }
      const answers = await Promise.all(Array.from({ length: 12 }, () => send(sent)))
      assert.equal(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size, 1)
      const issued = JSON.parse(answers[0]!.text) as { secret: string; token: { id: string } }
      assert.equal((await opened.store.tokens()).filter(({ name }) => name === 'ci').length, 1)
      assert.equal((await tokens.authenticate(issued.secret))?.token, issued.token.id)
      const kept = await opened.store.recall({ owner: 'person:alex', key: 'k1', fingerprint: '' })
      assert.equal(kept.kind, 'other')
      const everything = JSON.stringify([await opened.store.readAll(0, 100), await opened.store.tokens()])
      assert(!everything.includes(issued.secret))
    })
  })
}
