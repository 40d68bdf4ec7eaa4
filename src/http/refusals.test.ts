import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PROBLEMS } from '../errors.ts'
import { includesScope, SCOPES, type Scope } from '../ports/identity.ts'
import { exampleArtifact } from '../testing/example-rollout.ts'
import { testApp } from '../testing/http-app.ts'
import { createFailureLimiter } from './limiter.ts'
import { ProblemBody } from './schemas.ts'

async function problemOf(response: Response) {
  assert.equal(response.headers.get('content-type'), 'application/problem+json')
  return ProblemBody.parse(await response.json())
}

const request = {
  spec: { text: 'service: shop', file: 'stellwerk.yaml', folder: '/srv' },
  environment: 'prod',
  artifact: exampleArtifact(),
  flags: {},
}
const token = { name: 'x', person: 'ci:x', roles: [], scopes: ['read'], expiresAt: null }

/** Every route with the least scope that may use it, and a body that it takes. */
const ROUTES: readonly (readonly [method: string, path: string, scope: Scope, body?: object])[] = [
  ['POST', '/api/v1/plan', 'read', request],
  ['POST', '/api/v1/rollouts', 'deploy', request],
  ['GET', '/api/v1/rollouts', 'read'],
  ['GET', '/api/v1/rollouts/r-1', 'read'],
  ['GET', '/api/v1/rollouts/r-1/events', 'read'],
  ['GET', '/api/v1/rollouts/r-1/logs', 'read'],
  ['POST', '/api/v1/rollouts/r-1/approve', 'approve', {}],
  ['POST', '/api/v1/rollouts/r-1/reject', 'approve', { reason: 'x' }],
  ['POST', '/api/v1/rollouts/r-1/pause', 'deploy', { reason: 'x' }],
  ['POST', '/api/v1/rollouts/r-1/resume', 'deploy', {}],
  ['POST', '/api/v1/rollouts/r-1/promote', 'deploy', {}],
  ['POST', '/api/v1/rollouts/r-1/abort', 'deploy', { reason: 'x' }],
  ['POST', '/api/v1/rollouts/r-1/roll-back', 'deploy', { reason: 'x' }],
  ['POST', '/api/v1/rollouts/r-1/resolve', 'deploy', { note: 'x' }],
  ['GET', '/api/v1/status', 'read'],
  ['GET', '/api/v1/events', 'read'],
  ['GET', '/api/v1/audit/verify', 'read'],
  ['GET', '/api/v1/audit/checkpoint', 'read'],
  ['GET', '/api/v1/audit/export', 'read'],
  ['POST', '/api/v1/tokens', 'admin', token],
  ['GET', '/api/v1/tokens', 'admin'],
  ['DELETE', '/api/v1/tokens/tok_x', 'admin'],
]

describe('who may do what', () => {
  it('lists every route that is served', () => {
    const served = testApp().app.routes.filter(({ method, path }) => method !== 'ALL' && path.startsWith('/api/'))
    const listed = ROUTES.map(([method, path]) => `${method} ${path.replace(/r-1|tok_x/, ':id')}`)
    assert.deepEqual([...new Set(served.map(({ method, path }) => `${method} ${path}`))].sort(), listed.sort())
  })

  for (const [method, path, scope, body] of ROUTES) {
    it(`${method} ${path}: scope ${scope} or one that includes it, nobody else`, async () => {
      const { call, token: issue, fake } = testApp()
      fake.put('r-1')
      for (const held of SCOPES) {
        const response = await call(`${method} ${path}`, await issue([held]), body)
        if (includesScope([held], scope)) assert(![401, 403].includes(response.status), `${held}: ${response.status}`)
        else assert.equal((await problemOf(response.clone())).status, 403, held)
        await response.body?.cancel()
      }
      assert.equal((await problemOf(await call(`${method} ${path}`, null, body))).status, 401)
    })
  }

  it('includes scopes as documented', () => {
    const matrix = SCOPES.map((held) => SCOPES.filter((wanted) => includesScope([held], wanted)))
    assert.deepEqual(matrix, [
      ['read'],
      ['read', 'deploy'],
      ['read', 'approve'],
      ['read', 'deploy', 'approve', 'admin'],
    ])
    assert.equal(includesScope([], 'read'), false)
  })

  it('denies unknown addresses under /api without a token: nobody learns what exists', async () => {
    const { call } = testApp()
    const refused = await call('GET /api/v1/nothing', null)
    assert.equal((await problemOf(refused)).status, 401)
    assert.match(refused.headers.get('www-authenticate')!, /^Bearer/)
  })
})

describe('failed authentication', () => {
  it('is limited per address, while a valid token is still let in', async () => {
    const { call, token } = testApp({ now: () => 1_000_000, limits: { authFailuresPerMinute: 3 } })
    const good = await token(['read'])
    const wrong = `stw_${'A'.repeat(43)}`
    const statuses = []
    for (let i = 0; i < 5; i += 1) statuses.push((await call('GET /api/v1/status', wrong)).status)
    assert.deepEqual(statuses, [401, 401, 401, 429, 429])
    const limited = await call('GET /api/v1/status', wrong)
    assert.equal((await problemOf(limited)).type, 'urn:stellwerk:problem:rate-limited')
    assert(Number(limited.headers.get('retry-after')) >= 1)
    assert.equal((await call('GET /api/v1/status', good)).status, 200)
  })

  it('is forgiven with time: one more try per share of the minute', () => {
    const limiter = createFailureLimiter(2)
    const limited = (now: number) => limiter.failed('a', now).limited
    assert.deepEqual([limited(0), limited(0), limited(0)], [false, false, true])
    assert.equal(limited(29_999), true)
    assert.equal(limited(59_999), false)
    assert.equal(limiter.failed('b', 0).limited, false)
  })
})

describe('what cannot be read', () => {
  it('answers 404 for unknown paths and 405 with Allow for known ones', async () => {
    const { call, token } = testApp()
    const secret = await token(['admin'])
    assert.equal((await problemOf(await call('GET /nothing', null))).status, 404)
    assert.equal((await problemOf(await call('GET /api/v1/rollouts/none', secret))).status, 404)
    const wrong = await call('DELETE /api/v1/rollouts', secret)
    assert.equal((await problemOf(wrong)).status, 405)
    assert.deepEqual(wrong.headers.get('allow')!.split(', ').sort(), ['GET', 'POST'])
    assert.equal((await call('POST /health', null)).status, 405)
  })

  it('answers 400 for text that is no JSON, naming no internals', async () => {
    const { call, token } = testApp()
    const refused = await problemOf(await call('POST /api/v1/plan', await token(['read']), '{"spec":'))
    assert.equal(refused.status, 400)
    assert.doesNotMatch(JSON.stringify(refused), /at .*\.(ts|js):/)
  })

  it('names the place of every wrong member', async () => {
    const { call, token } = testApp()
    const wrong = { ...request, environment: '', artifact: { ...request.artifact, commit: 7 } }
    const refused = await problemOf(await call('POST /api/v1/plan', await token(['read']), wrong))
    assert.deepEqual(refused.problems.map(({ where }) => where).sort(), ['body.artifact.commit', 'body.environment'])
  })

  it('answers 415 for another content type', async () => {
    const { app, token } = testApp()
    const headers = { Authorization: `Bearer ${await token(['read'])}`, 'Content-Type': 'text/yaml' }
    const response = await app.request('/api/v1/plan', { method: 'POST', headers, body: 'a: b' })
    assert.equal((await problemOf(response)).status, 415)
  })

  it('answers 413 above the body limit, declared or streamed', async () => {
    const { app, call, token } = testApp({ limits: { bodyBytes: 200 } })
    const secret = await token(['read'])
    const big = { ...request, flags: { a: 'x'.repeat(500) } }
    assert.equal((await problemOf(await call('POST /api/v1/plan', secret, big))).status, 413)
    const stream = new Blob([JSON.stringify(big)]).stream()
    const headers = { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' }
    const streamed = await app.request('/api/v1/plan', {
      method: 'POST',
      headers,
      body: stream,
      duplex: 'half',
    } as object)
    assert.equal((await problemOf(streamed)).status, 413)
  })

  it('answers 500 with a request id, and the cause in the log only', async () => {
    const { call, token, fake, logged } = testApp()
    fake.status = () => Promise.reject(new Error('password=hunter2 in a driver message'))
    const refused = await problemOf(await call('GET /api/v1/status', await token(['read'])))
    assert.equal(refused.status, 500)
    assert.doesNotMatch(JSON.stringify(refused), /hunter2|\.ts/)
    const line = logged.find(({ message }) => message === 'request failed')!
    assert.equal((line.data as { requestId: string }).requestId, refused.requestId)
  })

  it('uses a status for one kind of problem only', () => {
    const statuses = Object.values(PROBLEMS).map(({ status }) => status)
    assert.equal(new Set(statuses).size, statuses.length)
  })
})
