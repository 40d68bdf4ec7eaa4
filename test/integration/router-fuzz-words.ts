/** What the fuzzers of the data plane say, drawn from a seed: HTTP by its grammar, near it, and bytes that are nothing. */
import type { Random } from '../../src/core/random.ts'

export function below(draw: Random, end: number): number {
  return Math.floor(draw() * end)
}

export function pick<T>(draw: Random, list: readonly T[]): T {
  return list[below(draw, list.length)]!
}

export function chance(draw: Random, probability: number): boolean {
  return draw() < probability
}

const METHODS = [
  'GET',
  'GET',
  'GET',
  'POST',
  'POST',
  'PUT',
  'HEAD',
  'OPTIONS',
  'DELETE',
  'TRACE',
  'CONNECT',
  'get',
  'PRI',
  'M-SEARCH',
  '',
]
const TARGETS = [
  '/',
  '/',
  '/a?b=c',
  '*',
  'http://a/',
  'http://a@b/',
  'a:80',
  '//x',
  '/\u00fc',
  '/#f',
  '?q',
  '',
  '/%00',
  'https://[::1]/x',
]
const VERSIONS = [
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/2.0',
  'HTTP/0.9',
  'HTTP/1.2',
  'http/1.1',
  '',
]
const HOSTS = ['a', 'a', 'a', 'a', 'shop.example:80', '[::1]', 'a b', 'a, b', '', 'user@a']
const FIELDS: readonly (readonly [string, readonly string[]])[] = [
  ['Connection', ['close', 'keep-alive', 'Upgrade', 'upgrade, keep-alive', 'close, X-A', 'Host', ',', 'TE']],
  ['Upgrade', ['websocket', 'h2c', 'foo, h2c', 'foo/1, bar', '', 'WebSocket', 'TLS/1.0']],
  ['Expect', ['100-continue', '100-Continue', 'the-moon', '100-continue, x']],
  ['Cookie', ['side=x', 'side="', ';;=;', 'side=a; side=b', `x=${'y'.repeat(500)}`]],
  ['TE', ['trailers', 'gzip', 'trailers;q=0']],
  ['X-Forwarded-For', ['6.6.6.6', '::1']],
  ['X_Forwarded_Proto', ['https']],
  ['Accept', ['application/json', 'text/html;q=0.1', '*/*;q=x']],
  ['Content-Length', ['0', '3', '-1', '3, 3', '99999999999999999999', ' 3 ', '0x3']],
  ['Transfer-Encoding', ['chunked', 'gzip, chunked', 'identity', ' chunked', 'chunked, chunked', 'xchunked']],
  ['Sec-WebSocket-Key', ['dGhlIHNhbXBsZSBub25jZQ==']],
  ['Trailer', ['X-Sum']],
  ['X-Long', ['x'.repeat(9_000), 'y'.repeat(40_000)]],
  ['X-\u00fc', ['z']],
  ['Proxy', ['evil']],
]

/** One request, whole and mostly valid; its body goes with its framing, mostly. */
export function request(draw: Random): string {
  const fields: string[] = chance(draw, 0.95) ? [`Host: ${pick(draw, HOSTS)}`] : []
  for (let count = below(draw, 4); count > 0; count--) {
    const [name, values] = pick(draw, FIELDS)
    fields.push(`${name}: ${pick(draw, values)}`)
  }
  if (chance(draw, 0.25)) fields.push('Connection: Upgrade', `Upgrade: ${pick(draw, ['websocket', 'foo', 'h2c, foo'])}`)
  const [framing, body] = content(draw)
  if (framing !== '') fields.push(framing)
  const end = chance(draw, 0.97) ? '\r\n' : pick(draw, ['\n', '\r', '\r\n\r\n', ' \r\n'])
  return `${pick(draw, METHODS)} ${pick(draw, TARGETS)} ${pick(draw, VERSIONS)}\r\n${fields.map((field) => `${field}${end}`).join('')}\r\n${body}`
}

function content(draw: Random): readonly [string, string] {
  const bytes = 'b'.repeat(pick(draw, [0, 1, 3, 500, 20_000, 200_000]))
  const kind = draw()
  if (kind < 0.6) return ['', '']
  if (kind < 0.75) return [`Content-Length: ${bytes.length}`, bytes]
  if (kind < 0.8) return [`Content-Length: ${bytes.length + 10}`, bytes]
  if (kind < 0.95)
    return ['Transfer-Encoding: chunked', `${bytes.length.toString(16)};x=y\r\n${bytes}\r\n0\r\nX-Sum: 1\r\n\r\n`]
  return ['Transfer-Encoding: chunked', `zz\r\n${bytes}`]
}

const STATUS_LINES = [
  '200 OK',
  '200 ',
  '404 Ung\u00fcltig',
  '204 No Content',
  '304 Not Modified',
  '500 Oh',
  '101 Switching Protocols',
  '100 Continue',
  '103 Early Hints',
  '426 Up',
  '099 x',
  '999 y',
  '1000 z',
  '302 \u0007',
  '205 Reset',
]
const ANSWER_FIELDS: readonly (readonly [string, readonly string[]])[] = [
  ['Connection', ['close', 'keep-alive', 'Upgrade', 'X-A, Content-Length']],
  ['Upgrade', ['websocket', 'foo', 'h2c']],
  ['Trailer', ['X-Sum', 'X-Sum, X-More']],
  ['Set-Cookie', ['a=b', '\u00fc']],
  ['Cache-Control', ['public, max-age=9', 'private', ',,=']],
  ['Link', ['</a>', 'no link']],
  ['Content-Length', ['0', '2', '5', '2 ', '-2', '2, 2', '99999999999']],
  ['Transfer-Encoding', ['chunked', 'gzip, chunked', 'identity']],
  ['Keep-Alive', ['timeout=1', 'timeout=x', 'timeout=0']],
  ['Content-Type', ['text/event-stream', 'text/plain']],
  ['X-Long', ['x'.repeat(20_000), 'x'.repeat(70_000)]],
  ['X-Odd', ['', '\u00ff', 'a\u0000b', '\t']],
]

/** One answer, interim answers before it, mostly valid. */
export function answer(draw: Random): string {
  const heads: string[] = []
  while (chance(draw, 0.15))
    heads.push(
      `HTTP/1.1 ${pick(draw, ['100 C', '103 E', '102 P'])}\r\n${chance(draw, 0.5) ? 'Link: </x>\r\n' : ''}\r\n`,
    )
  const fields: string[] = []
  for (let count = below(draw, 4); count > 0; count--) {
    const [name, values] = pick(draw, ANSWER_FIELDS)
    fields.push(`${name}: ${pick(draw, values)}\r\n`)
  }
  const [framing, body] = content(draw)
  if (framing !== '') fields.push(`${framing}\r\n`)
  const version = pick(draw, ['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/3'])
  return `${heads.join('')}${version} ${pick(draw, STATUS_LINES)}\r\n${fields.join('')}\r\n${body}`
}

const SIGNS = ['\r', '\n', '\u0000', ' ', '\t', ':', ',', ';', '0', '\u00ff', '\r\n', '\r\n\r\n']

/** Some bytes less, more, changed, doubled or out of their place. */
export function mutated(draw: Random, text: string): string {
  let bytes = text
  for (let count = 1 + below(draw, 3); count > 0; count--) {
    const at = below(draw, bytes.length + 1)
    const length = pick(draw, [1, 1, 2, 5, 50])
    const cut = bytes.slice(at + length)
    const done = draw()
    if (done < 0.3) bytes = bytes.slice(0, at) + cut
    else if (done < 0.6) bytes = bytes.slice(0, at) + pick(draw, SIGNS) + bytes.slice(at)
    else if (done < 0.8) bytes = bytes.slice(0, at) + String.fromCharCode(below(draw, 256)) + bytes.slice(at + 1)
    else bytes = bytes.slice(0, at) + bytes.slice(at, at + length) + bytes.slice(at, at + length) + cut
  }
  return bytes
}

export function noise(draw: Random): string {
  return Array.from({ length: 1 + below(draw, 300) }, () => String.fromCharCode(below(draw, 256))).join('')
}

/** In pieces, as a network cuts them. */
export function pieces(draw: Random, text: string): readonly string[] {
  const list: string[] = []
  for (let at = 0; at < text.length; ) {
    const size = chance(draw, 0.5) ? text.length : 1 + below(draw, pick(draw, [4, 100, 5_000]))
    list.push(text.slice(at, at + size))
    at += size
  }
  return list
}
