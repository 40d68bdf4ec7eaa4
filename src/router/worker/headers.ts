/** Which headers of an answer cross the router: raw name and value buffers of the upstream to a raw list for the client. */

export type ResponseHead = {
  readonly headers: string[]
  readonly contentLength: number | null
  readonly isSse: boolean
  /** It is coded in a way that nobody asked for and the client would not be told of. */
  readonly isForeign: boolean
  /** Protocols that a 426 asks for (RFC 9110 §15.5.22); any other offer ends here. */
  readonly wanted: string | null
}

/** What of the request and of the status decides on the framing. */
export type Framing = {
  readonly status: number
  readonly isHead: boolean
  /** HTTP/1.0 knows no chunks, and so no trailers. */
  readonly isOld: boolean
}

type Dropped = 'drop' | 'connection' | 'transfer-encoding' | 'trailer' | 'upgrade' | 'content-length' | 'content-type'

/** Hop-by-hop (RFC 9110 §7.6.1) and framing, by length of the name: most names need no second look. */
const SPECIAL: ReadonlyMap<number, ReadonlyMap<string, Dropped>> = byLength([
  ['connection', 'connection'],
  ['keep-alive', 'drop'],
  ['proxy-connection', 'drop'],
  ['transfer-encoding', 'transfer-encoding'],
  ['upgrade', 'upgrade'],
  ['te', 'drop'],
  ['trailer', 'trailer'],
  ['proxy-authenticate', 'drop'],
  ['proxy-authorization', 'drop'],
  ['content-length', 'content-length'],
  ['content-type', 'content-type'],
])

type Sifted = {
  readonly headers: string[]
  contentLength: string | null
  contentType: string
  listed: string | null
  coding: string | null
  trailer: string[]
  upgrade: string | null
}

export function responseHead(raw: readonly Buffer[], framing: Framing): ResponseHead {
  const sifted = sift(raw, framing.status)
  const { headers, listed, coding, upgrade, contentLength } = sifted
  const kept = listed === null ? headers : withoutListed(headers, listed)
  // An announcement; where no trailers can follow it announces nothing, and Node refuses to write it.
  if (sifted.trailer.length > 0 && contentLength === null && mayHaveTrailers(framing)) {
    kept.push('Trailer', sifted.trailer.join(', '))
  }
  return {
    headers: kept,
    contentLength: contentLength === null ? null : Number(contentLength),
    isSse: /^text\/event-stream\b/i.test(sifted.contentType),
    isForeign: coding !== null && !/^[\s,]*(?:(?:chunked|identity)[\s,]*)*$/i.test(coding),
    wanted: framing.status === 426 ? upgrade : null,
  }
}

function sift(raw: readonly Buffer[], status: number): Sifted {
  const sifted: Sifted = {
    headers: [],
    contentLength: null,
    contentType: '',
    listed: null,
    coding: null,
    trailer: [],
    upgrade: null,
  }
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!.toString('latin1')
    const value = raw[i + 1]!.toString('latin1')
    const found = special(name)
    if (found === null) sifted.headers.push(name, value)
    // 204 has no content, and so no length (RFC 9110 §8.6).
    else if (found !== 'content-length' || status !== 204) note(sifted, found, name, value)
  }
  return sifted
}

function note(sifted: Sifted, found: Dropped, name: string, value: string): void {
  if (found === 'content-type' || found === 'content-length') sifted.headers.push(name, value)
  if (found === 'content-type') sifted.contentType = value
  else if (found === 'content-length') sifted.contentLength = value
  else if (found === 'connection') sifted.listed = join(sifted.listed, value)
  else if (found === 'transfer-encoding') sifted.coding = join(sifted.coding, value)
  else if (found === 'upgrade') sifted.upgrade = join(sifted.upgrade, value)
  else if (found === 'trailer') sifted.trailer.push(value)
}

function join(list: string | null, value: string): string {
  return list === null ? value : `${list},${value}`
}

function special(name: string): Dropped | null {
  const candidates = SPECIAL.get(name.length)
  return candidates === undefined ? null : (candidates.get(name.toLowerCase()) ?? null)
}

function mayHaveTrailers({ status, isHead, isOld }: Framing): boolean {
  return !isOld && !isHead && status !== 204 && status !== 304
}

/** Drops what a `Connection` header names. */
function withoutListed(headers: string[], listed: string): string[] {
  if (/^(?:close|keep-alive)$/i.test(listed)) return headers
  const names = new Set(listed.split(',').map((name) => name.trim().toLowerCase()))
  names.delete('content-length')
  const kept: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    if (!names.has(headers[i]!.toLowerCase())) kept.push(headers[i]!, headers[i + 1]!)
  }
  return kept
}

/** Fields that a trailer must not carry (RFC 9110 §6.5.1): a recipient would take them for the head's. */
const NOT_TRAILING: ReadonlySet<string> = new Set([
  ...SPECIAL.values().flatMap((names) => names.keys()),
  'host',
  'content-encoding',
  'content-range',
  'set-cookie',
  'location',
  'www-authenticate',
  'authorization',
  'cache-control',
  'expires',
  'age',
  'date',
  'vary',
  'retry-after',
])

export function trailers(raw: readonly Buffer[]): [string, string][] {
  return pairs(raw).filter(([name]) => !NOT_TRAILING.has(name.toLowerCase()))
}

function pairs(raw: readonly Buffer[]): [string, string][] {
  const list: [string, string][] = []
  for (let i = 0; i < raw.length; i += 2) list.push([raw[i]!.toString('latin1'), raw[i + 1]!.toString('latin1')])
  return list
}

/**
 * The phrase in the octets it came in (RFC 9112 §4 lets them be beyond ASCII). undici has read them as UTF-8; what was not,
 * is left out, as the clients that ignore it would not know the difference.
 */
export function reasonOctets(reason: string): string {
  if (reason === 'OK' || /^[\t\x20-\x7e]*$/.test(reason)) return reason
  return reason.includes('\ufffd') ? '' : Buffer.from(reason, 'utf8').toString('latin1').replace(UNSENDABLE, '')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const UNSENDABLE = /[^\t\x20-\x7e\x80-\xff]/g

/** All headers as they came: for a 101, whose `Connection` and `Upgrade` are the point of it. */
export function verbatim(raw: readonly Buffer[]): string {
  return pairs(raw)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
}

function byLength(names: readonly (readonly [string, Dropped])[]): ReadonlyMap<number, ReadonlyMap<string, Dropped>> {
  const groups = Map.groupBy(names, ([name]) => name.length)
  return new Map([...groups].map(([length, group]) => [length, new Map(group)]))
}
