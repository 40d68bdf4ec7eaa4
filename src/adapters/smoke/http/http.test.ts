import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { Secrets } from '../../../ports/secrets.ts'
import { failure, ok } from '../../../ports/result.ts'
import { check, givenService, smokeContract } from '../../../testing/smoke-contract.ts'
import { adapterContext } from '../../../testing/adapter-context.ts'
import { httpSmoke } from './http.ts'
import { describeExpectation, matches, parsePath, valueAt } from './json-path.ts'
import { adapterContract } from '../../../testing/adapter-contract.ts'

function create(known: Readonly<Record<string, string>>) {
  const secrets: Secrets = {
    read: async ({ name }) => {
      const value = known[String(name)]
      return value === undefined ? failure('permanent', `the secret ${String(name)} is not set`) : ok(value)
    },
  }
  return httpSmoke.create({ kind: 'http' }, adapterContext({ secrets }))
}

smokeContract('http', { create })

test('http: a dry run is announced by the header `Dry-Run: true`, a body is sent as JSON', async (t) => {
  const { url, seen } = await givenService(t)
  const checks = [check({ method: 'POST', body: { a: 1 }, dryRun: true }), check()]
  const smoke = await create({})
  await smoke.run({ baseUrls: [url], checks, secrets: {}, signal: new AbortController().signal })
  const [dry, plain] = seen.map(({ method, headers }) => [method, headers['dry-run'], headers['content-type']])
  assert.deepEqual(dry, ['POST', 'true', 'application/json'])
  assert.deepEqual(plain, ['GET', undefined, undefined])
})

/** The clock by which undici ends requests: it counts ticks of its own, and these can be given to it. */
const undiciClock = createRequire(import.meta.url)('undici/lib/util/timers.js') as { tick(ms: number): void }

test('http: an answer that comes after undici would have given up counts, where the check waits that long', async (t) => {
  const asked = Promise.withResolvers<ServerResponse>()
  const server = createServer((_, response) => asked.resolve(response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const smoke = await create({})
  const checks = [check({ timeoutMs: 1_000_000 })]
  const running = smoke.run({ baseUrls: [url], checks, secrets: {}, signal: new AbortController().signal })
  const response = await asked.promise
  for (const ms of [1000, 400_000]) undiciClock.tick(ms)
  response.end('{}')
  const ended = await running
  assert.ok(ended.ok && ended.value.passed, JSON.stringify(ended))
})

test('paths lead to values, never to what an object inherits', () => {
  const at = (path: string) => {
    const parts = parsePath(path)
    return parts.ok ? valueAt({ a: [{ 'b-c': 1 }] }, parts.value) : 'no path'
  }
  assert.equal(at('$.a[0].b-c'), 1)
  assert.equal(at('$.a[1]'), undefined)
  assert.equal(at('$.constructor'), undefined)
  for (const bad of ['a', '$a', '$.', '$[x]', '$..a', '']) assert.equal(at(bad), 'no path', bad)
})

test('a value matches exactly, whatever the order of its keys', () => {
  assert.ok(matches({ b: 1, a: 2 }, { a: 2, b: 1 }))
  assert.ok(!matches({ a: 2, b: 1 }, { a: 2 }))
  assert.ok(!matches('5', 5))
  assert.ok(!matches(undefined, null))
  assert.ok(matches({ exists: 'x' }, { exists: 'x' }), 'only true and false are the operator')
  assert.equal(describeExpectation('$.a', { exists: false }), '$.a does not exist')
})

adapterContract({
  adapter: httpSmoke,
  written: {},
  context: adapterContext(),
})
