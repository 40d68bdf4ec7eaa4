/** Writing response heads to the client. */
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { contained } from './fault.ts'
import { responseHead, verbatim } from './headers.ts'

/**
 * Passes interim answers on: 103 Early Hints (RFC 8297), 102, and whatever comes to be. Not 100, since the router has answered
 * `Expect` itself, and nothing to a client of HTTP/1.0 or one whose earlier request is not answered yet. Written to the socket
 * itself: Node's own methods refuse what they do not know.
 */
export function informational(req: IncomingMessage, res: ServerResponse, status: number, raw: readonly Buffer[]): void {
  const { socket } = res
  if (status === 100 || req.httpVersionMinor === 0 || res.headersSent || socket === null || !socket.writable) return
  const { headers } = responseHead(raw, { status, isHead: false, isOld: false })
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`
  for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`
  socket.write(`${head}\r\n`, 'latin1')
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
  // Emptied first: one that throws must not keep the others waiting for ever.
  for (const head of unsent.splice(0)) if (!head.bodyBegun && !head.isOver) flushOne(head.res)
}

const flushOne = contained('flushing a head', (res: ServerResponse) => res.flushHeaders())

/** Says 101 on the bare socket and takes it away from the response object that stood in for a refusal. */
export function switchProtocols(res: ServerResponse, socket: Duplex, raw: readonly Buffer[]): void {
  res.detachSocket(socket as Parameters<ServerResponse['detachSocket']>[0])
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${verbatim(raw)}\r\n`, 'latin1')
}

/** The client must not take a cut response for a complete one: reset, not closed. */
export function resetClient(res: ServerResponse): void {
  if (res.socket) res.socket.resetAndDestroy()
  // Its turn on the connection has not come: it ends when it does.
  else res.destroy()
}
