/** Time limits of everything in flight, looked at many times a second instead of a timer per request. */
import { countOnce, settle } from './accounting.ts'
import { resetClient } from './downstream.ts'
import type { Exchange } from './exchange.ts'
import { STALLED, TIMED_OUT } from './failure.ts'
import { atFault, breakOff, dismiss, giveUp, refuse } from './recovery.ts'
import type { RequestBody } from './request-body.ts'
import type { Route } from './route.ts'
import type { Slot } from './slot.ts'
import { DRAIN_STANDS_MS, standsBy } from './standstill.ts'

export const SWEEP_EVERY_MS = 50
/** An upload that brings nothing for this long gets 408. */
const CLIENT_STALL_MS = 60_000

export function sweep(route: Route, now: number): void {
  for (const slot of [route.slots.blue, route.slots.green]) {
    overdue(route, slot, now)
    streaming(route, slot, now)
  }
}

/** No response headers yet: an error after the deadline, 504 after the timeout. */
function overdue(route: Route, slot: Slot, now: number): void {
  const { deadlineMs, timeoutMs } = route.config
  const first = Math.min(deadlineMs, timeoutMs)
  let exchange = slot.waiting.head
  while (exchange !== null && now - exchange.since >= first) {
    const { next } = exchange
    look(exchange, (late) => {
      if (isLeft(late)) late.abandon()
      else if (late.body?.waitsForClient) awaitClient(late, late.body, now)
      else if (now - late.since >= timeoutMs) refuse(late, TIMED_OUT)
      else countOnce(late, true)
    })
    exchange = next
  }
}

/** One that cannot be handled must not keep the others beyond their time. */
function look(exchange: Exchange, work: (exchange: Exchange) => void): void {
  try {
    work(exchange)
  } catch (error) {
    atFault(exchange, error)
  }
}

/**
 * Responses under way: counted after the length of the deadline; on a draining slot ended after `drainMs`, counted from
 * the start of the drain or of the response, whichever came later; one that stands still, earlier.
 */
function streaming(route: Route, slot: Slot, now: number): void {
  const { deadlineMs, drainMs, timeoutMs } = route.config
  const first = Math.min(deadlineMs, drainMs, timeoutMs, DRAIN_STANDS_MS)
  const from = slot.drainingSince
  let exchange = slot.responding.head
  while (exchange !== null && now - exchange.since >= first) {
    const { next } = exchange
    look(exchange, (long) => {
      if (isLeft(long)) long.abandon()
      else if (now - long.since >= deadlineMs) countOnce(long, long.status >= 500)
      if (!long.isOver) endStanding(long, now)
      if (!long.isOver && from !== null && now - Math.max(from, long.since) >= drainMs) endStream(long)
    })
    exchange = next
  }
}

function endStanding(exchange: Exchange, now: number): void {
  const who = standsBy(exchange, now)
  if (who === null) return
  if (exchange.tunnel !== null) return exchange.tunnel.close()
  if (who === 'client') {
    exchange.abandon()
    return resetClient(exchange.res)
  }
  breakOff(exchange)
  giveUp(exchange)
}

/** A slow upload is the client's time, not the service's; one that stands still is given up. */
function awaitClient(exchange: Exchange, body: RequestBody, now: number): void {
  if (now - body.waitsSince >= CLIENT_STALL_MS) dismiss(exchange, STALLED)
  else exchange.slot.waiting.append(exchange, now)
}

/** A pipelined response is not told when its client goes away. */
function isLeft({ tunnel, req }: Exchange): boolean {
  return tunnel === null && req.socket.destroyed
}

/** A WebSocket gets Close 1001, an event stream its end (clients come back by themselves), anything else a reset. */
export function endStream(exchange: Exchange): void {
  if (exchange.tunnel !== null) return exchange.tunnel.close()
  countOnce(exchange, exchange.status >= 500)
  settle(exchange)
  if (exchange.isSse) {
    exchange.slot.completions++
    exchange.res.end()
  } else resetClient(exchange.res)
  giveUp(exchange)
}
