/**
 * The cookie that binds a session to its slot.
 *
 * A browser sends cookies by host name, whatever the port. So that routes of one host never overwrite each other's, the name on
 * the wire is the configured one with a mark of the route's key: `slot-1x8f0a3c2d`. The plain name, which routers before this
 * one set, is still read, and answered with the new one.
 */
import { hash53 } from '../pick.ts'

export function cookieName(configured: string, routeKey: string): string {
  return `${configured}-${hash53(routeKey).toString(36)}`
}

/** Every value that a `Cookie` header has for the name: a browser sends one per path and domain that it knows. */
export function cookieValues(header: string | undefined, name: string): readonly string[] {
  if (header === undefined || !header.includes(name)) return []
  const values: string[] = []
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=')
    if (equals > 0 && pair.slice(0, equals).trim() === name) values.push(unquoted(pair.slice(equals + 1).trim()))
  }
  return values
}

function unquoted(value: string): string {
  return value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value
}

/** `Secure` where the user's own connection is; also for names that are refused by browsers without it (RFC 6265bis §4.1.3). */
export function setCookie(name: string, value: string, isSecure: boolean): string {
  const secure = isSecure || /^__(?:host|secure)-/i.test(name) ? '; Secure' : ''
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}`
}

/**
 * Puts the binding on an answer, unless the answer is meant for everybody: what a shared cache keeps would pin all of its
 * users to one slot, and the weights would be lost. Such an answer goes out as the service made it, and the session is bound by
 * its next one. An answer that carries a binding is marked `private`, unless it says so itself.
 */
export function bind(headers: string[], status: number, cookie: string): void {
  const sharing = sharingOf(headers)
  // 304 renews the head of what a cache has stored (RFC 9111 §4.3.4).
  if (sharing === 'shared' || status === 304) return
  headers.push('Set-Cookie', cookie)
  if (sharing === 'unsaid') headers.push('Cache-Control', 'private')
}

/**
 * Whether a shared cache may keep an answer with these headers (RFC 9111 §3): `shared`: the service says that it may; `private`:
 * that it may not; `unsaid`: a cache decides for itself.
 */
export function sharingOf(headers: readonly string[]): 'shared' | 'private' | 'unsaid' {
  const said = { all: '', targeted: '', expires: '' }
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!.toLowerCase()
    if (name === 'cache-control') said.all += `,${headers[i + 1]!.toLowerCase()}`
    // RFC 9213: for caches in front, which then do not look at the other.
    else if (TARGETED.test(name)) said.targeted += `,${headers[i + 1]!.toLowerCase()}`
    else if (name === 'expires') said.expires = headers[i + 1]!
  }
  if (LIVES.test(said.targeted)) return 'shared'
  if (has(said.all, 'private|no-store')) return 'private'
  if (has(said.all, 'public|immutable') || LIVES.test(said.all)) return 'shared'
  return said.all === '' && isLater(said.expires) ? 'shared' : 'unsaid'
}

/** `Expires: 0` and other texts that are no date mean the past (RFC 9111 §5.3). */
function isLater(expires: string): boolean {
  return expires.endsWith('GMT') && Date.parse(expires) > Date.now()
}

const TARGETED = /^(?:.+-cache-control|surrogate-control)$/
const LIVES = /(?:^|[,\s])(?:s-maxage|max-age)\s*=\s*"?0*[1-9]/

function has(directives: string, names: string): boolean {
  return new RegExp(`(?:^|[,\\s])(?:${names})\\s*(?:,|$)`).test(directives)
}
