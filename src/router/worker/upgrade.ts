/** Which protocols of an `Upgrade` list go on to the service (RFC 9110 §7.8). */
import type { IncomingMessage } from 'node:http'
import { kindOf } from './names.ts'

/**
 * HTTP and TLS in any version: inside such a tunnel requests would travel past the router, uncounted and unjudged. Ignoring
 * them is what the RFCs of all of them allow.
 */
const NOT_OURS = /^(?:h2c?|h3|http|tls|ssl)(?:\/|$)/i

/**
 * `websocket, h2c` → `websocket`; null when the request is to be taken for an ordinary one:
 * - nothing is left of the list;
 * - it has a body, which belongs to the request and not into the tunnel: the service gets both as an ordinary request;
 * - HTTP/1.0, whose `Upgrade` must be ignored;
 * - an earlier request of the connection is not answered yet: its answer still needs the socket.
 */
export function protocolOffered(req: IncomingMessage): string | null {
  if (req.httpVersionMinor === 0 || isAnswering(req.socket) || hasBody(req.rawHeaders)) return null
  const offered = tokens(req.rawHeaders).filter((token) => !NOT_OURS.test(token))
  return offered.length === 0 ? null : offered.join(', ')
}

const kDeclined = Symbol('declined')

/** Node's question; a no is remembered. */
export function mayUpgrade(req: IncomingMessage): boolean {
  const may = protocolOffered(req) !== null
  if (!may) Object.assign(req, { [kDeclined]: true })
  return may
}

/**
 * The request wanted an upgrade that it does not get. Node's parser stops behind it and passes over whatever the client sent
 * along: so nothing more may come on the connection, and the answer says so.
 */
export function isDeclined(req: IncomingMessage): boolean {
  return kDeclined in req
}

function tokens(raw: readonly string[]): string[] {
  const list: string[] = []
  for (let i = 0; i < raw.length; i += 2) if (raw[i]!.toLowerCase() === 'upgrade') list.push(...raw[i + 1]!.split(','))
  return list.map((token) => token.trim()).filter((token) => token !== '')
}

function hasBody(raw: readonly string[]): boolean {
  for (let i = 0; i < raw.length; i += 2) {
    const kind = kindOf(raw[i]!)
    if (kind === 'transfer-encoding' || (kind === 'content-length' && Number(raw[i + 1]) !== 0)) return true
  }
  return false
}

/** Node keeps the response that has the socket in `_httpMessage`, and lets no other one have it. */
export function isAnswering(socket: IncomingMessage['socket']): boolean {
  return Boolean((socket as unknown as Readonly<Record<string, unknown>>)['_httpMessage'])
}
