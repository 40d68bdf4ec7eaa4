/**
 * One spelling per address. A connection's other end is `127.0.0.1` on one socket and `::ffff:127.0.0.1` on another, and a
 * person writes `0:0:0:0:0:0:0:1` for `::1`: what is compared or told to a service has gone through here (RFC 4291 §2.2,
 * §2.5.5.2; RFC 5952).
 */
import { isIP, isIPv4, SocketAddress, type Socket } from 'node:net'

const MAPPED = '::ffff:'

/** `::ffff:7f00:1` → `127.0.0.1`, `FE80::1%eth0` → `fe80::1`; what is no address stays as it is. */
export function canonicalAddress(text: string): string {
  const bare = text.replace(/%.*$/s, '')
  if (isIP(bare) !== 6) return bare
  const { address } = new SocketAddress({ address: bare, family: 'ipv6' })
  const embedded = address.slice(MAPPED.length)
  return address.startsWith(MAPPED) && isIPv4(embedded) ? embedded : address
}

const kPeer = Symbol('peer')
type Known = Socket & { [kPeer]?: string }

/** Who is at the other end, told once per connection; `unknown` (RFC 7239 §6.2) when it is gone already. */
export function peerOf(socket: Socket): string {
  return ((socket as Known)[kPeer] ??= canonicalAddress(socket.remoteAddress ?? 'unknown'))
}
