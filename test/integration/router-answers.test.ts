/** What an upstream may send, byte by byte, and what the client gets of it; nothing of it is the service's error. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type net from 'node:net'
import { test, type TestContext } from 'node:test'
import { put, raw, rawBackend, startRouter, value, desired, type RouterProcess } from './router-world.ts'

type Row = {
  readonly what: string
  readonly sent: string | readonly string[]
  readonly asked?: string
  /** The upstream closes behind it. */
  readonly closes?: boolean
  readonly gets: RegExp
  readonly not?: RegExp
}

const GET = 'GET / HTTP/1.1'
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const ENDS_OK = /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nok$/

const ANSWERS: readonly Row[] = [
  // Reason phrases (RFC 9112 §4).
  { what: 'no reason', sent: 'HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\nok', gets: /^HTTP\/1\.1 200 \r\n[^]*ok$/ },
  { what: 'no reason and no space', sent: 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok', gets: /^HTTP\/1\.1 200 \r\n/ },
  {
    what: 'a reason in UTF-8',
    sent: 'HTTP/1.1 404 \u00e6\u009c\u00aa\r\nContent-Length: 0\r\n\r\n',
    gets: /^HTTP\/1\.1 404 \u00e6\u009c\u00aa\r\n/,
  },
  {
    what: 'a reason in Latin-1',
    sent: 'HTTP/1.1 404 Ung\u00fcltig\r\nContent-Length: 0\r\n\r\n',
    gets: /^HTTP\/1\.1 404 \r\n/,
  },
  {
    what: 'a reason with a tab',
    sent: 'HTTP/1.1 200 all\tright\r\nContent-Length: 0\r\n\r\n',
    gets: /^HTTP\/1\.1 200 /,
  },
  {
    what: 'a long reason',
    sent: `HTTP/1.1 200 ${'x'.repeat(8_000)}\r\nContent-Length: 0\r\n\r\n`,
    gets: /^HTTP\/1\.1 200 x{8000}\r\n/,
  },
  // Statuses.
  {
    what: 'an unknown status',
    sent: 'HTTP/1.1 299 Fine\r\nContent-Length: 2\r\n\r\nok',
    gets: /^HTTP\/1\.1 299 Fine\r\n/,
  },
  {
    what: 'a status beyond the classes',
    sent: 'HTTP/1.1 499 Gone\r\nContent-Length: 2\r\n\r\nok',
    gets: /^HTTP\/1\.1 499 Gone\r\n/,
  },
  {
    what: '205 with its empty body',
    sent: 'HTTP/1.1 205 Reset\r\nContent-Length: 0\r\n\r\n',
    gets: /^HTTP\/1\.1 205 Reset\r\n/,
  },
  {
    what: '426 says what it wants',
    sent: 'HTTP/1.1 426 No\r\nConnection: Upgrade\r\nUpgrade: foo/2\r\nContent-Length: 0\r\n\r\n',
    gets: /\r\nUpgrade: foo\/2\r\nConnection: Upgrade, close\r\n/,
  },
  {
    what: 'an offer to upgrade stays here',
    sent: 'HTTP/1.1 200 OK\r\nUpgrade: h2,h2c\r\nConnection: Upgrade\r\nContent-Length: 2\r\n\r\nok',
    gets: ENDS_OK,
    not: /upgrade/i,
  },
  // Header fields (RFC 9110 §5.5).
  {
    what: 'obs-text in a value',
    sent: 'HTTP/1.1 200 OK\r\nX-Name: J\u00fcrgen \u0080\u00ff\r\nContent-Length: 2\r\n\r\nok',
    gets: /\r\nX-Name: J\u00fcrgen \u0080\u00ff\r\n/,
  },
  {
    what: 'an empty value',
    sent: 'HTTP/1.1 200 OK\r\nX-Empty:\r\nContent-Length: 2\r\n\r\nok',
    gets: /\r\nX-Empty: *\r\n/,
  },
  {
    what: 'white space around a value',
    sent: 'HTTP/1.1 200 OK\r\nX-W: \t a b \t\r\nContent-Length:   2 \r\n\r\nok',
    gets: ENDS_OK,
  },
  {
    what: 'a name of odd signs',
    sent: "HTTP/1.1 200 OK\r\n!#$%&'*+-.^_`|~0: x\r\nContent-Length: 2\r\n\r\nok",
    gets: /\r\n!#\$%&'\*\+-\.\^_`\|~0: x\r\n/,
  },
  {
    what: 'the same field twice',
    sent: 'HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nVary: a\r\nSet-Cookie: b=2\r\nVary: b\r\nContent-Length: 2\r\n\r\nok',
    gets: /Set-Cookie: a=1\r\nVary: a\r\nSet-Cookie: b=2\r\nVary: b/,
  },
  {
    what: 'names in lower case',
    sent: 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-a: b\r\n\r\nok',
    gets: /content-length: 2\r\nx-a: b/,
  },
  {
    what: 'a value of 30 kB',
    sent: `HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(30_000)}\r\nContent-Length: 2\r\n\r\nok`,
    gets: /x{30000}\r\n/,
  },
  {
    what: '2,500 fields',
    sent: `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(2_500)}Content-Length: 2\r\n\r\nok`,
    gets: ENDS_OK,
  },
  { what: 'no Date', sent: OK, gets: /\r\nDate: \w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT\r\n/ },
  {
    what: 'a Date of its own',
    sent: 'HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: 2\r\n\r\nok',
    gets: /Date: Thu, 01 Jan 2026/,
    not: /Date:[^]*Date:/,
  },
  {
    what: 'Connection names a field',
    sent: 'HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Hop, Content-Length\r\nX-Hop: secret\r\nContent-Length: 2\r\n\r\nok',
    gets: ENDS_OK,
    not: /secret/,
  },
  // Trailers (RFC 9110 §6.5).
  {
    what: 'Trailer with a length',
    sent: 'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nContent-Length: 2\r\n\r\nok',
    gets: ENDS_OK,
  },
  {
    what: 'Trailer on 304',
    sent: 'HTTP/1.1 304 Not Modified\r\nTrailer: X-Sum\r\nETag: "a"\r\n\r\n',
    gets: /^HTTP\/1\.1 304 [^]*ETag: "a"/,
  },
  { what: 'Trailer on 204', sent: 'HTTP/1.1 204 No Content\r\nTrailer: X-Sum\r\n\r\n', gets: /^HTTP\/1\.1 204 / },
  {
    what: 'Trailer to HEAD',
    asked: 'HEAD / HTTP/1.1',
    sent: 'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n',
    gets: /^HTTP\/1\.1 200 OK[^]*\r\n\r\n$/,
  },
  {
    what: 'Trailer to HTTP/1.0',
    asked: 'GET / HTTP/1.0',
    sent: 'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n',
    gets: ENDS_OK,
    not: /X-Sum|chunked/,
  },
  {
    what: 'Trailer and trailers',
    sent: 'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTrailer: X-More\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n',
    gets: /Trailer: X-Sum, X-More\r\n[^]*0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n$/,
  },
  {
    what: 'trailers unannounced, with obs-text',
    sent: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: \u00fc\r\n\r\n',
    gets: /0\r\nX-Sum: \u00fc\r\n\r\n$/,
  },
  {
    what: 'trailers that are none',
    sent: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\nSet-Cookie: a=b\r\n\r\n',
    gets: /0\r\nX-Sum: 1\r\n\r\n$/,
    not: /Set-Cookie|Content-Length/,
  },
  // Framing (RFC 9112 §6, §7).
  {
    what: 'until it closes',
    sent: 'HTTP/1.1 200 OK\r\n\r\nok',
    closes: true,
    gets: /^HTTP\/1\.1 200 OK\r\n[^]*2\r\nok\r\n0\r\n\r\n$/,
  },
  {
    what: 'HTTP/1.0 until it closes',
    sent: 'HTTP/1.0 200 OK\r\n\r\nok',
    closes: true,
    gets: /^HTTP\/1\.1 200 OK\r\n[^]*2\r\nok\r\n0\r\n\r\n$/,
  },
  {
    what: 'HTTP/1.0 with a length',
    sent: 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok',
    closes: true,
    gets: ENDS_OK,
  },
  {
    what: 'HTTP/1.0 that keeps alive',
    sent: 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok',
    gets: ENDS_OK,
  },
  {
    what: 'close with a length',
    sent: 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok',
    closes: true,
    gets: ENDS_OK,
  },
  {
    what: 'chunk extensions and odd sizes',
    sent: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0001;a=b;c="d;e"\r\no\r\n1\r\nk\r\n000;x\r\n\r\n',
    gets: /(?:1\r\no\r\n1\r\nk|2\r\nok)\r\n0\r\n\r\n$/,
  },
  {
    what: 'chunk sizes in capitals',
    sent: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n`,
    gets: /a\r\n0123456789\r\n0\r\n\r\n$/,
  },
  {
    what: 'Chunked in capitals',
    sent: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    gets: /2\r\nok\r\n0\r\n\r\n$/,
  },
  {
    what: '204 with a length of 0',
    sent: 'HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n',
    gets: /^HTTP\/1\.1 204 /,
    not: /Content-Length/,
  },
  {
    what: '204 with a length',
    sent: 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n',
    gets: /^HTTP\/1\.1 204 /,
    not: /Content-Length/,
  },
  {
    what: '304 with the length of what it stands for',
    sent: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n',
    gets: /^HTTP\/1\.1 304 [^]*Content-Length: 500\r\n[^]*\r\n\r\n$/,
  },
  {
    what: '304 with a coding',
    sent: 'HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n',
    gets: /^HTTP\/1\.1 304 /,
    not: /chunked/,
  },
  {
    what: 'HEAD with a length',
    asked: 'HEAD / HTTP/1.1',
    sent: 'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n',
    gets: /Content-Length: 500\r\n[^]*\r\n\r\n$/,
  },
  {
    what: 'HEAD without one',
    asked: 'HEAD / HTTP/1.1',
    sent: 'HTTP/1.1 200 OK\r\n\r\n',
    gets: /^HTTP\/1\.1 200 OK[^]*\r\n\r\n$/,
  },
  { what: 'a line break before the answer', sent: `\r\n${OK}`, gets: ENDS_OK },
  // In pieces.
  { what: 'byte by byte', sent: [...OK], gets: ENDS_OK },
  {
    what: 'a break within the status line',
    sent: ['HTTP/1.1 2', '00 OK\r\nContent-Le', 'ngth: 2\r\n\r', '\no', 'k'],
    gets: ENDS_OK,
  },
  // Interim answers (RFC 9110 §15.2).
  { what: '100 unasked', sent: `HTTP/1.1 100 Continue\r\n\r\n${OK}`, gets: ENDS_OK, not: / 100 / },
  {
    what: '100 with fields, in pieces',
    sent: ['HTTP/1.1 1', '00 Continue\r\nX-Y: z\r', '\n\r', `\n${OK}`],
    gets: ENDS_OK,
    not: /X-Y/,
  },
  {
    what: '100 twice, then 103',
    sent: `HTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 E\r\nLink: </a>\r\n\r\n${OK}`,
    gets: /^HTTP\/1\.1 103 [^]*Link: <\/a>\r\n\r\nHTTP\/1\.1 200 OK/,
  },
  {
    what: '102',
    sent: `HTTP/1.1 102 Processing\r\n\r\n${OK}`,
    gets: /^HTTP\/1\.1 102 Processing\r\n\r\nHTTP\/1\.1 200 OK/,
  },
  {
    what: '103 without Link',
    sent: `HTTP/1.1 103 Early\r\nX-Hint: 1\r\n\r\n${OK}`,
    gets: /^HTTP\/1\.1 103 Early Hints\r\nX-Hint: 1\r\n\r\nHTTP\/1\.1 200 OK/,
  },
  {
    what: '103 with an odd Link',
    sent: `HTTP/1.1 103 Early\r\nLink: not a link \u00fc\r\n\r\n${OK}`,
    gets: /Link: not a link \u00fc\r\n\r\nHTTP\/1\.1 200 OK/,
  },
  {
    what: '103 of several, hop-by-hop fields among them',
    sent: `HTTP/1.1 103 E\r\nLink: </a>\r\nConnection: X-H\r\nX-H: 1\r\n\r\nHTTP/1.1 103 E\r\nLink: </b>\r\n\r\n${OK}`,
    gets: /<\/a>\r\n\r\nHTTP\/1\.1 103 Early Hints\r\nLink: <\/b>\r\n\r\nHTTP\/1\.1 200 OK/,
    not: /X-H/,
  },
  {
    what: 'an interim answer yet to be invented',
    sent: `HTTP/1.1 110 Later\r\nX: y\r\n\r\n${OK}`,
    gets: /^HTTP\/1\.1 110 \r\nX: y\r\n\r\nHTTP\/1\.1 200 OK/,
  },
  {
    what: 'no interim answer for HTTP/1.0',
    asked: 'GET / HTTP/1.0',
    sent: `HTTP/1.1 103 E\r\nLink: </a>\r\n\r\n${OK}`,
    gets: ENDS_OK,
    not: / 103 /,
  },
]

test('every answer that HTTP allows arrives, and is nobody’s error', async (t) => {
  const { put, check } = await world(t)
  for (const { what, sent, asked = GET, closes = false, gets, not } of ANSWERS) {
    await t.test(what, async (t) => {
      const backend = await rawBackend(t, (socket) => socket.once('data', () => void speak(socket, sent, closes)))
      const text = await raw(await put(backend), `${asked}\r\nHost: a\r\nConnection: close\r\n\r\n`)
      assert.match(text, gets)
      if (not) assert.doesNotMatch(text, not)
      await check({ requests: 1, errors: 0, completions: 1, retries: 0 })
    })
  }
})

/** What no HTTP/1.1 server may send: a clear answer at once, the service's error, and nothing behind it is lost. */
const BROKEN: readonly Row[] = [
  { what: 'no HTTP', sent: 'SSH-2.0-OpenSSH_9.9\r\n', gets: /^HTTP\/1\.1 502 / },
  {
    what: 'a NUL in a value',
    sent: 'HTTP/1.1 200 OK\r\nX: a\u0000b\r\nContent-Length: 2\r\n\r\nok',
    gets: /^HTTP\/1\.1 502 /,
  },
  {
    what: 'two lengths',
    sent: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok',
    gets: /^HTTP\/1\.1 502 /,
  },
  {
    what: 'a coding that nobody asked for',
    sent: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    gets: /^HTTP\/1\.1 502 [^]*X-Stellwerk-Router: unpassable/,
  },
  { what: 'a status of 99', sent: 'HTTP/1.1 099 Odd\r\nContent-Length: 2\r\n\r\nok', gets: /^HTTP\/1\.1 502 / },
  {
    what: '101 that nobody asked for',
    sent: 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
    gets: /^HTTP\/1\.1 502 /,
  },
  { what: 'a head of 100 kB', sent: `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`, gets: /^HTTP\/1\.1 502 / },
  { what: 'interim answers and no end', sent: 'HTTP/1.1 100 C\r\n\r\n', closes: true, gets: /^HTTP\/1\.1 502 / },
]

test('an answer that is none: 502 at once, one error, and no time limit is waited for', async (t) => {
  const { put, check } = await world(t)
  for (const { what, sent, closes = false, gets } of BROKEN) {
    await t.test(what, async (t) => {
      const backend = await rawBackend(t, (socket) => socket.once('data', () => void speak(socket, sent, closes)))
      const from = performance.now()
      assert.match(await raw(await put(backend), `${GET}\r\nHost: a\r\nConnection: close\r\n\r\n`), gets)
      assert.ok(performance.now() - from < 5_000)
      await check({ requests: 1, errors: 1, completions: 0 })
    })
  }
})

test('an answer given before the upload was read arrives, also when the connection is reset behind it', async (t) => {
  const { put, check } = await world(t)
  const body = 'x'.repeat(300_000)
  for (const [what, head] of [
    ['413 with a length', 'HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno'],
    ['401 that would keep alive', 'HTTP/1.1 401 Who\r\nContent-Length: 2\r\n\r\nno'],
    ['HTTP/1.0', 'HTTP/1.0 413 Too Large\r\nContent-Length: 2\r\n\r\nno'],
    ['chunked', 'HTTP/1.1 413 Too Large\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n'],
    ['100 first', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno'],
  ] as const) {
    for (const framing of [
      `Content-Length: ${body.length}\r\n\r\n${body}`,
      `Transfer-Encoding: chunked\r\n\r\n${chunked(body)}`,
    ]) {
      await t.test(`${what}, ${framing.slice(0, 9)}`, async (t) => {
        const backend = await rawBackend(t, (socket) => {
          // Not a byte of the body is read: closing then resets.
          socket.once('data', () => socket.pause().write(head, 'latin1', () => socket.destroy()))
        })
        const listening = await put(backend)
        for (let i = 0; i < 10; i++) {
          const text = await raw(listening, `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${framing}`)
          assert.match(text, /^HTTP\/1\.1 4(?:13|01) [^]*no/)
        }
        await check({ requests: 10, errors: 0, completions: 10 })
      })
    }
  }
})

async function world(t: TestContext) {
  const { client }: RouterProcess = await startRouter(t)
  let generation = 0
  return {
    put: (backend: string) => put(client, `r${++generation}`, desired(generation, 0, { blue: [backend] })),
    check: async (wanted: Readonly<Record<string, number>>) => {
      const counted: Readonly<Record<string, unknown>> = value(await client.metrics(`r${generation}`)).slots.blue
      assert.deepEqual(Object.fromEntries(Object.keys(wanted).map((name) => [name, counted[name]])), wanted)
      assert.deepEqual(value(await client.health()).faults, { contained: 0, uncaught: 0 })
    },
  }
}

async function speak(socket: net.Socket, sent: string | readonly string[], closes: boolean): Promise<void> {
  for (const piece of typeof sent === 'string' ? [sent] : sent) {
    if (!socket.write(piece, 'latin1')) await once(socket, 'drain')
    await new Promise((turn) => setImmediate(turn))
  }
  if (closes) socket.end()
}

function chunked(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`
}
