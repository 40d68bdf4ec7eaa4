/** What every smoke suite runner does, checked against a small service that this suite starts itself. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import type { PlannedSmoke } from '../core/plan.ts'
import type { SmokeReport } from '../core/rollout/inputs.ts'
import type { Smoke } from '../ports/smoke.ts'

export type SmokeSetUp = {
  /** A runner for which the secrets named here, as variables of the control plane, have these values. */
  create(secrets: Readonly<Record<string, string>>): Promise<Smoke>
}

const TOKEN = 'test-token-9f86d081'
const SIGNAL = new AbortController().signal
/** What the component has: one of them leads nowhere. */
export const SECRETS = {
  TEST_TOKEN: { kind: 'env', name: 'TEST_TOKEN' },
  MISSING: { kind: 'env', name: 'MISSING' },
} as const

/** A service of the kind the runbooks describe: tokens, a plan limit, a device proof, a dry run. */
export type StampService = { readonly url: string; readonly stamps: () => number; readonly seen: IncomingMessage[] }

export async function givenService(context: TestContext): Promise<StampService> {
  let stamps = 0
  const seen: IncomingMessage[] = []
  const server = createServer((request, response) => {
    seen.push(request)
    void claim(request, response, () => (stamps += 1))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stamps: () => stamps, seen }
}

async function claim(request: IncomingMessage, response: ServerResponse, stamp: () => void): Promise<void> {
  const answer = (status: number, body: unknown) => response.writeHead(status).end(JSON.stringify(body))
  if (request.url === '/redirect') return void response.writeHead(302, { Location: '/health' }).end()
  if (request.url === '/slow') return
  if (request.url === '/endless') return void setInterval(() => response.write('x'.repeat(100_000)), 1).unref()
  if (request.url === '/text') return void response.end('plain text')
  if (request.url === '/echo') return void answer(200, { token: request.headers.authorization, long: 'y'.repeat(1000) })
  if (request.url === '/health') return void answer(200, { ok: true, items: [{ id: 5 }, { id: 'b' }], nothing: null })
  if (request.headers.authorization !== `Bearer ${TOKEN}`) return void answer(401, { error: 'no token' })
  const { device, plan } = JSON.parse((await text(request)) || '{}') as { device?: string; plan?: string }
  if (device === 'bad') return void answer(401, { error: 'device proof failed' })
  if (plan === 'starter') return void answer(403, { error: 'plan limit' })
  if (request.headers['dry-run'] !== 'true') stamp()
  answer(200, { ok: true })
}

export function check(change: Partial<PlannedSmoke> = {}): PlannedSmoke {
  return {
    name: 'health',
    component: 'api',
    method: 'GET',
    path: '/health',
    headers: {},
    body: null,
    expect: { status: [200], json: {} },
    dryRun: false,
    timeoutMs: 2000,
    ...change,
  }
}

function claimCheck(name: string, body: PlannedSmoke['body'], status: number): PlannedSmoke {
  const headers = { Authorization: { secret: 'TEST_TOKEN' } }
  const expect = { status: [status], json: {} }
  return check({ name, method: 'POST', path: '/v1/stamps/claim', headers, body, expect, dryRun: true })
}

export function smokeContract(name: string, { create }: SmokeSetUp): void {
  const created = create({ TEST_TOKEN: `Bearer ${TOKEN}` })
  const smoke: Pick<Smoke, 'run'> = { run: async (run) => (await created).run(run) }

  async function report(baseUrls: readonly string[], checks: readonly PlannedSmoke[]): Promise<SmokeReport> {
    const result = await smoke.run({ baseUrls, checks, secrets: SECRETS, signal: SIGNAL })
    assert.ok(result.ok, result.ok ? '' : result.message)
    return result.value
  }

  async function red(url: string, change: Partial<PlannedSmoke>) {
    const { passed, checks } = await report([url], [check(change)])
    assert.equal(passed, false)
    assert.equal(checks[0]!.passed, false)
    return checks[0]!
  }

  test(`[R-D05] ${name}: passes with test tokens and the refusals that are expected, and changes no data in a dry run`, async (t) => {
    const { url, stamps } = await givenService(t)
    const suite = [
      check(),
      claimCheck('claim', { device: 'good' }, 200),
      claimCheck('plan limit', { plan: 'starter' }, 403),
      claimCheck('device proof', { device: 'bad' }, 401),
    ]
    for (const _ of [1, 2]) {
      const { passed, checks } = await report([url], suite)
      assert.ok(passed, JSON.stringify(checks))
      assert.deepEqual(
        checks.map(({ name, actual }) => [name, actual]),
        [
          ['health', 'status 200'],
          ['claim', 'status 200'],
          ['plan limit', 'status 403'],
          ['device proof', 'status 401'],
        ],
      )
    }
    assert.equal(stamps(), 0)
  })

  test(`[R-D05] ${name}: a refusal that no longer comes is red`, async (t) => {
    const { url } = await givenService(t)
    const { passed, checks } = await report([url], [check(), claimCheck('plan limit', { plan: 'pro' }, 403)])
    assert.equal(passed, false)
    assert.deepEqual(
      checks.map((one) => one.passed),
      [true, false],
    )
    assert.equal(checks[1]!.expected, 'status 403')
    assert.equal(checks[1]!.actual, 'status 200, body {"ok":true}')
  })

  test(`${name}: runs every check against every base URL`, async (t) => {
    const services = [await givenService(t), await givenService(t)]
    const { checks } = await report(
      services.map(({ url }) => `${url}/`),
      [check(), check({ name: 'second' })],
    )
    assert.deepEqual(
      checks.map((one) => [one.url, one.name]),
      services.flatMap(({ url }) => ['health', 'second'].map((check) => [`${url}/health`, check])),
    )
    for (const { seen } of services) assert.equal(seen.length, 2)
  })

  test(`${name}: one red instance makes the suite red`, async (t) => {
    const { url } = await givenService(t)
    const { passed, checks } = await report([url, 'http://127.0.0.1:1'], [check()])
    assert.equal(passed, false)
    assert.deepEqual(
      checks.map((one) => one.passed),
      [true, false],
    )
  })

  test(`${name}: nothing tested is not passed`, async (t) => {
    const { url } = await givenService(t)
    const none = await smoke.run({ baseUrls: [url], checks: [], secrets: SECRETS, signal: SIGNAL })
    assert.ok(!none.ok && none.kind === 'permanent', 'no checks')
    assert.match(none.message, /nothing tested is not passed/)
    const nowhere = await smoke.run({ baseUrls: [], checks: [check()], secrets: SECRETS, signal: SIGNAL })
    assert.ok(!nowhere.ok, 'no base URLs')
    assert.match(nowhere.message, /base URLs is empty/)
  })

  test(`${name}: a refused connection, a redirect and a slow answer are red, not errors`, async (t) => {
    const { url } = await givenService(t)
    assert.match((await red('http://127.0.0.1:1', {})).actual, /no answer: .*ECONNREFUSED/)
    assert.equal((await red(url, { path: '/redirect' })).actual, 'status 302, no body')
    assert.equal((await red(url, { path: '/slow', timeoutMs: 100 })).actual, 'no complete answer within 100 ms')
  })

  test(`${name}: an endless body is read only so far`, async (t) => {
    const { url } = await givenService(t)
    const { durationMs } = await red(url, { path: '/endless', expect: { status: [500], json: {} }, timeoutMs: 10_000 })
    assert.ok(durationMs < 9000)
  })

  test(`${name}: compares the JSON body by path, and says what stood there`, async (t) => {
    const { url } = await givenService(t)
    const json = {
      '$.ok': true,
      '$.items[0].id': 5,
      '$.items[1]': { id: 'b' },
      '$.items': { exists: true },
      '$.nothing': null,
      '$.error': { exists: false },
    }
    assert.ok((await report([url], [check({ expect: { status: [200, 204], json } })])).passed)
    const wrong = await red(url, { expect: { status: [200], json: { '$.items[0].id': 6 } } })
    assert.equal(wrong.expected, 'status 200, $.items[0].id is 6')
    assert.match(wrong.actual, /^status 200, \$\.items\[0\]\.id is 5, body \{"ok":true/)
    const missing = await red(url, { expect: { status: [200], json: { '$.id': { exists: true } } } })
    assert.match(missing.actual, /\$\.id is missing/)
    const noJson = await red(url, { path: '/text', expect: { status: [200], json: { '$.ok': true } } })
    assert.equal(noJson.actual, 'status 200, the body is no JSON, body plain text')
  })

  test(`${name}: shows at most 200 characters of a body, and no secret`, async (t) => {
    const { url } = await givenService(t)
    const headers = { Authorization: { secret: 'TEST_TOKEN' } }
    const { actual } = await red(url, { path: '/echo', headers, expect: { status: [500], json: {} } })
    assert.ok(actual.length <= 201, actual)
    assert.match(actual, /\[redacted\]/)
    assert.ok(!actual.includes(TOKEN))
  })

  test(`${name}: a secret that cannot be read, or a path that is none, keeps the suite from running`, async (t) => {
    const { url, seen } = await givenService(t)
    const headers = { Authorization: { secret: 'MISSING' } }
    const secret = await smoke.run({ baseUrls: [url], checks: [check({ headers })], secrets: SECRETS, signal: SIGNAL })
    assert.ok(!secret.ok)
    assert.match(secret.message, /smoke check "health", header Authorization: .*MISSING/)
    const expect = { status: [200], json: { 'items..id': 1 } }
    const path = await smoke.run({ baseUrls: [url], checks: [check({ expect })], secrets: SECRETS, signal: SIGNAL })
    assert.ok(!path.ok && path.kind === 'permanent')
    assert.match(path.message, /smoke check "health": "items\.\.id" is no path/)
    assert.equal(seen.length, 0, 'nothing was sent')
  })

  test(`${name}: a run that is cut short is a failure, not a report`, async (t) => {
    const { url } = await givenService(t)
    const signal = AbortSignal.timeout(100)
    const result = await smoke.run({
      baseUrls: [url],
      checks: [check({ path: '/slow', timeoutMs: 5000 })],
      secrets: SECRETS,
      signal,
    })
    assert.ok(!result.ok)
    assert.match(result.message, /cut short/)
  })
}
