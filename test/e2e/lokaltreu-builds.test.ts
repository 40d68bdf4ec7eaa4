/** Every build of the example is what its catalogue entry says: the good ones good, each bad one bad in its own way. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import { parse } from 'yaml'
import { build, builds } from '../../examples/lokaltreu/builds.ts'
import { type Database, startDatabase } from '../../examples/lokaltreu/testing/database.ts'
import { type Instance, startInstance } from '../../examples/lokaltreu/testing/instance.ts'
import { until } from '../../src/testing/until.ts'

type Smoke = {
  readonly name: string
  readonly http: string
  readonly headers?: Record<string, string>
  readonly body?: unknown
  readonly expect: { readonly status: number }
  readonly dryRun?: boolean
}

const spec = parse(readFileSync(new URL('../rehearsal/lokaltreu-api.yaml', import.meta.url), 'utf8')) as {
  readonly smoke: readonly Smoke[]
}

// The same faults as in the catalogue, only sooner and smaller.
const HASTENED = {
  'bad-crash-20s': { kind: 'crashing', with: { afterMs: 400 } },
  'bad-flapping': { kind: 'flapping', with: { steadyMs: 300, everyMs: 100 } },
  'bad-hang': { kind: 'hanging', with: { after: 3 } },
  'bad-leak': { kind: 'leaking', with: { mbPerSecond: 40, mbMax: 60 } },
} as const

let database: Database
let folder: string
let running: Instance[] = []

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lokaltreu-builds-'))
  await build(undefined, folder, HASTENED)
  database = await startDatabase()
})

afterEach(async () => {
  for (const instance of running) instance.signal('SIGKILL')
  await Promise.all(running.map(({ ended }) => ended))
  running = []
})

after(async () => {
  await database?.remove()
  await rm(folder, { recursive: true, force: true })
})

async function start(name: string): Promise<Instance> {
  const instance = await startInstance(join(folder, name), database.url)
  running.push(instance)
  return instance
}

async function startReady(name: string): Promise<Instance> {
  const instance = await start(name)
  await until(`${name} ready`, async () => (await readiness(instance)) === 200)
  return instance
}

async function readiness({ url }: Instance): Promise<number> {
  const answer = await fetch(`${url}/readiness`)
  await answer.body?.cancel()
  return answer.status
}

let codes = 0
async function claim({ url }: Instance, signal?: AbortSignal): Promise<number> {
  codes += 1
  const body = JSON.stringify({ card: 'c-builds', code: `builds-${codes}` })
  const headers = { authorization: 'Bearer test-token' }
  const answer = await fetch(`${url}/v1/stamps/claim`, { method: 'POST', headers, body, ...(signal && { signal }) })
  await answer.body?.cancel()
  return answer.status
}

async function claims(instance: Instance, count: number): Promise<number[]> {
  const statuses = []
  for (let n = 0; n < count; n += 1) statuses.push(await claim(instance))
  return statuses
}

/** The names of the spec's smoke tests that fail against this instance. */
async function redSmoke({ url }: Instance): Promise<string[]> {
  const red = []
  for (const { name, http, headers = {}, body, expect, dryRun } of spec.smoke) {
    const [method = '', path = ''] = http.split(' ')
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { ...headers, ...(dryRun && { 'dry-run': 'true' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    await answer.body?.cancel()
    if (answer.status !== expect.status) red.push(name)
  }
  return red
}

test('the catalogue names each build and version once, good ones first', () => {
  assert.equal(new Set(builds.map(({ name }) => name)).size, builds.length)
  assert.equal(new Set(builds.map(({ version }) => version)).size, builds.length)
  assert.deepEqual(
    builds.filter(({ good }) => good).map(({ name }) => name),
    ['v1', 'v2', 'v4'],
  )
})

test('building again gives the same bytes, and no build the bytes of another', async () => {
  const again = join(folder, 'again')
  await build(undefined, again, HASTENED)
  const read = (dir: string) => Promise.all(builds.map(({ name }) => readFile(join(dir, name, 'server.js'), 'utf8')))
  const first = await read(folder)
  assert.deepEqual(first, await read(again))
  assert.equal(new Set(first).size, builds.length)
})

test('an unknown build is refused with the names there are', async () => {
  await assert.rejects(build(['v9'], folder), /no build "v9"\. It has: v1, v2, v4, bad-5xx/)
})

for (const name of ['v1', 'v2', 'v4']) {
  test(`${name} passes its smoke tests, books, and stops when told`, async () => {
    const instance = await startReady(name)
    assert.deepEqual(await redSmoke(instance), [])
    assert.deepEqual(await claims(instance, 5), [200, 200, 200, 200, 200])
    instance.signal('SIGTERM')
    assert.equal(await instance.ended, 0)
  })
}

test('bad-5xx passes smoke and fails 80 % of real bookings', async () => {
  const instance = await startReady('bad-5xx')
  for (let run = 0; run < 3; run += 1) assert.deepEqual(await redSmoke(instance), [])
  const statuses = await claims(instance, 20)
  assert.equal(statuses.filter((status) => status === 500).length, 16)
})

test('bad-smoke is red at the plan limit only', async () => {
  const instance = await startReady('bad-smoke')
  assert.deepEqual(await redSmoke(instance), ['a used-up plan is refused'])
})

test('bad-5xx-under-load serves 4 requests a second and fails what comes above', async () => {
  const instance = await startReady('bad-5xx-under-load')
  const statuses = await Promise.all(Array.from({ length: 20 }, () => claim(instance)))
  assert.equal(statuses.filter((status) => status === 200).length, 4)
  assert.equal(statuses.filter((status) => status === 500).length, 16)
  await until('good again when the rate is low', async () => (await claim(instance)) === 200, { everyMs: 200 })
})

test('bad-slow takes 600 ms more for four of five requests', async () => {
  const instance = await startReady('bad-slow')
  const took = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const started = performance.now()
      await claim(instance)
      return performance.now() - started
    }),
  )
  assert.equal(took.filter((ms) => ms >= 595).length, 8)
})

test('bad-crash-20s is ready, serves, and exits with 1 after its time', async () => {
  const instance = await startReady('bad-crash-20s')
  assert.equal(await claim(instance), 200)
  assert.equal(await instance.ended, 1)
})

test('bad-flapping is ready first, then turns over and over', async () => {
  const instance = await startReady('bad-flapping')
  for (const status of [503, 200, 503, 200]) {
    await until(`readiness ${status}`, async () => (await readiness(instance)) === status)
  }
})

test('bad-leak grows while it serves, up to its bound', async () => {
  const instance = await startReady('bad-leak')
  const rssMb = async () => {
    const page = await (await fetch(`${instance.url}/metrics`)).text()
    return Number(/^process_resident_memory_bytes (\d+)$/m.exec(page)?.[1]) / 2 ** 20
  }
  const before = await rssMb()
  await until('30 MB more', async () => (await claim(instance)) === 200 && (await rssMb()) > before + 30)
})

test('bad-hang answers its first requests, then none, and still claims to be well', async () => {
  const instance = await startReady('bad-hang')
  assert.deepEqual(await claims(instance, 3), [200, 200, 200])
  await assert.rejects(claim(instance, AbortSignal.timeout(300)), { name: 'TimeoutError' })
  assert.equal(await readiness(instance), 200)
})

test('bad-never-ready lives and is never ready', async () => {
  const instance = await start('bad-never-ready')
  await until('health 200', async () => (await fetch(`${instance.url}/health`)).status === 200)
  const answer = await fetch(`${instance.url}/readiness`)
  assert.equal(answer.status, 503)
  assert.match(await answer.text(), /waiting for a queue/)
})

test('bad-exits-at-once exits with 1 and says why', async () => {
  const instance = await start('bad-exits-at-once')
  assert.equal(await instance.ended, 1)
  await until('the reason', () => instance.lines.includes('cannot read the price list'))
})

test('bad-ignores-sigterm serves on after SIGTERM and ends by SIGKILL only', async () => {
  const instance = await startReady('bad-ignores-sigterm')
  instance.signal('SIGTERM')
  assert.deepEqual(
    await claims(instance, 20),
    Array.from({ length: 20 }, () => 200),
  )
  instance.signal('SIGKILL')
  assert.equal(await instance.ended, null)
})
