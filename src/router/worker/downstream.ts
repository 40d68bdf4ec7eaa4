/** Writing response heads to the client. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { verbatim } from './headers.ts'

/** Passes 103 Early Hints (RFC 8297) and 102 on; other interim answers concern only the upstream's connection. */
export function informational(req: IncomingMessage, res: ServerResponse, status: number, raw: readonly Buffer[]): void {
  if (req.httpVersionMinor === 0 || res.headersSent) return
  if (status === 102) res.writeProcessing()
  if (status !== 103) return
  const hints: Record<string, string[]> = {}
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!.toString('latin1').toLowerCase()
    hints[name] = [...(hints[name] ?? []), raw[i + 1]!.toString('latin1')]
  }
  try {
    res.writeEarlyHints(hints)
  } catch {
    // Node refuses a malformed Link; the hints are optional, the response is not.
  }
}

export type Unsent = { readonly res: ServerResponse; bodyBegun: boolean; isOver: boolean }

const unsent: Unsent[] = []

/**
 * Sends the head by itself if no body follows in this very turn: an event stream may be silent for long, but a small
 * response should leave in one piece.
 */
export function flushSoon(head: Unsent): void {
  if (unsent.push(head) === 1) queueMicrotask(flush)
}

function flush(): void {
  for (const head of unsent) if (!head.bodyBegun && !head.isOver) head.res.flushHeaders()
  unsent.length = 0
}

export function pairs(raw: readonly Buffer[]): [string, string][] {
  const list: [string, string][] = []
  for (let i = 0; i < raw.length; i += 2) list.push([raw[i]!.toString('latin1'), raw[i + 1]!.toString('latin1')])
  return list
}

/** Says 101 on the bare socket and takes it away from the response object that stood in for a refusal. */
export function switchProtocols(res: ServerResponse, socket: Duplex, raw: readonly Buffer[]): void {
  res.detachSocket(socket as Parameters<ServerResponse['detachSocket']>[0])
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${verbatim(raw)}\r\n`, 'latin1')
}

/** The client must not take a cut response for a complete one: reset, not closed. */
export function resetClient(res: ServerResponse): void {
  if (res.socket) res.socket.resetAndDestroy()
  else res.destroy()
}
