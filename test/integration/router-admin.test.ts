import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { RouterInfo } from '../../src/router/view.ts'
import { raw, startRouter, value, desired } from './router-world.ts'

test('whatever the admin API is sent, the answer says what was wrong; nothing is a fault of ours', async (t) => {
  const { client, dir, log } = await startRouter(t)
  const { url, token } = RouterInfo.parse(JSON.parse(readFileSync(join(dir, 'router.json'), 'utf8')))
  const address = new URL(url).host
  const send = async (line: string, { host = address, body = '' } = {}) => {
    const length = Buffer.byteLength(body)
    const head = `${line} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\nContent-Length: ${length}`
    const text = await raw(address, `${head}\r\n\r\n${body}`)
    return { status: Number(text.slice(9, 12)), body: text.slice(text.indexOf('\r\n\r\n') + 4) }
  }
  const maintenance = (title: string) =>
    JSON.stringify({ ...desired(1, 0, { blue: ['127.0.0.1:1'] }), maintenance: { title, text: '', retryAfterS: 1 } })

  const rows: readonly (readonly [number, RegExp, string, Parameters<typeof send>[1]?])[] = [
    [400, /percent-encoded/, 'GET /routes/%zz'],
    [400, /percent-encoded/, 'GET /routes/%ED%A0%80'],
    [400, /percent-encoded/, 'PUT /routes/%C0%AF'],
    [400, /percent-encoded/, 'DELETE /%E0%A4%A/x'],
    [404, /no route/, 'GET /routes/%00'],
    [404, /not part of this API/, 'GET //'],
    [404, /not part of this API/, 'GET //evil.example/routes'],
    [404, /not part of this API/, 'GET http://[/routes'],
    [400, /route key/, 'PUT /routes/%00', { body: maintenance('x') }],
    [400, /not JSON/, 'PUT /routes/a', { body: '{"a":\u0000}' }],
    [400, /control characters/, 'PUT /routes/a', { body: maintenance('a\u0000b') }],
    [400, /control characters/, 'PUT /routes/a', { body: maintenance('a\u001b[2Jb') }],
    [400, /control characters/, 'PUT /routes/a', { body: maintenance('half \ud800 a surrogate') }],
    [421, /as 127\.0\.0\.1 or localhost/, 'GET /health', { host: 'rebound.example' }],
    [421, /as 127\.0\.0\.1 or localhost/, 'GET /health', { host: '127.0.0.1.rebound.example' }],
    [421, /as 127\.0\.0\.1 or localhost/, 'GET /health', { host: '' }],
    [200, /"status":"ok"/, 'GET /health', { host: 'localhost:1' }],
    [200, /"status":"ok"/, 'GET /health', { host: '[::1]' }],
    [200, /^stellwerk_router_faults_total\{kind="uncaught"\} 0$/m, 'GET /metrics'],
  ]
  for (const [status, said, line, sent] of rows) {
    const answer = await send(line, sent)
    assert.equal(answer.status, status, `${line} ${JSON.stringify(sent)}: ${answer.body}`)
    assert.match(answer.body, said, line)
  }
  assert.deepEqual(value(await client.health()).faults, { contained: 0, uncaught: 0 })
  assert.doesNotMatch(log(), /Error|fault/)
})
