import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Client } from 'pg'
import { build } from '../../examples/lokaltreu/builds.ts'
import { signToken } from '../../examples/lokaltreu/service/accounts.ts'
import { blockable } from '../../examples/lokaltreu/testing/blockable.ts'
import { type Database, startDatabase } from '../../examples/lokaltreu/testing/database.ts'
import { type Instance, startInstance } from '../../examples/lokaltreu/testing/instance.ts'
import { until } from '../../src/testing/until.ts'

let database: Database
let folder: string
let sql: Client
let v1: Instance

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lokaltreu-'))
  await build(['v1', 'v2', 'v4'], folder)
  database = await startDatabase()
  v1 = await startReady('v1', database.url)
  sql = new Client(database.url)
  // The database is stopped on purpose below, and this connection with it.
  sql.on('error', () => {})
  await sql.connect()
})

after(async () => {
  v1?.signal('SIGKILL')
  await sql?.end().catch(() => {})
  await database?.remove()
  await rm(folder, { recursive: true, force: true })
})

async function startReady(name: string, databaseUrl: string): Promise<Instance> {
  const instance = await startInstance(join(folder, name), databaseUrl)
  await until(`${name} ready`, async () => (await fetch(`${instance.url}/readiness`)).ok)
  return instance
}

type Sent = { readonly token?: string; readonly body?: unknown; readonly dryRun?: boolean }

async function post(path: string, { token, body, dryRun }: Sent, to = v1) {
  const headers = { ...(token && { authorization: `Bearer ${token}` }), ...(dryRun && { 'dry-run': 'true' }) }
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? {})
  const answer = await fetch(`${to.url}${path}`, { method: 'POST', headers, body: text })
  return { status: answer.status, headers: answer.headers, json: (await answer.json()) as Record<string, unknown> }
}

async function card(id: string, to = v1): Promise<Record<string, unknown>> {
  const answer = await fetch(`${to.url}/v1/cards/${id}`, { headers: { authorization: 'Bearer test-token' } })
  return (await answer.json()) as Record<string, unknown>
}

async function metric(name: string): Promise<number> {
  const page = await (await fetch(`${v1.url}/metrics`)).text()
  const line = page.split('\n').find((line) => line.startsWith(`${name} `))
  assert.ok(line, `no metric ${name} in:\n${page}`)
  return Number(line.split(' ')[1])
}

const stamp = (card: string, code: string) => ({ card, code })
const token = 'test-token'

test('a stamp is claimed once, redeemed once, and counted on its card', async () => {
  const body = stamp('c-life', 'life-1')
  const reuses = await metric('lokaltreu_token_reuse_total')
  assert.deepEqual((await post('/v1/stamps/claim', { token, body })).json, { ok: true, dryRun: false, ...body })
  assert.deepEqual(await card('c-life'), { ok: true, card: 'c-life', claimed: 1, redeemed: 0 })
  assert.equal((await post('/v1/stamps/claim', { token, body })).status, 409)
  assert.equal((await post('/v1/rewards/redeem', { token, body })).status, 200)
  assert.equal((await post('/v1/rewards/redeem', { token, body })).status, 409)
  assert.deepEqual(await card('c-life'), { ok: true, card: 'c-life', claimed: 1, redeemed: 1 })
  assert.equal((await post('/v1/rewards/redeem', { token, body: stamp('c-life', 'nobody') })).status, 404)
  assert.equal((await metric('lokaltreu_token_reuse_total')) - reuses, 2)
})

test('one code claimed by twenty at once is one stamp', async () => {
  const body = stamp('c-race', 'race-1')
  const answers = await Promise.all(Array.from({ length: 20 }, () => post('/v1/stamps/claim', { token, body })))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  assert.equal(answers.filter(({ status }) => status === 409).length, 19)
})

test('a dry run checks everything and writes nothing', async () => {
  const rows = async () => (await sql.query('select * from lokaltreu.stamps order by code')).rows
  await post('/v1/stamps/claim', { token, body: stamp('c-dry', 'dry-1') })
  const before = await rows()
  const claim = await post('/v1/stamps/claim', { token, body: stamp('c-dry', 'dry-2'), dryRun: true })
  assert.deepEqual([claim.status, claim.json.dryRun], [200, true])
  const redeem = await post('/v1/rewards/redeem', { token, body: stamp('c-dry', 'dry-1'), dryRun: true })
  assert.deepEqual([redeem.status, redeem.json.dryRun], [200, true])
  const reused = await post('/v1/stamps/claim', { token, body: stamp('c-dry', 'dry-1'), dryRun: true })
  assert.equal(reused.status, 409)
  assert.equal((await post('/v1/stamps/claim', { token: 'starter-plan', dryRun: true })).status, 403)
  assert.deepEqual(await rows(), before)
})

for (const [what, sent, status, error] of [
  ['no token', { body: stamp('c', 'x') }, 401, 'missing-token'],
  ['a token nobody issued', { token: 'lt1.e30.forged', body: stamp('c', 'x') }, 401, 'invalid-token'],
  ['a device without proof', { token: 'bad-device', body: stamp('c', 'x') }, 401, 'device-proof'],
  ['a used-up plan', { token: 'starter-plan', body: stamp('c', 'x') }, 403, 'plan-limit'],
  ['a body that is not JSON', { token, body: '{"card":' }, 400, 'bad-json'],
  ['a body without a code', { token, body: { card: 'c' } }, 400, 'bad-stamp'],
  ['a card that is no name', { token, body: stamp('a b', 'x') }, 400, 'bad-stamp'],
  ['a body beyond 16 KiB', { token, body: stamp('c', 'x'.repeat(20_000)) }, 413, 'too-large'],
] as const) {
  test(`${what} is refused with ${status} ${error}`, async () => {
    for (const what of ['stamps/claim', 'rewards/redeem']) {
      const answer = await post(`/v1/${what}`, sent)
      assert.deepEqual([answer.status, answer.json.error], [status, error])
      assert.equal(answer.headers.get('x-version'), 'v1.0.0')
      assert.equal(answer.headers.get('x-slot'), 'green')
    }
  })
}

test('refusals are counted by kind', async () => {
  const read = () =>
    Promise.all([metric('lokaltreu_invalid_tokens_total'), metric('lokaltreu_device_proof_failures_total')])
  const [invalid = 0, device = 0] = await read()
  await post('/v1/stamps/claim', { token: 'nonsense' })
  await post('/v1/stamps/claim', { token: 'bad-device' })
  await post('/v1/stamps/claim', {})
  assert.deepEqual(await read(), [invalid + 1, device + 1])
})

test('a signed starter account books until its plan is used up', async () => {
  const account = { id: 'shop-7', plan: 'starter', deviceProven: true, bookedBefore: 498 } as const
  const token = signToken(account, 'only-for-tests-0123456789-0123456789')
  const statuses = []
  for (const code of ['s-1', 's-2', 's-3']) {
    statuses.push((await post('/v1/stamps/claim', { token, body: stamp('c-starter', code) })).status)
  }
  assert.deepEqual(statuses, [200, 200, 403])
  const forged = signToken({ ...account, plan: 'pro' }, 'another secret')
  assert.equal((await post('/v1/stamps/claim', { token: forged, body: stamp('c-starter', 's-4') })).status, 401)
})

test('the front page, unknown paths and wrong methods say what they are, all with version and slot', async () => {
  const answers = await Promise.all([
    fetch(`${v1.url}/`),
    fetch(`${v1.url}/`, { headers: { accept: 'text/html' } }),
    fetch(`${v1.url}/nowhere`),
    fetch(`${v1.url}/v1/stamps/claim`),
    fetch(`${v1.url}/health`),
  ])
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 404, 405, 200],
  )
  for (const { headers } of answers)
    assert.equal(`${headers.get('x-version')} ${headers.get('x-slot')}`, 'v1.0.0 green')
  const about = (await answers[0]!.json()) as Record<string, unknown>
  assert.deepEqual([about.version, about.build, about.environment], ['v1.0.0', 'v1.0.0', 'test'])
  assert.match(await answers[1]!.text(), /<dt>version<\/dt><dd>v1\.0\.0<\/dd>/)
  assert.equal(answers[3]!.headers.get('allow'), 'POST')
})

test('v2 and v4 serve the same data with something new', async () => {
  await post('/v1/stamps/claim', { token, body: stamp('c-new', 'new-1') })
  for (const [name, extra] of [
    ['v2', { progress: '1 of 10' }],
    ['v4', { progress: '1 of 10', nextReward: { after: 9, gives: 'a free coffee' } }],
  ] as const) {
    const instance = await startReady(name, database.url)
    assert.deepEqual(await card('c-new', instance), { ok: true, card: 'c-new', claimed: 1, redeemed: 0, ...extra })
    instance.signal('SIGTERM')
    assert.equal(await instance.ended, 0)
  }
})

test('every second has a JSON info line, and none holds a token, a card or a code', async () => {
  const from = v1.lines.length
  await post('/v1/stamps/claim', { token, body: stamp('c-secret', 'secret-1') })
  await until('three more lines', () => v1.lines.length >= from + 3)
  const lines = v1.lines.slice(from).map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.ok(lines.every(({ level, version }) => level === 'info' && version === 'v1.0.0'))
  const gaps = lines.slice(1).map(({ time }, index) => Date.parse(`${time}`) - Date.parse(`${lines[index]?.time}`))
  assert.ok(Math.max(...gaps) < 1500, `gaps of ${gaps.join(', ')} ms`)
  assert.doesNotMatch(v1.lines.join('\n'), /test-token|secret-1|c-secret|password/)
})

test('a blocked database is named by readiness within its second, health stays 200, and all is well afterwards', async () => {
  const door = await blockable(database.url)
  const instance = await startReady('v1', door.url)
  door.block()
  const asked = performance.now()
  const readiness = await fetch(`${instance.url}/readiness`)
  const tookMs = performance.now() - asked
  assert.equal(readiness.status, 503)
  assert.match(await readiness.text(), /no answer within 1000 ms|database does not answer/)
  assert.ok(tookMs < 5000, `took ${tookMs} ms`)
  assert.equal((await fetch(`${instance.url}/health`)).status, 200)
  door.unblock()
  await until('ready again', async () => (await fetch(`${instance.url}/readiness`)).ok)
  instance.signal('SIGTERM')
  assert.equal(await instance.ended, 0)
  await door.close()
})

test('SIGTERM: no new connection is taken, the request in flight is answered, the exit code is 0', async () => {
  const instance = await startReady('v1', database.url)
  await sql.query('begin')
  await sql.query('lock table lokaltreu.stamps in access exclusive mode')
  const inFlight = post('/v1/stamps/claim', { token, body: stamp('c-term', 'term-1') }, instance)
  const waiting = "select 1 from pg_locks where not granted and relation = 'lokaltreu.stamps'::regclass"
  const other = new Client(database.url)
  await other.connect()
  await until('the claim waits for the lock', async () => (await other.query(waiting)).rowCount)
  await other.end()
  instance.signal('SIGTERM')
  await until('new connections refused', () => refused(instance.url))
  await sql.query('rollback')
  const answer = await inFlight
  assert.deepEqual([answer.status, answer.headers.get('connection')], [200, 'close'])
  assert.equal(await instance.ended, 0)
  assert.equal((await card('c-term')).claimed, 1)
})

test('SIGTERM: a request that comes over an idle connection just then is answered too', async () => {
  const instance = await startReady('v1', database.url)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = async () => {
    const [answer] = (await once(get(`${instance.url}/health`, { agent }), 'response')) as [IncomingMessage]
    await once(answer.resume(), 'end')
    return [answer.statusCode, answer.headers.connection]
  }
  assert.deepEqual(await ask(), [200, 'keep-alive'])
  instance.signal('SIGTERM')
  await until('new connections refused', () => refused(instance.url))
  assert.deepEqual(await ask(), [200, 'close'])
  assert.equal(await instance.ended, 0)
  agent.destroy()
})

async function refused(url: string): Promise<boolean> {
  const error = await fetch(`${url}/health`, { headers: { connection: 'close' } }).then(
    () => undefined,
    (error: Error) => error.cause as NodeJS.ErrnoException,
  )
  return error?.code === 'ECONNREFUSED'
}

test('writing to a log whose reader has died does not end it', async () => {
  const instance = await startReady('v1', database.url)
  instance.stopReading()
  // Stopping is logged at once, into a pipe that nobody holds any more.
  instance.signal('SIGTERM')
  assert.equal(await instance.ended, 0)
})

test('without its variables it does not start, and says all that is missing at once', async () => {
  const instance = await startInstance(join(folder, 'v1'), '')
  assert.equal(await instance.ended, 1)
  await until('the reason', () => instance.lines.some((line) => /DATABASE_URL must be a postgres/.test(line)))
})

test('readiness is 503 and bookings 503 while the database is stopped, 200 once it is back', async () => {
  await database.stop()
  const readiness = await fetch(`${v1.url}/readiness`)
  assert.equal(readiness.status, 503)
  assert.match(await readiness.text(), /"ready":false,"reason":"the database does not answer/)
  assert.equal((await post('/v1/stamps/claim', { token, body: stamp('c-down', 'down-1') })).status, 503)
  assert.equal((await fetch(`${v1.url}/health`)).status, 200)
  const early = await startInstance(join(folder, 'v1'), database.url)
  await until('an instance started early answers', async () => (await fetch(`${early.url}/readiness`)).status === 503)
  await database.start()
  await until('ready again', async () => (await fetch(`${v1.url}/readiness`)).ok)
  await until('the early one ready too', async () => (await fetch(`${early.url}/readiness`)).ok)
  assert.equal((await post('/v1/stamps/claim', { token, body: stamp('c-down', 'down-1') })).status, 200)
  early.signal('SIGTERM')
  assert.equal(await early.ended, 0)
})
