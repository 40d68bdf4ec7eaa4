/**
 * When a request counts, and as what.
 *
 * Every request is counted once, in one step with its outcome and its latency, so that errors never exceed requests in
 * any tick: when it ends; or, as an error, when it passes the deadline without response headers; or by its status, when
 * its response has gone on for as long as the deadline (streams, server-sent events); or at once when it becomes a tunnel.
 * A client that leaves before the headers made no request and no error, only an abort.
 *
 * Latency is the time the service let the client wait: from the last byte of the request that was passed on (for requests
 * without a body: from its arrival) to the response headers, for streams and normal responses alike. For a request that
 * was counted at the deadline it is the deadline; for an answer of the router's own, the time until it was given up.
 */
import type { Exchange } from './exchange.ts'
import { leave } from './line.ts'

export function latencyOf(exchange: Exchange, now: number): number {
  return now - exchange.since
}

export function countOnce(exchange: Exchange, isError: boolean): void {
  if (exchange.isCounted) return
  exchange.isCounted = true
  const latencyMs = exchange.status > 0 ? exchange.latencyMs : latencyOf(exchange, performance.now())
  exchange.slot.count(latencyMs, isError)
  const { route, req, inbound, slot } = exchange
  route.segments.count(slot.name, { method: req.method!, path: inbound.path }, latencyMs, isError)
}

/** Takes it out of its slot: it is in flight no more. */
export function settle(exchange: Exchange): void {
  if (exchange.isOver) return
  exchange.isOver = true
  leave(exchange)
  exchange.slot.inFlight--
}

/** The whole answer has gone through. */
export function completed(exchange: Exchange): void {
  countOnce(exchange, exchange.status >= 500)
  exchange.slot.completions++
  settle(exchange)
}

/**
 * The client went away: an abort, unless it closed an event stream, whose end is the client's to choose, or has got all of its
 * answer.
 */
export function clientLeft(exchange: Exchange): void {
  if (exchange.isOver || exchange.tunnel !== null) return
  if (exchange.status > 0) countOnce(exchange, exchange.status >= 500)
  if (exchange.isSse || exchange.res.writableFinished) exchange.slot.completions++
  else exchange.slot.clientAborts++
  settle(exchange)
}
