import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { until } from '../../testing/until.ts'
import type { RouteConfig } from '../protocol.ts'
import { LEARN_ALL } from '../segments.ts'
import { Listener } from './listener.ts'
import { Route } from './route.ts'
import { sweep } from './sweep.ts'

/** A listener with one route, in this process: time is passed in, so that limits need no waiting. */
async function world(t: TestContext, handler: http.RequestListener, more: Partial<RouteConfig> = {}) {
  const backend = http.createServer(handler).listen(0, '127.0.0.1')
  await once(backend, 'listening')
  const upstreams = [`127.0.0.1:${(backend.address() as AddressInfo).port}`]
  const config: RouteConfig = {
    key: 'app',
    incarnation: 1,
    generation: 1,
    address: '',
    salt: 0,
    sticky: { kind: 'none' },
    trustedProxies: [],
    maintenance: null,
    timeoutMs: 30_000,
    deadlineMs: 5_000,
    drainMs: 30_000,
    segments: LEARN_ALL,
    slots: { blue: { weight: 100, upstreams, cookie: 'b' }, green: { weight: 0, upstreams: [], cookie: 'g' } },
    ...more,
  }
  const route = new Route(config, performance.now())
  const listener = new Listener('')
  listener.route = route
  listener.server.listen(0, '127.0.0.1')
  await once(listener.server, 'listening')
  t.after(() => {
    for (const server of [listener.server, backend]) {
      server.close()
      server.closeAllConnections()
    }
    route.slots.blue.retireUpstreams()
  })
  const { port } = listener.server.address() as AddressInfo
  const at = (ms: number) => sweep(route, performance.now() + ms)
  return { route, slot: route.slots.blue, port, at }
}

function post(t: TestContext, port: number, length: number, body: string): { readonly received: () => string } {
  const socket = net.connect(port, '127.0.0.1')
  let received = ''
  socket.on('data', (chunk) => (received += chunk)).on('error', () => {})
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n${body}`)
  t.after(() => socket.destroy())
  return { received: () => received }
}

test('a slow upload is the client’s time: no error, no age; one that stands still gets 408', async (t) => {
  let hasBegun = false
  const { slot, port, at } = await world(t, (req) => req.once('data', () => (hasBegun = true)))
  const client = post(t, port, 10, 'half')
  await until('the upstream has what there is', () => hasBegun)
  at(29_000)
  at(59_000)
  assert.deepEqual([slot.requests, slot.errors, slot.inFlight], [0, 0, 1])
  assert.ok(slot.report(performance.now()).waitingOldestMs < 1_000)
  at(65_000)
  await until('the client is told', () => client.received().startsWith('HTTP/1.1 408'))
  assert.deepEqual([slot.requests, slot.errors, slot.inFlight], [0, 0, 0])
})

test('once the upload is through, the service’s time runs: error at the deadline, 504 at the timeout', async (t) => {
  let isThrough = false
  const { slot, port, at } = await world(t, (req) => req.resume().once('end', () => (isThrough = true)))
  const client = post(t, port, 4, 'full')
  await until('the upstream has it all', () => isThrough)
  at(4_000)
  assert.deepEqual([slot.requests, slot.errors], [0, 0])
  at(6_000)
  assert.deepEqual([slot.requests, slot.errors], [1, 1])
  at(31_000)
  await until('the client is told', () => client.received().startsWith('HTTP/1.1 504'))
  assert.deepEqual([slot.requests, slot.errors, slot.inFlight], [1, 1, 0])
})

test('a stream counts once, by its status, when it has gone on for the deadline; its later end adds nothing', async (t) => {
  let end: () => void = () => {}
  const { slot, port, at } = await world(t, (_req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: x\n\n')
    end = () => res.destroy()
  })
  const req = http.get({ port, agent: false }).on('error', () => {})
  const [res] = (await once(req, 'response')) as [http.IncomingMessage]
  res.on('error', () => {}).resume()
  at(4_000)
  assert.equal(slot.requests, 0)
  at(6_000)
  at(7_000)
  assert.deepEqual([slot.requests, slot.errors, slot.inFlight], [1, 0, 1])
  end()
  await until('it has ended', () => slot.inFlight === 0)
  assert.deepEqual([slot.requests, slot.errors, slot.completions], [1, 0, 0])
})

test('a client that closes an event stream is no abort', async (t) => {
  const { slot, port } = await world(t, (_req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: x\n\n')
  })
  const req = http.get({ port, agent: false })
  await once(req, 'response')
  req.destroy()
  await until('it has ended', () => slot.inFlight === 0)
  assert.deepEqual([slot.requests, slot.errors, slot.clientAborts, slot.completions], [1, 0, 0, 1])
})

test('a client that takes nothing more is cut after five minutes, not before; one that hears nothing never', async (t) => {
  const { slot, port, at } = await world(t, (req, res) => {
    if (req.url === '/much') return void res.write(Buffer.alloc(32_000_000))
    res.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: x\n\n')
  })
  const silent = http.get({ port, agent: false }).on('error', () => {})
  await once(silent, 'response')
  const deaf = http.get({ port, path: '/much', agent: false })
  deaf.on('response', (res) => res.on('error', () => {}))
  t.after(() => silent.destroy())
  const seen: string[] = []
  await until(
    'every buffer on the way is full',
    () => {
      const { bytesWritten, writableLength } = slot.responding.tail!.req.socket
      seen.push(`${bytesWritten} ${writableLength}`)
      return slot.inFlight === 2 && writableLength > 0 && seen.length > 8 && new Set(seen.slice(-8)).size === 1
    },
    { everyMs: 100, timeoutMs: 30_000 },
  )
  at(6_000)
  at(300_000)
  assert.deepEqual([slot.inFlight, slot.clientAborts], [2, 0])
  at(307_000)
  assert.deepEqual([slot.inFlight, slot.clientAborts], [1, 1])
  at(86_400_000)
  assert.deepEqual([slot.inFlight, slot.errors], [1, 0], 'silence is no standstill')
})

test('a trusted proxy in front is believed about scheme, host and addresses', async (t) => {
  const { port } = await world(t, (req, res) => res.end(JSON.stringify(req.headers)), { trustedProxies: ['127.0.0.1'] })
  const headers = { 'x-forwarded-for': '9.9.9.9', 'x-forwarded-proto': 'https', 'x-forwarded-host': 'shop.example' }
  const req = http.get({ host: '127.0.0.1', port, agent: false, headers })
  const [res] = (await once(req, 'response')) as [http.IncomingMessage]
  const [body] = await once(res, 'data')
  const seen = JSON.parse(String(body))
  assert.deepEqual(
    [seen['x-forwarded-for'], seen['x-forwarded-proto'], seen['x-forwarded-host']],
    ['9.9.9.9, 127.0.0.1', 'https', 'shop.example'],
  )
})
