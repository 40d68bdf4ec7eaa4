/**
 * The border: what a client sent becomes what the service is told, once. Everything behind works with the result and looks at
 * nothing of the request again. Names keep their case and duplicates stay apart, in raw name, value, name, value lists.
 */
import type { IncomingMessage } from 'node:http'
import { BAD_ENCODING, BAD_HOST, BAD_TARGET, BAD_VERSION, OPTIONS_OF_ALL, UNKNOWN_CODING } from './failure.ts'
import { kindOf, type Kind } from './names.ts'
import type { Page } from './page.ts'
import { isAuthority, readTarget } from './target.ts'

export type Inbound = {
  /** Origin-form. */
  readonly path: string
  /** Raw list for the upstream. */
  readonly headers: string[]
  readonly hasBody: boolean
  /** The user's own connection is encrypted, as a proxy says that we trust. */
  readonly isSecure: boolean
}

export type Received = Pick<IncomingMessage, 'method' | 'url' | 'rawHeaders' | 'httpVersionMajor' | 'httpVersionMinor'>

/** An answer of our own when the request is not to be passed on. */
export function receive(req: Received, peer: string, isTrusted: boolean): Inbound | Page {
  const sifted = sift(req.rawHeaders, isTrusted)
  const target = readTarget(req.method!, req.url!)
  const why = malformed(req, sifted)
  if (why !== null) return why
  if (target === null) return BAD_TARGET
  const host = target.authority ?? sifted.host
  // HTTP/1.0 knows no Host; then the service sees the address the router has for it.
  if (host === null ? req.httpVersionMinor > 0 : !isAuthority(host)) return BAD_HOST
  if (target.path === '*') return OPTIONS_OF_ALL
  const headers = sifted.listed === '' ? sifted.headers : withoutListed(sifted.headers, sifted.listed)
  if (host !== null) headers.push('Host', host)
  vouch(headers, { sifted, peer, host, isTrusted })
  return { path: target.path, headers, hasBody: sifted.hasBody, isSecure: isTrusted && isSecure(sifted) }
}

type Sifted = {
  readonly headers: string[]
  /** What `Connection` names. */
  listed: string
  host: string | null
  hosts: number
  hasBody: boolean
  length: string | null
  coding: string | null
  /** What a trusted proxy says. */
  forwardedFor: string | null
  proto: string | null
  hasForwardedHost: boolean
  forwarded: string
}

function sift(raw: readonly string[], isTrusted: boolean): Sifted {
  const sifted: Sifted = {
    headers: [],
    listed: '',
    host: null,
    hosts: 0,
    hasBody: false,
    length: null,
    coding: null,
    forwardedFor: null,
    proto: null,
    hasForwardedHost: false,
    forwarded: '',
  }
  for (let i = 0; i < raw.length; i += 2) {
    const kind = kindOf(raw[i]!)
    if (kind === 'pass') sifted.headers.push(raw[i]!, raw[i + 1]!)
    else if (kind === 'claim' && isTrusted) believe(sifted, raw[i]!, raw[i + 1]!)
    else note(sifted, kind, raw[i]!, raw[i + 1]!)
  }
  return sifted
}

function note(sifted: Sifted, kind: Kind, name: string, value: string): void {
  if (kind === 'connection') {
    if (!/^(?:keep-alive|close)$/i.test(value)) sifted.listed += `,${value}`
  } else if (kind === 'transfer-encoding') {
    sifted.coding = sifted.coding === null ? value : `${sifted.coding},${value}`
    sifted.hasBody = true
  } else if (kind === 'te') keepTrailers(sifted.headers, name, value)
  else if (kind === 'host') {
    sifted.host = value
    sifted.hosts++
  } else if (kind === 'content-length') {
    sifted.headers.push(name, value)
    sifted.length = value
    sifted.hasBody ||= Number(value) !== 0
  }
}

/** The word of a proxy we trust stays; of `X-Forwarded-For` only its list, which gets one more. */
function believe(sifted: Sifted, name: string, value: string): void {
  const lower = name.toLowerCase()
  if (lower === 'x-forwarded-for') {
    sifted.forwardedFor = sifted.forwardedFor === null ? value : `${sifted.forwardedFor}, ${value}`
    return
  }
  if (lower === 'x-forwarded-proto') sifted.proto ??= value
  else if (lower === 'x-forwarded-host') sifted.hasForwardedHost = true
  else if (lower === 'forwarded') sifted.forwarded += `,${value}`
  sifted.headers.push(name, value)
}

/** What two recipients could frame or route differently (RFC 9112 §3.2, §6.1, §6.3). */
function malformed(req: Received, { hosts, coding, length }: Sifted): Page | null {
  if (req.httpVersionMajor !== 1) return BAD_VERSION
  if (hosts > 1) return BAD_HOST
  if (coding === null) return null
  if (req.httpVersionMinor === 0 || length !== null) return BAD_ENCODING
  return coding.trim().toLowerCase() === 'chunked' ? null : UNKNOWN_CODING
}

type Voucher = {
  readonly sifted: Sifted
  readonly peer: string
  readonly host: string | null
  readonly isTrusted: boolean
}

/** What only the router may say of the client; behind a trusted proxy, what that one left unsaid. */
function vouch(headers: string[], { sifted, peer, host, isTrusted }: Voucher): void {
  const { forwardedFor, proto, hasForwardedHost } = sifted
  headers.push('X-Forwarded-For', forwardedFor === null ? peer : `${forwardedFor}, ${peer}`)
  if (!isTrusted || proto === null) headers.push('X-Forwarded-Proto', 'http')
  if (!hasForwardedHost && host !== null) headers.push('X-Forwarded-Host', host)
}

/** Of a list the first: nearest to the user. */
function isSecure({ proto, forwarded }: Sifted): boolean {
  if (proto !== null) return /^\s*(?:https|wss)\s*(?:,|$)/i.test(proto)
  return /^[\s,]*[^,]*\bproto\s*=\s*"?(?:https|wss)\b/i.test(forwarded)
}

/** `TE: trailers` is ours to repeat, since trailers do pass; other codings are not. */
function keepTrailers(headers: string[], name: string, value: string): void {
  if (/(?:^|,)\s*trailers\s*(?:;|,|$)/i.test(value)) headers.push(name, 'trailers')
}

/** Drops what a `Connection` header names; framing, host and what a trusted proxy says are not the sender's to remove. */
function withoutListed(headers: string[], listed: string): string[] {
  const names = new Set(listed.split(',').map((name) => name.trim().toLowerCase()))
  const kept: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    const isListed = names.has(headers[i]!.toLowerCase()) && kindOf(headers[i]!) === 'pass'
    if (!isListed) kept.push(headers[i]!, headers[i + 1]!)
  }
  return kept
}
