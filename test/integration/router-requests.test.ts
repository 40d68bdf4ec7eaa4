/** What a client may send, byte by byte, and what becomes of its connection and of everybody else. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { test } from 'node:test'
import { until } from '../../src/testing/until.ts'
import { ask, backend, put, raw, rawBackend, startRouter, value, desired, type Backend } from './router-world.ts'

const UPGRADE = 'Connection: Upgrade\r\nUpgrade: echo/1\r\n'
const END = 'Host: a\r\nConnection: close\r\n\r\n'

/** Tells what it was asked; `/slow` a little later, `/held` when it is let go. Speaks `echo/1`. */
async function telling(t: Parameters<typeof backend>[0]): Promise<Backend & { letGo(): void }> {
  const held: (() => void)[] = []
  const service = await backend(t, (req, res) => {
    let body = ''
    req.on('data', (chunk) => (body += chunk))
    req.on('end', () => {
      const tell = () => res.end(`${req.method} ${req.url} ${body} ${req.headers.upgrade ?? '-'};`)
      if (req.url === '/held') held.push(tell)
      else tell()
    })
  })
  service.server.on('upgrade', (req, socket: net.Socket) => {
    socket.on('error', () => {})
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${req.headers.upgrade}\r\n\r\n`)
    socket.pipe(socket)
  })
  return { ...service, letGo: () => held.splice(0).forEach((tell) => tell()) }
}

test('upgrades: what goes on, what is taken for an ordinary request, what ends', async (t) => {
  const { client } = await startRouter(t)
  const service = await telling(t)
  const address = await put(client, 'app', desired(1, 0, { blue: [service.address] }))
  const { worker } = value(await client.health())
  const rows: readonly (readonly [string, string, RegExp])[] = [
    [
      'a body belongs to the request',
      `POST /a HTTP/1.1\r\nHost: a\r\n${UPGRADE}Content-Length: 2\r\n\r\nhi`,
      /POST \/a hi -;/,
    ],
    [
      'a chunked body too',
      `POST /a HTTP/1.1\r\nHost: a\r\n${UPGRADE}Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n`,
      /POST \/a hi -;/,
    ],
    [
      'a length of 0 is no body',
      `GET /a HTTP/1.1\r\nHost: a\r\n${UPGRADE}Content-Length: 0\r\n\r\nping`,
      /^HTTP\/1\.1 101 [^]*ping/,
    ],
    [
      'bytes behind the head go into the tunnel',
      `GET /a HTTP/1.1\r\nHost: a\r\n${UPGRADE}\r\nping`,
      /^HTTP\/1\.1 101 [^]*ping/,
    ],
    ['HTTP/1.0 cannot upgrade', `GET /a HTTP/1.0\r\nHost: a\r\n${UPGRADE}\r\n`, /GET \/a {2}-;/],
    [
      'h2c first',
      'GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n',
      /GET \/a {2}-;/,
    ],
    [
      'h2c in the middle',
      'GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: foo, H2C ,bar\r\n\r\n',
      /^HTTP\/1\.1 101 [^]*Upgrade: foo, bar\r\n/,
    ],
    [
      'h2c in a field of its own',
      'GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo/1\r\nUpgrade: h2c\r\n\r\n',
      /^HTTP\/1\.1 101 [^]*Upgrade: echo\/1\r\n/,
    ],
    [
      'TLS and HTTP versions',
      'GET /a HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: TLS/1.3, HTTP/2.0, h2, h3\r\n\r\n',
      /GET \/a {2}-;/,
    ],
    ['Upgrade that Connection does not name', 'GET /a HTTP/1.1\r\nHost: a\r\nUpgrade: echo/1\r\n\r\n', /GET \/a {2}-;/],
    [
      'Upgrade among other options',
      'GET /a HTTP/1.1\r\nHost: a\r\nConnection: keep-alive , uPgRaDe\r\nUpgrade: echo/1\r\n\r\n',
      /^HTTP\/1\.1 101 /,
    ],
    ['an empty list', 'GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: ,\r\n\r\n', /GET \/a {2}-;/],
    ['CONNECT', 'CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n', /^HTTP\/1\.1 405 [^]*Allow: /],
    ['a malformed target', `GET nowhere HTTP/1.1\r\nHost: a\r\n${UPGRADE}\r\n`, /^HTTP\/1\.1 400 /],
  ]
  for (const [what, bytes, wanted] of rows) {
    await t.test(what, async () => assert.match(await heard(address, bytes, wanted), wanted))
  }

  await t.test(
    'behind a request that is not answered yet: an ordinary one, answered in its turn, and the last',
    async () => {
      const bytes = `GET /held HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n${UPGRADE}\r\nGET /3 HTTP/1.1\r\n${END}`
      const answered = raw(address, bytes)
      await until('the first waits', async () => value(await client.get('app')).slots.blue.inFlight >= 1)
      service.letGo()
      await until('it is through', async () => {
        service.letGo()
        return value(await client.get('app')).slots.blue.inFlight === 0
      })
      assert.match(await answered, /GET \/held {2}-;[^]*Connection: close\r\n[^]*GET \/2 {2}-;$/)
    },
  )

  await t.test('CONNECT or garbage behind it cuts that connection, and is never taken for its answer', async () => {
    for (const next of [
      'CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n',
      '\u0000\u0001garbage\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
    ]) {
      assert.equal(await raw(address, `GET /held HTTP/1.1\r\nHost: a\r\n\r\n${next}`), '', JSON.stringify(next))
      service.letGo()
    }
  })

  assert.equal((await ask(address)).status, 200)
  const after = value(await client.health())
  assert.deepEqual([after.worker, after.faults], [worker, { contained: 0, uncaught: 0 }])
  assert.equal(value(await client.metrics('app')).slots.blue.errors, 0, 'nothing of it is the service’s error')
})

test('what a service sends along with its 101 arrives, an interim answer before it too', async (t) => {
  const { client } = await startRouter(t)
  const switching = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo/1\r\n\r\n'
  const rows: readonly (readonly [string, string, RegExp])[] = [
    [
      'bytes of the tunnel',
      `${switching}HTTP/1.1 100 is no head here\r\n\r\n`,
      /^HTTP\/1\.1 101 [^]*\r\n\r\nHTTP\/1\.1 100 is no head here/,
    ],
    ['100 before', `HTTP/1.1 100 Continue\r\n\r\n${switching}hello`, /^HTTP\/1\.1 101 [^]*\r\n\r\nhello/],
    [
      '103 before',
      `HTTP/1.1 103 E\r\nLink: </a>\r\n\r\n${switching}hello`,
      /^HTTP\/1\.1 103 [^]*<\/a>\r\n\r\nHTTP\/1\.1 101 [^]*hello/,
    ],
    [
      'a refusal with a body',
      'HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno',
      /^HTTP\/1\.1 403 No\r\n[^]*Connection: close\r\n[^]*no$/,
    ],
  ]
  for (const [index, [what, sent, wanted]] of rows.entries()) {
    await t.test(what, async (t) => {
      const service = await rawBackend(t, (socket) => socket.once('data', () => socket.write(sent)))
      const address = await put(client, `r${index}`, desired(index, 0, { blue: [service] }))
      assert.match(await heard(address, `GET / HTTP/1.1\r\nHost: a\r\n${UPGRADE}\r\n`, wanted), wanted)
      assert.equal(value(await client.metrics(`r${index}`)).slots.blue.errors, 0)
    })
  }
})

test('a refused upgrade closes its connection, even when the client does not', async (t) => {
  const { client } = await startRouter(t)
  const deaf = await rawBackend(t, () => {})
  const address = await put(client, 'app', desired(1, 0, { blue: [deaf] }, { timeoutMs: 200 }))
  const socket = net.connect({ port: Number(address.split(':')[1]), host: '127.0.0.1', allowHalfOpen: true })
  let text = ''
  socket.on('data', (chunk) => (text += chunk)).on('error', () => {})
  socket.write(`GET / HTTP/1.1\r\nHost: a\r\n${UPGRADE}\r\n`)
  await once(socket, 'end')
  assert.match(text, /^HTTP\/1\.1 504 /)
  await until('nothing is in flight', async () => value(await client.get('app')).slots.blue.inFlight === 0)
  socket.destroy()
})

test('requests that two could read in two ways reach nobody', async (t) => {
  const { client } = await startRouter(t)
  let reached = 0
  const service = await backend(t, (req, res) => {
    reached++
    req.resume().on('end', () => res.end())
  })
  const address = await put(client, 'app', desired(1, 0, { blue: [service.address] }))
  const rows: readonly (readonly [number, string])[] = [
    [400, 'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n'],
    [400, 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n'],
    [400, 'GET / HTTP/1.1\r\nHost:\r\n\r\n'],
    [400, 'GET / HTTP/1.1\r\n\r\n'],
    [400, 'GET http://user@a/ HTTP/1.1\r\nHost: a\r\n\r\n'],
    [400, 'GET /#f HTTP/1.1\r\nHost: a\r\n\r\n'],
    [400, 'GET * HTTP/1.1\r\nHost: a\r\n\r\n'],
    [400, 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n'],
    [400, 'GET /\u00fc HTTP/1.1\r\nHost: a\r\n\r\n'],
    [400, 'GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n'],
    [400, 'GET / HTTP/1.1 \r\nHost: a\r\n\r\n'],
    [400, 'GET / HTTP/1.1\r\nHost : a\r\n\r\n'],
    [400, 'GET / HTTP/1.1\r\nHost: a\r\n X: folded\r\n\r\n'],
    [400, 'GET / HTTP/1.1\r\nHost: a\r\nX: a\u0000b\r\n\r\n'],
    [400, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx'],
    [400, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx'],
    [400, 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    [400, 'POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    [501, 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
    [417, 'POST / HTTP/1.1\r\nHost: a\r\nExpect: the-moon\r\nConnection: close\r\n\r\n'],
    [431, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`],
    [200, 'OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'],
  ]
  for (const [status, bytes] of rows) {
    assert.match(await raw(address, bytes), new RegExp(`^HTTP/1\\.1 ${status} `), JSON.stringify(bytes.slice(0, 100)))
  }
  for (const version of ['2.0', '0.9', '9.9']) {
    const refused = await raw(address, `GET / HTTP/${version}\r\nHost: a\r\n\r\n`)
    assert.match(refused, /^HTTP\/1\.1 (?:400|505) /, version)
  }
  assert.equal(reached, 0)
  const { slots } = value(await client.metrics('app'))
  assert.deepEqual([slots.blue.requests, slots.blue.errors], [0, 0])
})

test('what is unusual and valid reaches the service as it was meant', async (t) => {
  const { client } = await startRouter(t)
  const seen: string[] = []
  const upstream = await rawBackend(t, (socket) => {
    let head = ''
    socket.on('data', (chunk) => {
      head += chunk.toString('latin1')
      if (!/\r\n\r\n/.test(head)) return
      seen.push(head)
      socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    })
  })
  const address = await put(client, 'app', desired(1, 0, { blue: [upstream] }))
  const many = Array.from({ length: 2_500 }, (_, i) => `a: ${i}\r\n`).join('')
  const rows: readonly (readonly [string, string, RegExp])[] = [
    [
      'absolute form',
      `GET http://b.example:8/p?q HTTP/1.1\r\n${END}`,
      /^GET \/p\?q HTTP\/1\.1\r\nhost: b\.example:8\r\n[^]*X-Forwarded-Host: b\.example:8\r\n/,
    ],
    ['obs-text in a value', `GET / HTTP/1.1\r\nX: J\u00fcrgen\r\n${END}`, /\r\nX: J\u00fcrgen\r\n/],
    ['HTTP/1.0 without a host', 'GET /old HTTP/1.0\r\n\r\n', /^GET \/old HTTP\/1\.1\r\nhost: 127\.0\.0\.1:\d+\r\n/],
    ['empty lines before it', `\r\n\r\nGET /p HTTP/1.1\r\n${END}`, /^GET \/p HTTP/],
    [
      'more than 2,000 fields, the last one too',
      `GET /m HTTP/1.1\r\n${many}X-Last: yes\r\n${END}`,
      /a: 2499\r\nX-Last: yes\r\n/,
    ],
    ['the same field twice', `GET / HTTP/1.1\r\nX-D: 1\r\nx-d: 2\r\n${END}`, /X-D: 1\r\nx-d: 2\r\n/],
    ['a GET with a body', `GET /b HTTP/1.1\r\nContent-Length: 2\r\n${END}hi`, /content-length: 2\r\n\r\nhi$/i],
    [
      'Expect among others',
      `POST /e HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n${END}hi`,
      /content-length: 2\r\n\r\nhi$/i,
    ],
    ['WebDAV', `PROPFIND /d HTTP/1.1\r\n${END}`, /^PROPFIND \/d HTTP/],
  ]
  for (const [what, bytes, wanted] of rows) {
    await t.test(what, async () => {
      seen.length = 0
      assert.match(await raw(address, bytes), /HTTP\/1\.1 200 OK/)
      await until('it arrived', () => seen.length > 0)
      assert.match(seen.join(''), wanted)
    })
  }
  assert.equal(value(await client.metrics('app')).slots.blue.errors, 0)
})

/** What is answered until it matches, the connection ends or a second has gone by; a tunnel would stay open. */
async function heard(address: string, bytes: string, wanted: RegExp): Promise<string> {
  const [host, port] = address.split(':')
  const socket = net.connect(Number(port), host).setEncoding('latin1')
  let text = ''
  const over = new Promise<void>((done) => {
    socket.on('data', (chunk) => {
      text += chunk
      if (wanted.test(text)) done()
    })
    socket.on('close', () => done()).on('error', () => {})
    socket.setTimeout(5_000, () => done())
  })
  socket.write(bytes, 'latin1')
  await over
  socket.destroy()
  return text
}
