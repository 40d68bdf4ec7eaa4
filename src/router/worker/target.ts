/** What a request asks for: its target (RFC 9112 §3.2) and the host it means. */
import { isIPv6 } from 'node:net'

export type Target = {
  /** Origin-form for the upstream, octets as they came; `*` for `OPTIONS *`. */
  readonly path: string
  /** Of an absolute target, which replaces `Host` (RFC 9112 §3.2.2); else null. */
  readonly authority: string | null
}

const ABSOLUTE = /^https?:\/\/([^/?#]*)([^#]*)$/i

/** Null when it is none of the four forms, or one that only some understand: a fragment, a path without its slash. */
export function readTarget(method: string, url: string): Target | null {
  if (url.charCodeAt(0) === 0x2f) return url.includes('#') ? null : { path: url, authority: null }
  if (url === '*') return method === 'OPTIONS' ? { path: '*', authority: null } : null
  const absolute = ABSOLUTE.exec(url)
  if (absolute === null) return null
  const [, authority = '', rest = ''] = absolute
  if (rest === '' && method === 'OPTIONS') return { path: '*', authority }
  return { path: rest.startsWith('/') ? rest : `/${rest}`, authority }
}

/** A name or IPv4 address; signs that RFC 3986 allows in names and no host has (`,` above all) are left out. */
const NAMED = /^([a-z0-9._~-]|%[0-9a-f]{2})+$/i

/**
 * Whether `text` is `host` or `host:port`. An empty host is refused (RFC 9110 §4.2.1), and so are a user before an `@`
 * (§4.2.4) and lists, from which two recipients would take two different hosts.
 */
export function isAuthority(text: string): boolean {
  if (text === valid.last) return true
  const is = isHostAndPort(text)
  if (is) valid.last = text
  return is
}

/** Most requests name the host of the one before. */
const valid = { last: 'localhost' }

function isHostAndPort(text: string): boolean {
  const [, host = '', port = ''] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(text) ?? []
  if (!/^\d{0,5}$/.test(port) || Number(port) > 65_535) return false
  return host.startsWith('[') ? isIPv6(host.slice(1, -1)) && !host.includes('%') : NAMED.test(host)
}
