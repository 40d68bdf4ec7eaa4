import assert from 'node:assert/strict'
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, describe, it } from 'node:test'
import { probe } from './probe.ts'

const servers: Server[] = []

async function serving(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

const health = { live: '/health', ready: '/readyness' }
const ask = (port: number) =>
  probe(port, health, {
    signal: AbortSignal.timeout(120_000),
    // On a busy machine we answer ourselves late.
    limitMs: 60_000,
    redact: (text) => text.replaceAll('hunter22', '[redacted]'),
  })
const answering =
  (status: number, body: string | Buffer, headers: Record<string, string> = {}): RequestListener =>
  (request, response) => {
    if (request.url === '/health') return response.writeHead(200).end('ok')
    return response.writeHead(status, headers).end(body)
  }

describe('what an instance that is not ready answered is told', () => {
  const table: readonly (readonly [string, RequestListener, string])[] = [
    ['a wrong path', answering(404, 'Cannot GET /readyness\n'), 'GET /readyness: 404 "Cannot GET /readyness"'],
    [
      'a service that says why',
      answering(503, '{"database":"down"}\nmore'),
      'GET /readyness: 503 "{"database":"down"}"',
    ],
    ['nothing but a status', answering(500, ''), 'GET /readyness: 500'],
    ['a redirect to a login', answering(302, 'moved', { Location: '/login' }), 'GET /readyness: 302 to /login'],
    ['NUL and colours', answering(503, '\u001b[31mno\0thing'), 'GET /readyness: 503 "no␀thing"'],
    ['what is no text', answering(503, Buffer.from([0xff, 0xfe, 0x0a, 0x41])), 'GET /readyness: 503 "\ufffd\ufffd"'],
  ]
  for (const [name, listener, why] of table)
    it(name, async () => assert.deepEqual(await ask(await serving(listener)), { live: true, ready: false, why }))

  it('a page without end is read no further than its first line', async () => {
    let sent = 0
    const port = await serving((request, response) => {
      if (request.url === '/health') return response.end()
      response.writeHead(503)
      const more = () => {
        while (!response.destroyed && (sent += 1024) > 0 && response.write('x'.repeat(1024)));
      }
      response.on('drain', more)
      return more()
    })
    assert.match((await ask(port)).why ?? '', /^GET \/readyness: 503 "x{159}…"$/)
    assert.ok(sent < 10_000_000, `${sent} bytes were taken`)
  })

  it('nobody listens', async () => {
    const port = await serving(() => undefined)
    await new Promise((resolve) => servers.splice(0)[0]!.close(resolve))
    await assert.rejects(new Promise((_, reject) => connect(port, '127.0.0.1').on('error', reject)))
    assert.match((await ask(port)).why ?? '', /^GET \/health: .*ECONNREFUSED/)
  })

  it('a good answer is no reason, whatever its body says', async () => {
    assert.deepEqual(await ask(await serving(answering(204, ''))), { live: true, ready: true, why: null })
  })
})
