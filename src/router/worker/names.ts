/**
 * What a request header is to the router, whatever way it is spelled.
 *
 * CGI, WSGI, Rack and PHP turn every sign of a name that is neither letter nor digit into `_`: to them `X_Real.IP` is
 * `X-Real-IP`. A name that becomes one with a meaning here only by such folding is dropped, from a trusted proxy as well: it
 * is nobody's honest spelling, and a proxy that does not know it passes on its client's.
 */

export type Kind =
  | 'pass'
  | 'drop'
  /** Says something of the client that only the router, or a proxy it trusts, may say. */
  | 'claim'
  | 'host'
  | 'content-length'
  | 'transfer-encoding'
  | 'connection'
  | 'te'

const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['host', 'host'],
  ['content-length', 'content-length'],
  ['transfer-encoding', 'transfer-encoding'],
  ['connection', 'connection'],
  ['te', 'te'],
  // Of this connection only (RFC 9110 §7.6.1); `expect` is answered by the router, `trailer` announces what is not passed.
  ...['keep-alive', 'proxy-connection', 'upgrade', 'http2-settings', 'expect', 'trailer'].map(dropped),
  ...['proxy-authenticate', 'proxy-authorization'].map(dropped),
  // CGI makes `HTTP_PROXY` of it, and many HTTP clients take that for their proxy (CVE-2016-5385 and its kin).
  dropped('proxy'),
])

/** Who the client is, and what it asked for before somebody in front rewrote it. */
const CLAIMS: ReadonlySet<string> = new Set([
  'forwarded',
  'x-forwarded',
  'x-real-ip',
  'x-real-port',
  'client-ip',
  'x-client-ip',
  'x-clientip',
  'true-client-ip',
  'x-true-client-ip',
  'cluster-client-ip',
  'x-cluster-client-ip',
  'proxy-client-ip',
  'wl-proxy-client-ip',
  'cf-connecting-ip',
  'cf-connecting-ipv6',
  'cf-pseudo-ipv4',
  'fastly-client-ip',
  'fly-client-ip',
  'do-connecting-ip',
  'x-appengine-user-ip',
  'x-azure-clientip',
  'x-azure-socketip',
  'x-envoy-external-address',
  'x-nf-client-connection-ip',
  'x-originating-ip',
  'x-remote-ip',
  'x-remote-addr',
  'remote-addr',
  'x-host',
  'x-scheme',
  'x-url-scheme',
  'front-end-https',
  'x-arr-ssl',
  'x-rewrite-url',
])
const CLAIM_PREFIXES = ['x-forwarded-', 'x-original-']

/** Spellings seen so far; a client that invents names must not fill the memory. */
const known = new Map<string, Kind>()
const KNOWN_MAX = 1_000

export function kindOf(name: string): Kind {
  const before = known.get(name)
  if (before !== undefined) return before
  const kind = classify(name.toLowerCase())
  if (known.size < KNOWN_MAX) known.set(name, kind)
  return kind
}

function classify(lower: string): Kind {
  const exact = meaning(lower)
  if (exact !== 'pass') return exact
  const folded = lower.replace(/[^a-z0-9]/g, '-')
  return folded !== lower && meaning(folded) !== 'pass' ? 'drop' : 'pass'
}

function meaning(name: string): Kind {
  const kind = KINDS.get(name)
  if (kind !== undefined) return kind
  return CLAIMS.has(name) || CLAIM_PREFIXES.some((prefix) => name.startsWith(prefix)) ? 'claim' : 'pass'
}

function dropped(name: string): [string, Kind] {
  return [name, 'drop']
}
