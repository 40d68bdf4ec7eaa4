import { StoreUnavailableError } from '../ports/store.ts'
import { costOf, createBudget } from './budget.ts'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PROBLEMS } from '../errors.ts'
import { CONTROL_PLANE, includesScope, SCOPES, type Scope } from '../ports/identity.ts'
import { exampleDelivery, exampleEnvironment } from '../testing/example-rollout.ts'
import { testApp } from '../testing/http-app.ts'
import { policy, rehearsal, request, ROUTES } from '../testing/http-routes.ts'
import { createFailureLimiter } from './limiter.ts'
import { ProblemBody } from './schemas.ts'

async function problemOf(response: Response) {
  assert.equal(response.headers.get('content-type'), 'application/problem+json')
  return ProblemBody.parse(await response.json())
}

/** Who may use what, said apart from the code that decides it. */
const MAY: Readonly<Record<Scope, readonly Scope[]>> = {
  read: ['read', 'deploy', 'approve', 'intervene', 'policy', 'admin'],
  deploy: ['deploy', 'admin'],
  approve: ['approve', 'admin'],
  intervene: ['intervene', 'deploy', 'admin'],
  policy: ['policy', 'admin'],
  admin: ['admin'],
}

/** Everything in `shop` `prod`. */
async function shop() {
  const there = testApp()
  there.fake.put('r-1')
  there.fake.environments = [exampleEnvironment()]
  await there.fake.setPolicy({ ...policy, source: request.spec }, { id: 'person:root', roles: [] })
  await there.fake.recordRehearsal(rehearsal, { id: 'ci:github', roles: [] })
  there.fake.delivered = [exampleDelivery()]
  const ask = async (what: string, secret: string, body?: object) => {
    const response = await there.call(what, secret, body)
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') ?? false
    const text = isStream ? '' : await response.text()
    if (isStream) await response.body?.cancel()
    return { status: response.status, text }
  }
  return { ...there, ask }
}

/** Who comes here has no token yet: test/integration/ci-login.test.ts. */
const LOGIN = '/api/v1/login/ci'

describe('who may do what', () => {
  it('lists every route that is served', () => {
    const isAsked = (path: string) => path.startsWith('/api/') && path !== LOGIN
    const served = testApp().app.routes.filter(({ method, path }) => method !== 'ALL' && isAsked(path))
    const listed = ROUTES.map(([method, path]) => {
      const named = path.replace(/shop\/v1$/, ':service/:version').replace(/shop\/sha256:\w+$/, ':service/:digest')
      const pattern = named.replace(/r-1|i-1|tok_x/, ':id').replace('shop/prod', ':service/:environment')
      return `${method} ${pattern.split('?')[0]}`
    })
    const routes = new Set(served.map(({ method, path }) => `${method} ${path}`))
    assert.deepEqual([...routes].toSorted(), [...new Set(listed)].toSorted())
  })

  for (const [method, path, scope, beyond, body] of ROUTES) {
    it(`${method} ${path}: scope ${scope} or one that includes it, nobody else`, async () => {
      const { ask, call, token: issue } = await shop()
      for (const held of SCOPES) {
        const { status } = await ask(`${method} ${path}`, await issue([held]), body)
        assert.equal(status === 403, !MAY[scope].includes(held), `${held}: ${status}`)
        assert(![400, 401].includes(status) && status < 500, `${held}: ${status}`)
      }
      assert.equal((await problemOf(await call(`${method} ${path}`, null, body))).status, 401)
    })

    it(`${method} ${path}: beyond a token's reach it is ${beyond}`, async () => {
      const { ask, tokens } = await shop()
      const issue = async (reach: object) => {
        const request = {
          name: 'x',
          person: 'person:alex',
          roles: [],
          scopes: ['admin'],
          expiresAt: null,
          ...reach,
        } as const
        const issued = await tokens.issue(request, CONTROL_PLANE)
        assert(issued.ok)
        return issued.value.secret
      }
      const both = { services: ['shop'], environments: ['prod'] }
      for (const reach of [{ services: ['shop'] }, { environments: ['prod', 'dev'] }, both]) {
        const { status, text } = await ask(`${method} ${path}`, await issue(reach), body)
        assert.equal(status === 403, beyond === 'everywhere', JSON.stringify(reach))
        if (beyond === 'hidden') assert.match(text, /"(shop|r-1)"/)
      }
      for (const reach of [{ services: ['till'] }, { environments: ['dev'] }, { ...both, environments: ['dev'] }]) {
        const { status, text } = await ask(`${method} ${path}`, await issue(reach), body)
        const isElsewhere = beyond !== 'of-service' || ('services' in reach && !reach.services.includes('shop'))
        assert.equal(status === 403, beyond !== 'hidden' && isElsewhere, `${JSON.stringify(reach)}: ${status}`)
        if (beyond === 'hidden') assert.doesNotMatch(text, /"(shop|r-1)"/)
      }
    })
  }

  it('includes scopes as documented', () => {
    const matrix = SCOPES.map((held) => SCOPES.filter((wanted) => includesScope([held], wanted)))
    assert.deepEqual(
      matrix,
      SCOPES.map((held) => SCOPES.filter((wanted) => MAY[wanted].includes(held))),
    )
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

describe('what one token may cost', () => {
  it('is limited for reading alone: others are answered, and so is its own rollback', async () => {
    let now = 0
    const { call, token, fake } = testApp({ now: () => now, limits: { readsPerMinute: 1200 } })
    fake.put('r-1')
    const [greedy, other] = [await token(['deploy']), await token(['read'])]
    const asked = async (secret: string, what = 'GET /api/v1/audit/verify') => (await call(what, secret)).status
    assert.deepEqual([await asked(greedy), await asked(greedy), await asked(greedy)], [200, 200, 429])
    const refused = await call('GET /api/v1/status', greedy)
    const { type, detail } = await problemOf(refused)
    assert.deepEqual([refused.status, type], [429, 'urn:stellwerk:problem:rate-limited'])
    assert.match(detail, /Rollback, abort and approvals are not counted/)
    assert.equal(await asked(other), 200)
    assert.notEqual((await call('POST /api/v1/rollouts/r-1/rollback', greedy, { reason: 'bad' })).status, 429)
    now += Number(refused.headers.get('retry-after')) * 1000
    assert.equal(await asked(greedy, 'GET /api/v1/status'), 200)
  })

  it('is one verification at a time, whoever asks', async () => {
    const { call, token, fake } = testApp()
    let [running, most, all] = [0, 0, 0]
    const verify = fake.verifyAudit.bind(fake)
    fake.verifyAudit = async () => {
      most = Math.max(most, ++running)
      all++
      await new Promise((resolve) => setImmediate(resolve))
      running--
      return verify()
    }
    const secrets = await Promise.all(Array.from({ length: 8 }, () => token(['read'])))
    const answers = await Promise.all(secrets.map((secret) => call('GET /api/v1/audit/verify', secret)))
    assert.deepEqual(
      answers.map(({ status }) => status),
      secrets.map(() => 200),
    )
    assert.deepEqual([most, all], [1, 1])
  })

  it('is counted per token and refilled evenly', () => {
    const budget = createBudget(60)
    assert.deepEqual([budget.take('a', 60, 0), budget.take('a', 1, 0), budget.take('b', 60, 0)], [0, 1000, 0])
    assert.deepEqual([budget.take('a', 2, 1000), budget.take('a', 1, 1000)], [1000, 0])
    assert.deepEqual(
      [
        'GET /api/v1/audit/verify',
        'POST /api/v1/rollouts',
        'POST /api/v1/rollouts/x/rollback',
        'GET /api/v1/rollouts',
      ].map((call) => costOf(call.split(' ')[0]!, call.split(' ')[1]!)),
      [600, 0, 0, 1],
    )
  })
})

describe('a database that is away', () => {
  it('is answered with 503, when to ask again, and what serves meanwhile', async () => {
    const { call, token, fake } = testApp()
    const secret = await token(['read'])
    fake.status = async () => {
      throw new StoreUnavailableError('transient', 'the database cannot be reached; nothing was changed', null)
    }
    const refused = await call('GET /api/v1/status', secret)
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '2'])
    assert.match(
      (await problemOf(refused)).detail,
      /its database is down.*cannot be reached.*What serves users goes on/,
    )
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
