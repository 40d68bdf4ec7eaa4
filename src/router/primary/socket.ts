/**
 * Bound sockets that the primary holds and workers listen on.
 *
 * The primary never accepts: it keeps the one descriptor through which the port stays open while workers come, crash and
 * go. Connections that arrive meanwhile wait in the kernel's queue instead of being refused. Node's public `listen` would
 * accept in the primary too, and `cluster` closes the port with the last worker; so this uses the call on which `cluster`
 * itself is built, which binds without listening.
 */
import net from 'node:net'
import { formatAddress, parseAddress } from '../address.ts'

type NativeHandle = {
  getsockname(out: { address?: string; port?: number }): number
  close(): void
}

type CreateServerHandle = (
  ...args: readonly [host: string, port: number, family: 4 | 6, fd: undefined, flags: number]
) => NativeHandle | number

const { _createServerHandle: bindHandle } = net as unknown as { _createServerHandle: CreateServerHandle }

export type Socket = {
  /** Actual address, with the port the system chose for port 0. */
  readonly address: string
  readonly handle: NativeHandle
}

/** Binds the address, or says in the system's words why not. Hosts are IP addresses or `localhost`. */
export function bind(listen: string): Socket | { readonly error: string } {
  const wanted = parseAddress(listen)!
  const host = wanted.host === 'localhost' ? '127.0.0.1' : wanted.host
  const family = net.isIP(host)
  if (family === 0) return { error: `"${wanted.host}" is not an IP address of this machine` }
  const handle = bindHandle(host, wanted.port, family as 4 | 6, undefined, 0)
  if (typeof handle === 'number') return { error: systemError(handle) }
  const bound: { port?: number } = {}
  // A port that somebody listens on shows here: the system reports it late, and listening would take a random port.
  const failed = handle.getsockname(bound)
  if (failed === 0 && bound.port !== undefined) {
    return { address: formatAddress({ host: wanted.host, port: bound.port }), handle }
  }
  handle.close()
  return { error: systemError(failed) }
}

function systemError(code: number): string {
  const errors: Readonly<Record<number, string>> = {
    [-98]: 'another process listens there (EADDRINUSE)',
    [-48]: 'another process listens there (EADDRINUSE)',
    [-13]: 'not permitted (EACCES): ports below 1024 need a privilege',
    [-99]: 'this machine does not have that address (EADDRNOTAVAIL)',
    [-49]: 'this machine does not have that address (EADDRNOTAVAIL)',
  }
  return errors[code] ?? `system error ${-code}`
}
