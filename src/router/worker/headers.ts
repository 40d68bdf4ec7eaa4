/**
 * Which headers cross the router. Names keep their case and duplicates stay apart: both directions work on raw
 * name, value, name, value lists. The length of a name is looked at first, because most names need no second look.
 */
import type { IncomingMessage } from 'node:http'

export type RequestHead = {
  /** Raw list for the upstream. */
  readonly headers: string[]
  readonly hasBody: boolean
}

/** Hop-by-hop (RFC 9110 §7.6.1) by length of their names; `expect` is answered by the router itself. */
const HOP_BY_HOP: ReadonlyMap<number, readonly string[]> = byLength([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'te',
  'expect',
  'proxy-authenticate',
  'proxy-authorization',
])

/** Claims about the client that only the router may make. */
const CLAIMS: ReadonlySet<string> = new Set(['forwarded', 'x-real-ip', 'x-forwarded-'])
const CLAIMS_BY_LENGTH = byLength(['forwarded', 'x-real-ip', 'x-forwarded-for'])

export function requestHead(req: IncomingMessage, trustedProxies: readonly string[]): RequestHead {
  const remote = req.socket.remoteAddress ?? 'unknown'
  const isTrusted = trustedProxies.length > 0 && trustedProxies.includes(remote)
  const { headers, listed, host, hasBody } = sift(req.rawHeaders, isTrusted)
  const kept = listed === '' ? headers : withoutListed(headers, listed)
  if (isTrusted) addHop(kept, req, remote)
  else {
    kept.push('X-Forwarded-For', remote, 'X-Forwarded-Proto', 'http')
    if (host !== '') kept.push('X-Forwarded-Host', host)
  }
  return { headers: kept, hasBody }
}

type Sifted = { readonly headers: string[]; listed: string; host: string; hasBody: boolean }

function sift(raw: readonly string[], isTrusted: boolean): Sifted {
  const sifted: Sifted = { headers: [], listed: '', host: '', hasBody: false }
  for (let i = 0; i < raw.length; i += 2) {
    const found = special(raw[i]!)
    if (found === null || (isTrusted && CLAIMS.has(found))) sifted.headers.push(raw[i]!, raw[i + 1]!)
    else note(sifted, found, raw[i]!, raw[i + 1]!)
  }
  return sifted
}

function note(sifted: Sifted, found: string, name: string, value: string): void {
  if (found === 'connection') sifted.listed += `,${value}`
  else if (found === 'transfer-encoding') sifted.hasBody = true
  else if (found === 'te') keepTrailers(sifted.headers, name, value)
  else if (found === 'host' || found === 'content-length') {
    sifted.headers.push(name, value)
    if (found === 'host') sifted.host = value
    else sifted.hasBody ||= value !== '0'
  }
}

/** Behind a proxy we believe: its word on scheme and host stays, and it joins the list of addresses. */
function addHop(headers: string[], req: IncomingMessage, remote: string): void {
  const before = req.headers['x-forwarded-for']
  headers.push('X-Forwarded-For', before === undefined ? remote : `${String(before)}, ${remote}`)
  if (req.headers['x-forwarded-proto'] === undefined) headers.push('X-Forwarded-Proto', 'http')
}

/** Lower-case name when the header needs a decision; null when it simply passes. */
function special(name: string): string | null {
  const { length } = name
  if (length === 4 || length === 14) {
    const lower = name.toLowerCase()
    return lower === 'host' || lower === 'content-length' ? lower : null
  }
  const first = name.charCodeAt(0) | 0x20
  const known = inTable(HOP_BY_HOP, name) ?? inTable(CLAIMS_BY_LENGTH, name)
  if (known !== null || first !== 0x78 || length < 12) return known
  return name.slice(0, 12).toLowerCase() === 'x-forwarded-' ? 'x-forwarded-' : null
}

function inTable(table: ReadonlyMap<number, readonly string[]>, name: string): string | null {
  const candidates = table.get(name.length)
  if (candidates === undefined) return null
  const lower = name.toLowerCase()
  return candidates.includes(lower) ? lower : null
}

/** `TE: trailers` is ours to repeat, since trailers do pass; other codings are not. */
function keepTrailers(headers: string[], name: string, value: string): void {
  if (/(?:^|,)\s*trailers\s*(?:;|,|$)/i.test(value)) headers.push(name, 'trailers')
}

/** Drops what a `Connection` header names; the framing and `Host` are not the sender's to remove. */
function withoutListed(headers: string[], listed: string): string[] {
  const names = new Set(listed.split(',').map((name) => name.trim().toLowerCase()))
  for (const harmless of ['', 'close', 'keep-alive', 'upgrade', 'te', 'host', 'content-length']) names.delete(harmless)
  if (names.size === 0) return headers
  const kept: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    if (!names.has(headers[i]!.toLowerCase())) kept.push(headers[i]!, headers[i + 1]!)
  }
  return kept
}

export type ResponseHead = {
  readonly headers: string[]
  readonly contentLength: number | null
  readonly isSse: boolean
}

/** From the upstream's raw name and value buffers to the raw list for the client. */
export function responseHead(raw: readonly Buffer[]): ResponseHead {
  const headers: string[] = []
  let contentLength: number | null = null
  let isSse = false
  let listed: string | null = null
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!.toString('latin1')
    const value = raw[i + 1]!.toString('latin1')
    const found = inTable(HOP_BY_HOP, name)
    if (found === null) headers.push(name, value)
    else if (found === 'connection') listed = listed === null ? value : `${listed},${value}`
    if (name.length === 14 && name.toLowerCase() === 'content-length') contentLength = Number(value)
    else if (name.length === 12 && value.startsWith('text/event-stream')) isSse = true
  }
  return { headers: listed === null ? headers : withoutListed(headers, listed), contentLength, isSse }
}

/** All headers as they came: for a 101, whose `Connection` and `Upgrade` are the point of it. */
export function verbatim(raw: readonly Buffer[]): string {
  let text = ''
  for (let i = 0; i < raw.length; i += 2) text += `${raw[i]!.toString('latin1')}: ${raw[i + 1]!.toString('latin1')}\r\n`
  return text
}

/** Origin-form of the target; `GET http://host/path` (RFC 9112 §3.2.2) becomes `/path`. */
export function originForm(url: string): string {
  if (url.charCodeAt(0) === 0x2f) return url
  const absolute = /^https?:\/\/[^/?#]*([^#]*)/i.exec(url)
  if (!absolute) return url
  const rest = absolute[1]!
  return rest.startsWith('/') ? rest : `/${rest}`
}

/** Value of one cookie in a `Cookie` header, or null. */
export function cookieValue(header: string | undefined, name: string): string | null {
  if (header === undefined) return null
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=')
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim()
  }
  return null
}

function byLength(names: readonly string[]): ReadonlyMap<number, readonly string[]> {
  return Map.groupBy(names, (name) => name.length)
}
