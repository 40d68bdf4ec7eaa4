import assert from 'node:assert/strict'
import { test } from 'node:test'
import { receive, type Inbound } from './receive.ts'

const PEER = '203.0.113.9'

type Sent = { readonly line?: string; readonly trusted?: boolean; readonly host?: string | null }

/** As Node's parser tells it. */
function received(headers: readonly string[], { line = 'GET / HTTP/1.1', trusted = false, host = 'a' }: Sent = {}) {
  const [method, url, version] = line.split(' ') as [string, string, string]
  const [major, minor] = version.slice(5).split('.').map(Number) as [number, number]
  const rawHeaders = [...(host === null ? [] : ['Host', host]), ...headers]
  return receive({ method, url, rawHeaders, httpVersionMajor: major, httpVersionMinor: minor }, PEER, trusted)
}

function passed(headers: readonly string[], sent: Sent = {}): Inbound {
  const result = received(headers, sent)
  assert.ok('headers' in result, JSON.stringify(result))
  return result
}

function names(headers: readonly string[], sent: Sent = {}): string[] {
  return passed(headers, sent).headers.filter((_, i) => i % 2 === 0)
}

function valuesOf({ headers }: Inbound, name: string): string[] {
  return headers.filter((_, i) => i % 2 === 1 && headers[i - 1]!.toLowerCase() === name)
}

const OURS = ['Host', 'X-Forwarded-For', 'X-Forwarded-Proto', 'X-Forwarded-Host']

test('claims about the client are dropped, however they are spelled', () => {
  for (const name of [
    'X-Forwarded-For',
    'x_forwarded_for',
    'X.Forwarded.For',
    'X-Forwarded_For',
    'x!forwarded~for',
    'X_FORWARDED_PROTO',
    'X-Forwarded-Anything-New',
    'X_Forwarded',
    'Forwarded',
    'X-Real-IP',
    'X_Real_IP',
    'x.real.ip',
    'True-Client-IP',
    'True_Client.IP',
    'CF-Connecting-IP',
    'X-Client-IP',
    'X_Client_IP',
    'X-Cluster-Client-IP',
    'Fastly-Client-IP',
    'X-Original-URL',
    'X_Rewrite_URL',
    'Front-End-Https',
  ]) {
    assert.deepEqual(names([name, '6.6.6.6']), OURS, name)
    assert.deepEqual(valuesOf(passed([name, '6.6.6.6']), 'x-forwarded-for'), [PEER], name)
  }
})

test('a trusted proxy is believed in the proper spelling only', () => {
  const trusted = { trusted: true }
  const headers = ['X-Forwarded-For', '9.9.9.9', 'X-Forwarded-Proto', 'https', 'X-Real-IP', '9.9.9.9']
  const inbound = passed([...headers, 'X_Forwarded_Proto', 'http', 'X_Real_IP', '6.6.6.6'], trusted)
  assert.deepEqual(valuesOf(inbound, 'x-forwarded-for'), [`9.9.9.9, ${PEER}`])
  assert.deepEqual(valuesOf(inbound, 'x-forwarded-proto'), ['https'])
  assert.deepEqual(valuesOf(inbound, 'x-real-ip'), ['9.9.9.9'])
  assert.deepEqual(valuesOf(inbound, 'x-forwarded-host'), ['a'], 'what it left unsaid is said')
  assert.equal(inbound.headers.includes('6.6.6.6'), false)
  const lists = passed(['X-Forwarded-For', '1.1.1.1', 'X-Forwarded-For', '2.2.2.2'], trusted)
  assert.deepEqual(valuesOf(lists, 'x-forwarded-for'), [`1.1.1.1, 2.2.2.2, ${PEER}`])
  const removing = passed(
    ['X-Forwarded-Proto', 'https', 'Connection', 'close, X-Forwarded-Proto, X-Forwarded-For'],
    trusted,
  )
  assert.deepEqual(valuesOf(removing, 'x-forwarded-proto'), ['https'], 'Connection does not take it away')
})

test('what is never passed on: hop-by-hop fields, Proxy, and both in any spelling', () => {
  for (const name of [
    'Proxy',
    'Keep-Alive',
    'Proxy-Connection',
    'Proxy-Authorization',
    'Proxy_Authorization',
    'Upgrade',
    'HTTP2-Settings',
    'HTTP2_Settings',
    'Expect',
    'Trailer',
    'Content_Length',
    'Transfer_Encoding',
    'Transfer.Encoding',
  ]) {
    assert.deepEqual(names([name, 'x'], { trusted: true }), OURS, name)
  }
  for (const name of ['X-Api_Key', 'api_key', 'X-Proxy', 'Content-Type', 'X-Realm', 'Hosts', 'X_Request_Id']) {
    assert.deepEqual(names([name, 'x']), [name, ...OURS], name)
  }
})

test('Connection names fields anywhere in its list, and cannot remove what the service must know', () => {
  const listed = ['close, X-Private', ' X-Private ,Upgrade', 'x-private', 'keep-alive,,X-PRIVATE']
  for (const value of listed) assert.deepEqual(names(['Connection', value, 'X-Private', 's']), OURS, value)
  const framed = ['Connection', 'Content-Length, Host, X-Forwarded-For', 'Content-Length', '3']
  assert.deepEqual(names(framed, { line: 'POST / HTTP/1.1' }), ['Content-Length', ...OURS])
  assert.deepEqual(names(['TE', 'deflate, trailers;q=0.5', 'Connection', 'TE']), ['TE', ...OURS])
  assert.deepEqual(names(['TE', 'gzip']), OURS)
})

test('the target and the host that it means', () => {
  const forms: readonly (readonly [string, string, string])[] = [
    ['GET /p?q HTTP/1.1', '/p?q', 'a'],
    ['GET http://b.example/p HTTP/1.1', '/p', 'b.example'],
    ['GET HTTP://b.example:81/p?q HTTP/1.1', '/p?q', 'b.example:81'],
    ['GET https://b.example HTTP/1.1', '/', 'b.example'],
    ['GET http://b.example?q HTTP/1.1', '/?q', 'b.example'],
    ['GET http://[::1]:8080/ HTTP/1.1', '/', '[::1]:8080'],
    ['GET //b.example/p HTTP/1.1', '//b.example/p', 'a'],
    ['GET /http://b.example/ HTTP/1.1', '/http://b.example/', 'a'],
  ]
  for (const [line, path, host] of forms) {
    const inbound = passed([], { line })
    assert.equal(inbound.path, path, line)
    assert.deepEqual(valuesOf(inbound, 'host'), [host], line)
    assert.deepEqual(valuesOf(inbound, 'x-forwarded-host'), [host], line)
  }
  const old = passed([], { line: 'GET / HTTP/1.0', host: null })
  assert.deepEqual(valuesOf(old, 'host'), [], 'HTTP/1.0 needs none')
})

const REFUSED: readonly (readonly [status: number, line: string, headers: readonly string[], host?: string | null])[] =
  [
    [400, 'GET p HTTP/1.1', []],
    [400, 'GET ?q HTTP/1.1', []],
    [400, 'GET * HTTP/1.1', []],
    [400, 'GET ftp://b/ HTTP/1.1', []],
    [400, 'GET http:/b/ HTTP/1.1', []],
    [400, 'GET http:///p HTTP/1.1', []],
    [400, 'GET http://user@b.example/ HTTP/1.1', []],
    [400, 'GET http://b.example:99999/ HTTP/1.1', []],
    [400, 'GET /p#fragment HTTP/1.1', []],
    [400, 'GET http://b.example/p#fragment HTTP/1.1', []],
    [400, 'GET b.example:80 HTTP/1.1', []],
    [400, 'GET / HTTP/1.1', [], null],
    [400, 'GET / HTTP/1.1', [], ''],
    [400, 'GET / HTTP/1.1', [], 'a b'],
    [400, 'GET / HTTP/1.1', [], 'a, b'],
    [400, 'GET / HTTP/1.1', [], 'user@a'],
    [400, 'GET / HTTP/1.1', [], 'a/b'],
    [400, 'GET / HTTP/1.1', [], 'a:b'],
    [400, 'GET / HTTP/1.1', [], 'a:70000'],
    [400, 'GET / HTTP/1.1', [], '::1'],
    [400, 'GET / HTTP/1.1', [], '[::1'],
    [400, 'GET / HTTP/1.1', [], '[fe80::1%25eth0]'],
    [400, 'GET / HTTP/1.1', [], 'a%zz'],
    [400, 'GET / HTTP/1.1', [], 'ünïcode'],
    [400, 'GET / HTTP/1.1', ['Host', 'b']],
    [400, 'GET / HTTP/1.0', ['host', 'b']],
    [400, 'GET http://a/ HTTP/1.1', ['HOST', 'a']],
    [400, 'POST / HTTP/1.1', ['Transfer-Encoding', 'chunked', 'Content-Length', '3']],
    [400, 'POST / HTTP/1.0', ['Transfer-Encoding', 'chunked']],
    [501, 'POST / HTTP/1.1', ['Transfer-Encoding', 'gzip, chunked']],
    [501, 'POST / HTTP/1.1', ['Transfer-Encoding', 'gzip', 'Transfer-Encoding', 'chunked']],
    [501, 'POST / HTTP/1.1', ['Transfer-Encoding', 'chunked, chunked']],
    [505, 'GET / HTTP/2.0', []],
    [505, 'GET / HTTP/0.9', []],
  ]

test('what two recipients could read in two ways is refused', () => {
  for (const [status, line, headers, host = 'a'] of REFUSED) {
    const result = received(headers, { line, host })
    assert.equal('status' in result && result.status, status, `${line} ${headers} Host: ${host}`)
  }
})

test('OPTIONS * is answered here, also as an absolute target without a path', () => {
  for (const line of ['OPTIONS * HTTP/1.1', 'OPTIONS http://a HTTP/1.1']) {
    const result = received([], { line })
    assert.equal('reason' in result && result.reason, 'options', line)
  }
})

test('the user’s connection is secure when a trusted proxy says so', () => {
  const secure: readonly (readonly string[])[] = [
    ['X-Forwarded-Proto', 'https'],
    ['X-Forwarded-Proto', 'HTTPS'],
    ['X-Forwarded-Proto', ' https , http'],
    ['X-Forwarded-Proto', 'wss'],
    ['Forwarded', 'for=1.2.3.4;proto=https'],
    ['Forwarded', 'PROTO="https";for=1.2.3.4, for=5.6.7.8;proto=http'],
  ]
  for (const headers of secure) {
    assert.equal(passed(headers, { trusted: true }).isSecure, true, `${headers}`)
    assert.equal(passed(headers).isSecure, false, `${headers} from anybody`)
  }
  for (const value of ['http', 'http, https', 'httpsx', '']) {
    assert.equal(passed(['X-Forwarded-Proto', value], { trusted: true }).isSecure, false, value)
  }
  assert.equal(passed(['X_Forwarded_Proto', 'https'], { trusted: true }).isSecure, false)
})
