import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { test } from 'node:test'
import { WebSocket, WebSocketServer } from 'ws'
import type { RouterClient } from '../../src/router/client.ts'
import { until } from '../../src/testing/until.ts'
import { ask, backend, DEAD, load, named, put, startRouter, value, desired } from './router-world.ts'

const COOKIE = { sticky: { kind: 'cookie', name: 'side' } } as const
const HEADER = { sticky: { kind: 'header', name: 'X-User' } } as const

test('[R-D08] shares are exact, sessions keep their slot', async (t) => {
  const { client } = await startRouter(t)
  const blue = await named(t, 'blue')
  const green = await named(t, 'green')
  const sides = { blue: [blue.address], green: [green.address] }

  await t.test('each weight is exact over 1,000 requests', async () => {
    let generation = 0
    for (const weight of [10, 50, 33, 1, 100, 0]) {
      const address = await put(client, 'shares', desired(++generation, weight, sides))
      assert.deepEqual(await count(address, 1_000), { blue: 1_000 - weight * 10, green: weight * 10 }, `at ${weight} %`)
    }
  })

  await t.test('two upstreams of a slot take turns', async (t) => {
    const second = await named(t, 'blue2')
    const address = await put(client, 'turns', desired(1, 0, { blue: [blue.address, second.address] }))
    const seen: Record<string, number> = {}
    for (let i = 0; i < 40; i++) {
      const { body } = await ask(address)
      seen[body] = (seen[body] ?? 0) + 1
    }
    assert.deepEqual(seen, { blue: 20, blue2: 20 })
  })

  await t.test(
    'a cookie session flips neither way through 10 → 50 → 10 → 100; new ones get the exact share',
    async () => {
      const address = await put(client, 'cookie', desired(1, 10, sides, COOKIE))
      const sessions = await Promise.all(Array.from({ length: 200 }, () => ask(address)))
      assert.equal(sessions.filter(({ body }) => body === 'green').length, 20)
      for (const [generation, weight] of [
        [2, 50],
        [3, 10],
        [4, 90],
      ] as const) {
        await put(client, 'cookie', desired(generation, weight, sides, COOKIE))
        for (const session of sessions) {
          const again = await ask(address, { headers: { cookie: cookieOf(session) } })
          assert.equal(again.body, session.body, `flipped at ${weight} %`)
          assert.equal(again.headers['set-cookie'], undefined, 'a bound session is not bound again')
        }
      }
      // At 100 % blue takes nobody: its sessions are moved, once, and stay where they are.
      await put(client, 'cookie', desired(5, 100, sides, COOKIE))
      const moved = await Promise.all(
        sessions.map((session) => ask(address, { headers: { cookie: cookieOf(session) } })),
      )
      assert.ok(moved.every(({ body }) => body === 'green'))
      // Blue comes back with a new tenure: cookies of its old one do not pull their owners back.
      await put(client, 'cookie', desired(6, 90, sides, COOKIE))
      const old = sessions.filter(({ body }) => body === 'blue').slice(0, 100)
      const returned = await Promise.all(old.map((session) => ask(address, { headers: { cookie: cookieOf(session) } })))
      assert.equal(returned.filter(({ body }) => body === 'blue').length, 10)
      const forged = await ask(address, { headers: { cookie: 'side=green' } })
      assert.ok(forged.headers['set-cookie'], 'a made-up cookie binds to nothing')
    },
  )

  await t.test('two routes of one host name keep their sessions apart, though they name the cookie alike', async () => {
    const [web, api] = [
      await put(client, 'web', desired(1, 50, sides, COOKIE)),
      await put(client, 'api', desired(1, 50, sides, COOKIE)),
    ]
    const jar = new Map<string, string>()
    const visit = async (address: string) => {
      const cookie = [...jar].map((pair) => pair.join('=')).join('; ')
      const answer = await ask(address, { headers: { host: 'shop.example', ...(cookie === '' ? {} : { cookie }) } })
      for (const set of answer.headers['set-cookie'] ?? [])
        jar.set(...(set.split(';')[0]!.split('=') as [string, string]))
      return answer.body
    }
    // One more visitor in between: the two routes give this browser different slots.
    const first = [await visit(web), (await ask(api)).body && (await visit(api))]
    for (let i = 0; i < 6; i++) assert.deepEqual([await visit(web), await visit(api)], first)
    assert.equal(jar.size, 2)
  })

  await t.test('a cookie of a router before this one still binds, and is replaced', async () => {
    const address = await put(client, 'upgraded', desired(1, 50, sides, COOKIE))
    const bound = await ask(address)
    const [name, value] = cookieOf(bound).split('=') as [string, string]
    assert.match(name, /^side-/)
    for (let i = 0; i < 4; i++) {
      const again = await ask(address, { headers: { cookie: `side=${value}` } })
      assert.deepEqual([again.body, cookieOf(again)], [bound.body, `${name}=${value}`])
    }
    const both = await ask(address, { headers: { cookie: `${name}=stale; x; side=made-up; ${name}="${value}"` } })
    assert.deepEqual([both.body, both.headers['set-cookie']], [bound.body, undefined], 'one of several counts')
  })

  await t.test('an answer for everybody binds nobody; behind TLS the cookie is Secure', async (t) => {
    const caching = await backend(t, (req, res) => {
      if (req.url !== '/') res.setHeader('cache-control', decodeURIComponent(req.url!.slice(1)))
      res.end('x')
    })
    const trusting = { ...COOKIE, trustedProxies: ['127.0.0.1'] }
    const address = await put(client, 'cached', desired(1, 0, { blue: [caching.address] }, trusting))
    const headers = { 'x-forwarded-proto': 'https' }
    for (const said of ['public', 'max-age=60', 's-maxage=60, private', 'public, max-age=31536000, immutable']) {
      const answer = await ask(address, { path: `/${encodeURIComponent(said)}`, headers })
      const isForAll = !/private/.test(said)
      assert.equal(answer.headers['set-cookie'] === undefined, isForAll, said)
      assert.equal(answer.headers['cache-control'], said, 'as the service said it')
    }
    const plain = await ask(address)
    assert.equal(plain.headers['cache-control'], 'private')
    assert.doesNotMatch(plain.headers['set-cookie']![0]!, /Secure/)
    assert.match((await ask(address, { headers })).headers['set-cookie']![0]!, /; Secure$/)
  })

  await t.test('a header session flips neither way, not even when the worker is replaced', async () => {
    const users = Array.from({ length: 300 }, (_, i) => `user${i}`)
    const sideOf = async (address: string, user: string) => (await ask(address, { headers: { 'x-user': user } })).body
    const address = await put(client, 'header', desired(1, 10, sides, HEADER))
    const first = new Map<string, string>()
    for (const user of users.slice(0, 150)) first.set(user, await sideOf(address, user))
    await put(client, 'header', desired(2, 50, sides, HEADER))
    for (const user of users.slice(150)) first.set(user, await sideOf(address, user))
    const greenOf = (some: readonly string[]) => some.filter((user) => first.get(user) === 'green').length
    assert.ok(Math.abs(greenOf(users.slice(0, 150)) - 15) <= 12, `${greenOf(users.slice(0, 150))} of 150 at 10 %`)
    assert.ok(Math.abs(greenOf(users.slice(150)) - 75) <= 25, `${greenOf(users.slice(150))} of 150 at 50 %`)
    await put(client, 'header', desired(3, 20, sides, HEADER))
    value(await client.replaceWorker())
    await put(client, 'header', desired(4, 80, sides, HEADER))
    for (const user of users) assert.equal(await sideOf(address, user), first.get(user), `${user} flipped`)
    await put(client, 'header', desired(5, 0, sides, HEADER))
    for (const user of users.slice(0, 20)) assert.equal(await sideOf(address, user), 'blue')
  })

  await t.test('maintenance: 503, Retry-After, HTML in two languages or JSON; both weights may be 0', async () => {
    const maintenance = { title: 'Back <soon>', text: 'We move house.', retryAfterS: 120 }
    const off = {
      ...desired(1, 0, {}),
      slots: { blue: { weight: 0, upstreams: [] }, green: { weight: 0, upstreams: [] } },
    }
    const address = await put(client, 'closed', { ...off, maintenance })
    const page = await ask(address, { headers: { accept: 'text/html,*/*;q=0.8' } })
    assert.deepEqual([page.status, page.headers['retry-after']], [503, '120'])
    assert.match(page.body, /Back &#60;soon&#62;.*We move house\..*2 minutes.*2 Minuten/s)
    const json = await ask(address, { headers: { accept: 'application/json' } })
    assert.match(json.headers['content-type']!, /application\/problem\+json/)
    assert.equal(JSON.parse(json.body).detail, 'We move house.')
    const reopened = await put(client, 'closed', { ...desired(2, 0, sides), listen: address })
    assert.equal((await ask(reopened)).body, 'blue')
  })
})

test('failures of an upstream', async (t) => {
  const { client } = await startRouter(t)
  const blue = await named(t, 'blue')

  await t.test('a refused connection costs nobody anything while another upstream accepts, POST included', async () => {
    const address = await put(client, 'half', desired(1, 0, { blue: [DEAD, blue.address] }))
    for (let i = 0; i < 20; i++) {
      const answer = await ask(address, i % 2 ? { method: 'POST', body: 'x' } : {})
      assert.equal(answer.body, 'blue')
    }
    const { blue: slot } = value(await client.metrics('half')).slots
    assert.deepEqual([slot.requests, slot.errors, slot.connectFailures, slot.retries], [20, 0, 10, 10])
  })

  await t.test(
    'a dead candidate: new sessions are served by the other slot, the errors stay the candidate’s',
    async () => {
      const address = await put(client, 'rescue', desired(1, 50, { blue: [blue.address], green: [DEAD] }))
      assert.deepEqual(await count(address, 100), { blue: 100, green: 0 })
      const { slots } = value(await client.metrics('rescue'))
      assert.deepEqual([slots.green.requests, slots.green.errors], [50, 50])
      assert.deepEqual([slots.blue.requests, slots.blue.errors], [100, 0])
    },
  )

  await t.test('a connection lost before the answer: GET is sent again, POST is not', async (t) => {
    let lost = 0
    const flaky = await backend(t, (req, res) => {
      if (lost++ % 2 === 0) req.socket.destroy()
      else res.end('second')
    })
    const address = await put(client, 'flaky', desired(1, 0, { blue: [flaky.address] }))
    assert.equal((await ask(address)).body, 'second')
    const post = await ask(address, { method: 'POST', body: 'x' })
    assert.deepEqual([post.status, post.headers['x-stellwerk-router']], [502, 'upstream-reset'])
  })

  await t.test('5xx of the service are errors, 4xx are not', async (t) => {
    const sick = await backend(t, (req, res) => res.writeHead(Number(req.url!.slice(1))).end())
    const address = await put(client, 'sick', desired(1, 0, { blue: [sick.address] }))
    for (const status of [200, 404, 500, 503]) assert.equal((await ask(address, { path: `/${status}` })).status, status)
    const { blue: slot } = value(await client.metrics('sick')).slots
    assert.deepEqual([slot.requests, slot.errors, slot.completions], [4, 2, 4])
    const counted = Object.values(slot.latency.counts).reduce((sum, n) => sum + n, 0)
    assert.equal(counted, 4, 'every request has one latency')
  })
})

test('draining', async (t) => {
  const { client } = await startRouter(t)

  await t.test('a request under way is seen in flight until it ends, and is not cut', async (t) => {
    let finish: () => void = () => {}
    const slow = await backend(t, (_req, res) => (finish = () => res.end('done')))
    const green = await named(t, 'green')
    const sides = { blue: [slow.address], green: [green.address] }
    const address = await put(client, 'slow', desired(1, 0, sides))
    const asked = ask(address)
    await until('it is in flight', async () => value(await client.get('slow')).slots.blue.inFlight === 1)
    const switched = value(await client.put('slow', desired(2, 100, sides)))
    assert.deepEqual([switched.slots.blue.weight, switched.slots.blue.inFlight], [0, 1])
    assert.equal((await ask(address)).body, 'green')
    finish()
    assert.equal((await asked).body, 'done')
    assert.equal(value(await client.get('slow')).slots.blue.inFlight, 0)
  })

  await t.test('after drainMs WebSockets get 1001 on both sides, event streams their end', async (t) => {
    const old = await backend(t, (_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      res.write('data: hello\n\n')
    })
    const wss = new WebSocketServer({ server: old.server })
    let upstreamCode = 0
    wss.on('connection', (socket) => socket.on('close', (code) => (upstreamCode = code)))
    const green = await named(t, 'green')
    const sides = { blue: [old.address], green: [green.address] }
    const address = await put(client, 'long', desired(1, 0, sides, { drainMs: 300 }))
    const socket = new WebSocket(`ws://${address}/`)
    await once(socket, 'open')
    const [host, port] = address.split(':')
    const stream = http.get({ host, port, agent: false })
    const [events] = (await once(stream, 'response')) as [http.IncomingMessage]
    const ended = until('the stream ends', () => events.complete)
    events.resume()
    const closed = once(socket, 'close')
    const drained = value(await client.put('long', desired(2, 100, sides, { drainMs: 300 })))
    assert.equal(drained.slots.blue.inFlight, 2, 'they stay for drainMs')
    assert.equal((await closed)[0], 1001)
    await ended
    await until('the upstream hears it too', () => upstreamCode === 1001)
    await until('the drain is complete', async () => value(await client.get('long')).slots.blue.inFlight === 0)
  })
})

for (const keepAlive of [true, false]) {
  test(`[R-D08] no request is lost over many switches, old side killed right after the drain (keep-alive: ${keepAlive})`, async (t) => {
    const { client } = await startRouter(t)
    let live = await named(t, 'v0')
    const address = await put(client, 'app', desired(1, 0, { blue: [live.address] }))
    const traffic = load(t, address, { keepAlive })
    let generation = 1
    for (let version = 1; version <= 12; version++) {
      const next = await named(t, `v${version}`)
      const isGreen = version % 2 === 1
      for (const weight of [10, 50, 100]) {
        const sides = isGreen
          ? { blue: [live.address], green: [next.address] }
          : { blue: [next.address], green: [live.address] }
        value(await client.put('app', desired(++generation, isGreen ? weight : 100 - weight, sides)))
        const before = traffic.total()
        await until('requests pass at this weight', () => traffic.total() > before + 30)
      }
      await drained(client, isGreen ? 'blue' : 'green')
      live.close()
      live = next
    }
    await traffic.stop()
    assert.deepEqual(traffic.errors, [])
    assert.equal(Object.keys(traffic.counts).length, 13, 'every version has served')
  })
}

async function drained(client: RouterClient, slot: 'blue' | 'green'): Promise<void> {
  await until(`${slot} has nothing in flight`, async () => value(await client.get('app')).slots[slot].inFlight === 0)
}

async function count(address: string, n: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = { blue: 0, green: 0 }
  const agent = new http.Agent({ keepAlive: true, maxSockets: 20 })
  const answers = await Promise.all(Array.from({ length: n }, () => ask(address, { agent })))
  for (const { body } of answers) counts[body]!++
  agent.destroy()
  return counts
}

function cookieOf({ headers }: { headers: http.IncomingHttpHeaders }): string {
  return headers['set-cookie']![0]!.split(';')[0]!
}
