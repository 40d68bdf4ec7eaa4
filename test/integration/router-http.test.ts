import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import type net from 'node:net'
import { test } from 'node:test'
import { WebSocket, WebSocketServer } from 'ws'
import { until } from '../../src/testing/until.ts'
import { ask, backend, DEAD, put, raw, rawBackend, startRouter, value, desired } from './router-world.ts'

test('the data plane carries everything HTTP/1.1 has', async (t) => {
  const { client } = await startRouter(t)
  let generation = 0
  const route = (address: string, more = {}) =>
    put(client, `r${++generation}`, desired(generation, 0, { blue: [address] }, more))

  await t.test('server-sent events arrive one by one, the head before the first', async (t) => {
    let send: (text: string) => void = () => {}
    const { address } = await backend(t, (_req, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      res.flushHeaders()
      send = (text) => res.write(text)
    })
    const req = get(await route(address))
    const [res] = (await once(req, 'response')) as [http.IncomingMessage]
    assert.equal(res.headers['content-type'], 'text/event-stream')
    for (const event of ['data: one\n\n', 'data: two\n\n']) {
      send(event)
      const [chunk] = await once(res, 'data')
      assert.equal(String(chunk), event)
    }
    req.destroy()
  })

  await t.test('a large response streams with backpressure and arrives whole', async (t) => {
    const size = 40 * 1024 * 1024
    let written = 0
    const { address } = await backend(t, (_req, res) => {
      const chunk = Buffer.alloc(256 * 1024, 'x')
      const more = () => {
        while (written < size) {
          written += chunk.length
          if (!res.write(chunk)) return res.once('drain', more)
        }
        return res.end()
      }
      more()
    })
    const req = get(await route(address))
    const [res] = (await once(req, 'response')) as [http.IncomingMessage]
    // A client that does not read stops the upstream long before the end.
    let before = -1
    await until(
      'the upstream is held back',
      () => (written > 0 && written === before ? true : ((before = written), false)),
      { everyMs: 100 },
    )
    assert.ok(written < size, `the router swallowed all ${size} bytes`)
    let received = 0
    for await (const chunk of res) received += chunk.length
    assert.equal(received, size)
  })

  await t.test('an upload streams with backpressure and arrives whole', async (t) => {
    const size = 40 * 1024 * 1024
    let release: () => void = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const { address } = await backend(t, async (req, res) => {
      await held
      let received = 0
      for await (const chunk of req) received += chunk.length
      res.end(String(received))
    })
    const req = request(await route(address), { method: 'POST', headers: { 'content-length': String(size) } })
    const chunk = Buffer.alloc(256 * 1024, 'x')
    let sent = 0
    const pump = () => {
      while (sent < size) {
        sent += chunk.length
        if (!req.write(chunk)) return req.once('drain', pump)
      }
      return req.end()
    }
    pump()
    let before = -1
    await until('the client is held back', () => (sent === before ? true : ((before = sent), false)), { everyMs: 100 })
    assert.ok(sent < size, `the router swallowed all ${size} bytes`)
    release()
    const [res] = (await once(req, 'response')) as [http.IncomingMessage]
    assert.equal(await text(res), String(size))
  })

  await t.test('an upstream that answers before it has read the upload is heard', async (t) => {
    const { address } = await backend(t, (_req, res) => res.writeHead(413).end('too large'))
    const answer = await ask(await route(address), { method: 'POST', body: 'x'.repeat(2 * 1024 * 1024) })
    assert.equal(answer.status, 413)
    assert.equal(answer.body, 'too large')
  })

  await t.test('WebSocket: echo, 5 MB, subprotocol, clean close', async (t) => {
    const { address, server } = await backend(t, (_req, res) => res.end())
    const wss = new WebSocketServer({ server, handleProtocols: () => 'chat' })
    t.after(() => wss.close())
    wss.on('connection', (socket) => socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })))
    const socket = new WebSocket(`ws://${await route(address)}/x`, ['chat'], { perMessageDeflate: false })
    await once(socket, 'open')
    assert.equal(socket.protocol, 'chat')
    for (const message of [Buffer.from('hello'), Buffer.alloc(5 * 1024 * 1024, 7)]) {
      socket.send(message)
      const [echo] = (await once(socket, 'message')) as [Buffer]
      assert.ok(message.equals(echo))
    }
    socket.close(1000)
    const [code] = await once(socket, 'close')
    assert.equal(code, 1000)
  })

  await t.test('any other upgrade is a tunnel; a refused upgrade is an ordinary answer', async (t) => {
    const { address, server } = await backend(t, (_req, res) => res.end('plain'))
    server.on('upgrade', (req, socket: net.Socket, head: Buffer) => {
      if (req.url === '/no') return socket.end('HTTP/1.1 426 Upgrade Required\r\ncontent-length: 2\r\n\r\nno')
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo/1\r\n\r\n')
      if (head.length) socket.write(head)
      return socket.on('data', (chunk) => (String(chunk) === 'bye' ? socket.end() : socket.write(chunk)))
    })
    const listening = await route(address)
    const req = request(listening, { headers: { connection: 'Upgrade', upgrade: 'echo/1' } })
    req.end()
    const [res, socket] = (await once(req, 'upgrade')) as [http.IncomingMessage, net.Socket]
    assert.equal(res.headers.upgrade, 'echo/1')
    socket.write('ping')
    assert.equal(String((await once(socket, 'data'))[0]), 'ping')
    socket.write('bye')
    await once(socket, 'end')
    const refused = await ask(listening, { path: '/no', headers: { connection: 'Upgrade', upgrade: 'echo/1' } })
    assert.deepEqual([refused.status, refused.body], [426, 'no'])
    const h2c = await ask(listening, { headers: { connection: 'Upgrade', upgrade: 'h2c' } })
    assert.equal(h2c.body, 'plain', 'h2c is not passed on')
  })

  await t.test('a client that goes away aborts the upstream', async (t) => {
    let isAborted = false
    let isReached = false
    const { address } = await backend(t, (req, res) => {
      isReached = true
      res.on('close', () => (isAborted = !res.writableFinished))
      req.resume()
    })
    const req = get(await route(address))
    req.on('error', () => {})
    await until('the upstream has the request', () => isReached)
    req.destroy()
    await until('the upstream sees the abort', () => isAborted)
    const blue = async () => value(await client.metrics(`r${generation}`)).slots.blue
    await until('it is counted', async () => (await blue()).clientAborts === 1)
    const { errors, requests, inFlight } = await blue()
    assert.deepEqual([errors, requests, inFlight], [0, 0, 0])
  })

  for (const framing of ['content-length', 'chunked'] as const) {
    await t.test(`an upstream that dies mid-body (${framing}) is a reset, never a complete 200`, async (t) => {
      const head =
        framing === 'chunked' ? 'transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n' : 'content-length: 10\r\n\r\nhello'
      const address = await rawBackend(t, (socket) => {
        socket.once('data', () =>
          socket.write(`HTTP/1.1 200 OK\r\n${head}`, () => setImmediate(() => socket.destroy())),
        )
      })
      await assert.rejects(ask(await route(address)), /aborted|ECONNRESET|socket hang up/)
      const { blue } = value(await client.metrics(`r${generation}`)).slots
      assert.deepEqual([blue.requests, blue.errors, blue.completions], [1, 1, 0])
    })
  }

  await t.test('trailers pass', async (t) => {
    const { address } = await backend(t, (req, res) => {
      res.writeHead(200, { trailer: 'X-Sum', 'x-te': req.headers.te ?? '' })
      res.write('body')
      res.addTrailers([['X-Sum', '42']])
      res.end()
    })
    const req = get(await route(address), { headers: { te: 'trailers, deflate' } })
    const [res] = (await once(req, 'response')) as [http.IncomingMessage]
    assert.equal(await text(res), 'body')
    assert.deepEqual(res.rawTrailers, ['X-Sum', '42'])
    assert.equal(res.headers['x-te'], 'trailers')
  })

  await t.test('103 Early Hints pass', async (t) => {
    const { address } = await backend(t, (_req, res) => {
      res.writeEarlyHints({ link: '</style.css>; rel=preload' })
      res.end('done')
    })
    const req = get(await route(address))
    const hints = once(req, 'information')
    const [res] = (await once(req, 'response')) as [http.IncomingMessage]
    const [info] = (await hints) as [http.IncomingMessage]
    assert.deepEqual([info.statusCode, info.headers['link']], [103, '</style.css>; rel=preload'])
    assert.equal(await text(res), 'done')
  })

  await t.test('Expect: 100-continue is answered', async (t) => {
    const { address } = await backend(t, async (req, res) => res.end(`${await text(req)} ${req.headers.expect}`))
    const req = request(await route(address), {
      method: 'POST',
      headers: { expect: '100-continue', 'content-length': '5' },
    })
    req.flushHeaders()
    await once(req, 'continue')
    req.end('hello')
    const [res] = (await once(req, 'response')) as [http.IncomingMessage]
    assert.equal(await text(res), 'hello undefined')
  })

  await t.test('hop-by-hop headers stop here; claims about the client are ours to make', async (t) => {
    const { address } = await backend(t, (req, res) => {
      res.writeHead(200, ['Connection', 'keep-alive, X-Hop', 'X-Hop', 'secret', 'X-End', 'kept'])
      res.end(JSON.stringify(req.rawHeaders))
    })
    const listening = await route(address)
    const answer = await ask(listening, {
      headers: {
        Connection: 'keep-alive, X-Private',
        'X-Private': 'gone',
        'Keep-Alive': 'timeout=9',
        'Proxy-Authorization': 'gone',
        TE: 'gzip',
        'X-CaSe': 'kept',
        'X-Forwarded-For': '6.6.6.6',
        'X-Forwarded-Proto': 'https',
        'X-Forwarded-Port': '1',
        Forwarded: 'for=6.6.6.6',
        'X-Real-IP': '6.6.6.6',
      },
    })
    const seen = pairs(JSON.parse(answer.body))
    assert.deepEqual(seen.get('X-CaSe'), ['kept'])
    assert.deepEqual(seen.get('X-Forwarded-For'), ['127.0.0.1'])
    assert.deepEqual(seen.get('X-Forwarded-Proto'), ['http'])
    assert.deepEqual(seen.get('X-Forwarded-Host'), [listening])
    assert.deepEqual(seen.get('host'), [listening])
    for (const gone of [
      'X-Private',
      'Keep-Alive',
      'Proxy-Authorization',
      'TE',
      'X-Forwarded-Port',
      'Forwarded',
      'X-Real-IP',
    ]) {
      assert.equal(seen.get(gone), undefined, gone)
    }
    assert.equal(answer.headers['x-hop'], undefined)
    assert.equal(answer.headers['x-end'], 'kept')
  })

  await t.test('response headers keep case, order and duplicates', async (t) => {
    const sent = ['Set-Cookie', 'a=1', 'X-MiXed', '\xfc', 'Set-Cookie', 'b=2', 'Content-Length', '2']
    const { address } = await backend(t, (_req, res) => {
      res.sendDate = false
      res.writeHead(201, 'Made Up', sent)
      res.end(Buffer.from('ok'))
    })
    const answer = await ask(await route(address))
    assert.deepEqual(answer.rawHeaders.slice(0, sent.length), sent)
  })

  await t.test('HEAD, 204, 304 and HTTP/1.0 keep their framing', async (t) => {
    const { address } = await backend(t, (req, res) => {
      if (req.url === '/204') return res.writeHead(204).end()
      if (req.url === '/304') return res.writeHead(304, { etag: '"x"' }).end()
      if (req.method === 'HEAD') return res.writeHead(200, { 'content-length': '7' }).end()
      return res.writeHead(200).end('chunked')
    })
    const listening = await route(address)
    assert.equal((await ask(listening, { method: 'HEAD' })).headers['content-length'], '7')
    assert.equal((await ask(listening, { path: '/204' })).status, 204)
    assert.equal((await ask(listening, { path: '/304' })).headers.etag, '"x"')
    const old = await raw(listening, 'GET / HTTP/1.0\r\n\r\n')
    assert.match(old, /^HTTP\/1\.1 200 OK\r\n/)
    assert.doesNotMatch(old, /transfer-encoding/i)
    assert.ok(old.endsWith('\r\n\r\nchunked'))
    const absolute = await raw(
      listening,
      `GET http://${listening}/204 HTTP/1.1\r\nHost: ${listening}\r\nConnection: close\r\n\r\n`,
    )
    assert.match(absolute, /^HTTP\/1\.1 204/)
  })

  await t.test('502 with a clear body when nobody accepts, JSON for programs', async () => {
    const listening = await route(DEAD)
    const page = await ask(listening, { headers: { accept: 'text/html' } })
    assert.equal(page.status, 502)
    assert.equal(page.headers['x-stellwerk-router'], 'connect-failure')
    assert.match(page.body, /No instance of the service accepted the connection/)
    const problem = await ask(listening, { headers: { accept: 'application/json' } })
    assert.equal(JSON.parse(problem.body).type, 'urn:stellwerk:router:connect-failure')
    const { blue } = value(await client.metrics(`r${generation}`)).slots
    assert.deepEqual([blue.requests, blue.errors, blue.connectFailures], [2, 2, 2])
  })

  await t.test('504 when no headers come within timeoutMs; the error counts once, at the deadline', async (t) => {
    const { address } = await backend(t, () => {})
    const listening = await route(address, { timeoutMs: 600, deadlineMs: 150 })
    const asked = ask(listening)
    const counted = async () => value(await client.metrics(`r${generation}`)).slots.blue
    await until('the deadline counts', async () => (await counted()).requests === 1)
    const early = await counted()
    assert.deepEqual([early.errors, early.inFlight], [1, 1])
    assert.ok(early.waitingOldestMs >= 150, `waiting for ${early.waitingOldestMs} ms`)
    assert.equal((await asked).status, 504)
    const { blue } = value(await client.metrics(`r${generation}`)).slots
    assert.deepEqual([blue.requests, blue.errors, blue.inFlight, blue.waitingOldestMs], [1, 1, 0, 0])
  })

  await t.test('a malformed request is refused without reaching anyone', async (t) => {
    const { address } = await backend(t, (_req, res) => res.end('reached'))
    const listening = await route(address)
    const twoHosts = await raw(listening, 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n')
    assert.match(twoHosts, /^HTTP\/1\.1 400/)
    const smuggled = await raw(
      listening,
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    )
    assert.match(smuggled, /^HTTP\/1\.1 400/)
    const huge = await raw(listening, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`)
    assert.match(huge, /^HTTP\/1\.1 431/)
    assert.equal(value(await client.metrics(`r${generation}`)).slots.blue.requests, 0)
  })
})

function get(address: string, options: http.RequestOptions = {}): http.ClientRequest {
  const req = request(address, options)
  req.end()
  return req
}

function request(address: string, options: http.RequestOptions = {}): http.ClientRequest {
  const [host, port] = address.split(':')
  return http.request({ host, port, agent: false, ...options })
}

async function text(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

function pairs(list: readonly string[]): Map<string, string[]> {
  const map = new Map<string, string[]>()
  for (let i = 0; i < list.length; i += 2) map.set(list[i]!, [...(map.get(list[i]!) ?? []), list[i + 1]!])
  return map
}
