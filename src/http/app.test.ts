import { type Alarm, alarm, type PlacedAlarm } from '../core/alarm.ts'
import { quote, verbatim } from '../core/say.ts'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { z } from '@hono/zod-openapi'
import { instant } from '../core/time.ts'
import { exampleArtifact, exampleEnvironment } from '../testing/example-rollout.ts'
import { testApp } from '../testing/http-app.ts'
import {
  AuditReportBody,
  IssuedTokenBody,
  LogLineBody,
  PlanPreviewBody,
  ProblemBody,
  StoredEventBody,
  TokenBody,
} from './schemas.ts'
import { EnvironmentBody, ReadinessBody, RolloutBody } from './view-schemas.ts'

const planRequest = {
  spec: { text: 'service: shop\n', file: 'stellwerk.yaml', folder: '/srv/shop' },
  environment: 'prod',
  artifact: exampleArtifact(),
  flags: { color: 'red' },
}

async function body<S extends z.ZodType>(response: Response, schema: S): Promise<z.output<S>> {
  return schema.parse(await response.json())
}

/** The problem a response is, checked for the form that all have. */
async function problemOf(response: Response) {
  assert.equal(response.headers.get('content-type'), 'application/problem+json')
  const problem = await body(response, ProblemBody)
  assert.equal(problem.status, response.status)
  return problem
}

describe('rollouts over HTTP', () => {
  it('plans with environment, artifact and flag values', async () => {
    const { call, token } = testApp()
    const response = await call('POST /api/v1/plan', await token(['read']), planRequest)
    assert.equal(response.status, 200)
    const { plan } = await body(response, PlanPreviewBody)
    assert.equal(plan.environment, 'prod')
    assert.deepEqual(plan.flags, { color: 'red' })
  })

  it('starts a rollout on behalf of the token’s person and says where it is', async () => {
    const { call, token, tokens, fake } = testApp()
    const secret = await token(['deploy'], 'person:alex', ['maintainer'])
    const [{ id } = { id: '' }] = await tokens.list()
    const response = await call('POST /api/v1/rollouts', secret, planRequest)
    assert.equal(response.status, 201)
    const rollout = await body(response, RolloutBody)
    assert.equal(response.headers.get('location'), `/api/v1/rollouts/${rollout.id}`)
    assert.deepEqual(fake.asked[0]!.by, { id: 'person:alex', roles: ['maintainer'], token: id })
    assert.deepEqual(fake.asked[0]!.request, planRequest)
  })

  it('answers the same rollout for the same Idempotency-Key of the same person only', async () => {
    const { call, token } = testApp()
    const alex = await token(['deploy'], 'person:alex')
    const kim = await token(['deploy'], 'person:kim')
    const start = async (secret: string, key: string) =>
      body(await call('POST /api/v1/rollouts', secret, planRequest, { 'Idempotency-Key': key }), RolloutBody)
    const first = await start(alex, 'k1')
    assert.equal((await start(alex, 'k1')).id, first.id)
    assert.notEqual((await start(alex, 'k2')).id, first.id)
    assert.notEqual((await start(kim, 'k1')).id, first.id)
  })

  it('lists by service and environment, newest first, at most limit', async () => {
    const { call, token, fake } = testApp()
    fake.put('r-1')
    fake.put('r-2', { environment: 'stage' })
    fake.put('r-3')
    const secret = await token(['read'])
    const ids = async (query: string) =>
      (await body(await call(`GET /api/v1/rollouts${query}`, secret), RolloutBody.array())).map(({ id }) => id)
    assert.deepEqual(await ids(''), ['r-3', 'r-2', 'r-1'])
    assert.deepEqual(await ids('?environment=prod'), ['r-3', 'r-1'])
    assert.deepEqual(await ids('?service=other'), [])
    assert.deepEqual(await ids('?limit=1'), ['r-3'])
    assert.equal((await call('GET /api/v1/rollouts?limit=0', secret)).status, 400)
  })

  it('answers 304 while a rollout is unchanged', async () => {
    const { call, token, fake } = testApp()
    fake.put('r-1')
    const secret = await token(['read'])
    const first = await call('GET /api/v1/rollouts/r-1', secret)
    const etag = first.headers.get('etag')!
    const again = await call('GET /api/v1/rollouts/r-1', secret, undefined, { 'If-None-Match': `W/"x", ${etag}` })
    assert.equal(again.status, 304)
    assert.equal(await again.text(), '')
    fake.put('r-1', { phase: 'gates' })
    const changed = await call('GET /api/v1/rollouts/r-1', secret, undefined, { 'If-None-Match': etag })
    assert.equal(changed.status, 200)
    assert.equal((await body(changed, RolloutBody)).phase, 'gates')
  })

  it('[R-D15] hands out events page by page, and logs', async () => {
    const { call, token, fake } = testApp()
    fake.put('r-1')
    for (let i = 0; i < 5; i += 1) fake.append('r-1', 'Resumed', { by: `person:p${i}` })
    fake.append('r-2', 'Resumed', { by: 'person:other' })
    const of = { component: 'api', release: 'r-1', version: 'v2', slot: 'green', instance: 'instance-0' } as const
    fake.logLines = [{ at: 1, ...of, stream: 'out', text: 'listening' }]
    const secret = await token(['read'])
    const page = await call('GET /api/v1/rollouts/r-1/events?after=2&limit=2', secret)
    assert.deepEqual(
      (await body(page, StoredEventBody.array())).map(({ position }) => position),
      [3, 4],
    )
    const logs = await call('GET /api/v1/rollouts/r-1/logs?lines=10', secret)
    assert.deepEqual(await body(logs, LogLineBody.array()), fake.logLines)
    const later = await call('GET /api/v1/rollouts/r-1/logs?since=2&component=api', secret)
    assert.deepEqual(await body(later, LogLineBody.array()), [])
  })

  it('shows environments by service and environment', async () => {
    const { call, token, fake } = testApp()
    fake.environments = [exampleEnvironment(), exampleEnvironment({ environment: 'stage' })]
    const response = await call('GET /api/v1/status?environment=stage', await token(['read']))
    const [only, ...rest] = await body(response, EnvironmentBody.array())
    assert.equal(only!.environment, 'stage')
    assert.equal(rest.length, 0)
  })
})

const SEEN = { rollout: 'r-1', identity: 'sha256:artifact', planHash: 'sha256:plan' }

describe('intents over HTTP', () => {
  const requests = [
    ['approve', 'approve', { approval: 'owner', seen: SEEN }, { type: 'approve', approval: 'owner', seen: SEEN }],
    ['approve', 'approve', { seen: SEEN }, { type: 'approve', approval: null, seen: SEEN }],
    ['reject', 'approve', { reason: 'no' }, { type: 'reject', reason: 'no' }],
    ['pause', 'intervene', { reason: 'wait' }, { type: 'pause', reason: 'wait' }],
    ['resume', 'intervene', {}, { type: 'resume' }],
    ['promote', 'intervene', {}, { type: 'promote' }],
    ['abort', 'intervene', { reason: 'bad' }, { type: 'abort', reason: 'bad' }],
    ['roll-back', 'intervene', { reason: 'bad' }, { type: 'roll-back', reason: 'bad', cause: 'person' }],
    [
      'roll-back',
      'intervene',
      { reason: 'x', cause: 'incident' },
      { type: 'roll-back', reason: 'x', cause: 'incident' },
    ],
    ['resolve', 'intervene', { note: 'done' }, { type: 'resolve', note: 'done' }],
  ] as const

  for (const [verb, scope, sent, intent] of requests) {
    it(`[R-D13] passes on ${verb} ${JSON.stringify(sent)}`, async () => {
      const { call, token, tokens, fake } = testApp()
      fake.put('r-1')
      const response = await call(`POST /api/v1/rollouts/r-1/${verb}`, await token([scope], 'person:sam'), sent)
      const [{ id } = { id: '' }] = await tokens.list()
      assert.equal(response.status, 200)
      assert.equal((await body(response, RolloutBody)).id, 'r-1')
      assert.deepEqual(fake.intents, [{ rollout: 'r-1', intent, by: { id: 'person:sam', roles: [], token: id } }])
    })
  }

  it('takes no approval that does not say what was shown, of which rollout', async () => {
    const { call, token, fake } = testApp()
    fake.put('r-1')
    const secret = await token(['approve'])
    const { planHash: _, ...partial } = SEEN
    for (const wrong of [
      {},
      { approval: null },
      { seen: {} },
      { seen: partial },
      { seen: { ...SEEN, identity: '' } },
    ]) {
      const refused = await problemOf(await call('POST /api/v1/rollouts/r-1/approve', secret, wrong))
      assert.equal(refused.status, 400)
      assert.match(refused.problems[0]!.where, /^body\.seen/)
    }
    assert.deepEqual(fake.intents, [])
  })

  it('asks for a reason, and takes nothing it does not know', async () => {
    const { call, token, fake } = testApp()
    fake.put('r-1')
    const secret = await token(['deploy'])
    for (const wrong of [{}, { reason: '' }, { reason: 'x', force: true }]) {
      const refused = await problemOf(await call('POST /api/v1/rollouts/r-1/abort', secret, wrong))
      assert.equal(refused.status, 400)
      assert.match(refused.problems[0]!.where, /^body/)
    }
    assert.deepEqual(fake.intents, [])
  })

  for (const [kind, status] of [
    ['invalid', 422],
    ['not-found', 404],
    ['not-allowed', 403],
    ['conflict', 409],
    ['unavailable', 503],
  ] as const) {
    it(`answers ${status} when the control plane refuses as ${kind}, with every problem`, async () => {
      const { call, token, fake } = testApp()
      fake.put('r-1')
      const problems = [{ where: 'approvals.maintainer', message: 'the requester may not approve' }]
      fake.refusals.intend = { ok: false, kind, message: 'why', problems }
      const refused = await problemOf(await call('POST /api/v1/rollouts/r-1/resume', await token(['deploy']), {}))
      assert.equal(refused.status, status)
      assert.equal(refused.type, `urn:stellwerk:problem:${kind}`)
      assert.equal(refused.detail, 'why')
      assert.deepEqual(refused.problems, problems)
    })
  }
})

describe('audit and tokens over HTTP', () => {
  it('verifies, and exports line by line', async () => {
    const { call, token, fake } = testApp()
    fake.append('r-1', 'Resumed', { by: 'person:alex' })
    fake.append('r-1', 'Promoted', { by: 'person:alex' })
    const secret = await token(['read'])
    const report = await body(await call('GET /api/v1/audit/verify', secret), AuditReportBody)
    assert.equal(report.ok, true)
    const text = await (await call('GET /api/v1/audit/export', secret)).text()
    assert.deepEqual(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
      fake.log,
    )
  })

  it('breaks the connection when the export breaks off, so that it never looks complete', async () => {
    const { call, token, fake, logged } = testApp()
    fake.exportAudit = async function* broken() {
      yield 'line 1'
      throw new Error('database gone')
    }
    const response = await call('GET /api/v1/audit/export', await token(['read']))
    await assert.rejects(response.text(), /broke off/)
    assert(logged.some(({ message }) => message === 'audit export failed'))
  })

  it('creates, lists and revokes tokens; the secret is in one answer only', async () => {
    const { call, token } = testApp()
    const admin = await token(['admin'])
    const request = { name: 'ci', person: 'ci:github', roles: [], scopes: ['deploy'], expiresAt: null }
    const created = await call('POST /api/v1/tokens', admin, request)
    assert.equal(created.status, 201)
    const issued = await body(created, IssuedTokenBody)
    assert.equal((await call('GET /api/v1/rollouts', issued.secret)).status, 200)
    const listed = await call('GET /api/v1/tokens', admin)
    const text = await listed.clone().text()
    assert.equal((await body(listed, TokenBody.array())).length, 2)
    assert(!text.includes(issued.secret) && !text.includes('hash'))
    assert.equal((await call(`DELETE /api/v1/tokens/${issued.token.id}`, admin)).status, 200)
    assert.equal((await call('GET /api/v1/rollouts', issued.secret)).status, 401)
    assert.equal((await call('DELETE /api/v1/tokens/tok_none', admin)).status, 404)
  })

  it('refuses a person who is not a pseudonym', async () => {
    const { call, token } = testApp()
    const request = { name: 'x', person: 'alex@example.org', roles: [], scopes: ['read'], expiresAt: null }
    const refused = await problemOf(await call('POST /api/v1/tokens', await token(['admin']), request))
    assert.equal(refused.status, 422)
    assert.equal(refused.problems[0]!.where, 'person')
  })
})

describe('operations over HTTP', () => {
  const gauges = async () => ({
    rolloutsByPhase: { holding: 2, gates: 1 },
    eventsTotal: 77,
    oldestOverdueMs: 1500,
    longestNoDataMs: 7000,
    rolloutsNotDriven: 1,
    environmentsUnwell: 2,
  })

  it('answers health and readiness without a token', async () => {
    const { call, fake } = testApp()
    assert.equal((await call('GET /health', null)).status, 200)
    assert.equal((await call('GET /readiness', null)).status, 200)
    fake.healthy = false
    const unready = await call('GET /readiness', null)
    assert.equal(unready.status, 503)
    assert.equal(((await unready.json()) as { checks: { name: string }[] }).checks[0]!.name, 'database')
  })

  it('says in readiness what is alarmed, stays at 200 for it, and keeps the reasons for those with a token', async () => {
    const { call, fake } = testApp()
    const place = { service: 'shop', environment: 'prod' }
    const told = (kind: Alarm['kind'], what: string, why: string, until: Alarm['until'] = null) =>
      alarm({ kind, since: instant(1000), until }, { what: verbatim(what), why: quote(why) })
    const alarms: readonly PlacedAlarm[] = [
      { ...place, ...told('no-data', 'slot green of api', 'ECONNREFUSED 10.0.0.7', instant(21_000)) },
      { ...place, ...told('unwell', 'api', '0 of 1 instances are ready') },
      { ...place, ...told('not-driven', 'shop-prod-7', 'it throws') },
      { service: null, environment: null, ...told('disk', 'control plane', 'full') },
    ]
    fake.alarms = alarms
    for (const [healthy, status] of [
      [true, 200],
      [false, 503],
    ] as const) {
      fake.healthy = healthy
      const answer = await call('GET /readiness', null)
      assert.equal(answer.status, status)
      const text = await answer.text()
      assert.doesNotMatch(text, /10\.0\.0\.7|"why"|"said"/)
      const body = ReadinessBody.parse(JSON.parse(text))
      assert.equal(body.ok, healthy)
      assert.deepEqual(
        body.alarms.map((each) => ({ ...each, why: '', said: null })),
        alarms.map((each) => ({ ...each, why: '', said: null })),
      )
    }
  })

  it('counts requests by pattern and shows the control plane’s gauges', async () => {
    const { call, token, fake } = testApp({ gauges })
    fake.put('r-1')
    const secret = await token(['read'])
    await call('GET /api/v1/rollouts/r-1', secret)
    await call('GET /api/v1/rollouts/r-1', secret)
    await call('GET /api/v1/rollouts/none', secret)
    const lines = (await (await call('GET /metrics', null)).text()).split('\n')
    for (const line of [
      'stellwerk_http_requests_total{method="GET",route="/api/v1/rollouts/:id",status="200"} 2',
      'stellwerk_rollouts{phase="holding"} 2',
      'stellwerk_events_total 77',
      'stellwerk_overdue_seconds 1.5',
      'stellwerk_no_data_seconds 7',
      'stellwerk_rollouts_not_driven 1',
      'stellwerk_environments_unwell 2',
    ]) {
      assert(lines.includes(line), `${line} in\n${lines.join('\n')}`)
    }
  })

  it('describes every route as OpenAPI 3.1 with its scope', async () => {
    const { app, call } = testApp()
    const document = (await (await call('GET /openapi.json', null)).json()) as {
      openapi: string
      paths: Record<string, Record<string, { security: object[]; responses: object }>>
    }
    assert.equal(document.openapi, '3.1.0')
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    )
    const served = app.routes.filter(
      ({ method, path }) => method !== 'ALL' && (path.startsWith('/api/') || path === '/readiness'),
    )
    assert.deepEqual(described.sort(), [...new Set(served.map(({ method, path }) => `${method} ${path}`))].sort())
    for (const [path, methods] of Object.entries(document.paths)) {
      const tokens = path.startsWith('/api/') && path !== '/api/v1/login/ci' ? 1 : 0
      for (const operation of Object.values(methods)) assert.equal(operation.security.length, tokens, path)
    }
  })
})
