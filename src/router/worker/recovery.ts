/** What happens to an exchange whose upstream did not answer, or stopped in the middle. */
import { completed, countOnce, settle } from './accounting.ts'
import { resetClient } from './downstream.ts'
import type { Exchange } from './exchange.ts'
import { afterFailure, BAD_REQUEST, FAULT, LOST, NO_CONNECTION } from './failure.ts'
import { contained, noteFault } from './fault.ts'
import { answer, type Page } from './page.ts'
import type { Slot } from './slot.ts'

export const GIVEN_UP = new Error('the router gave this request up')
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
const UNFIT: ReadonlySet<string | undefined> = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED'])

export function failed(exchange: Exchange, isConnectFailure: boolean, code: string | undefined): void {
  // undici counts a blank behind the number of a Content-Length as a digit; the body is whole by our own count.
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' && exchange.bodyLeft === 0) return completed(exchange)
  if (exchange.status > 0) return breakOff(exchange)
  if (UNFIT.has(code)) return dismiss(exchange, BAD_REQUEST)
  if (isConnectFailure) {
    exchange.connectTries++
    exchange.slot.connectFailures++
  } else exchange.resets++
  recover(exchange, isConnectFailure)
}

/** Ends what is left of it at the upstream. */
export const giveUp = contained('giving a request up', (exchange: Exchange) => exchange.controller?.abort(GIVEN_UP))

/** Ends it with an answer of the router's own, as an error of the slot. */
export function refuse(exchange: Exchange, page: Page): void {
  fail(exchange)
  exchange.body?.destroy()
  answer(exchange.req, exchange.res, page)
  giveUp(exchange)
}

function recover(exchange: Exchange, isConnectFailure: boolean): void {
  const { slot, route, assignment, connectTries, resets } = exchange
  const other = route.otherSlot(slot)
  const step = afterFailure({
    isConnectFailure,
    isSafe: exchange.body === null && SAFE.has(exchange.req.method!),
    connectTries,
    upstreams: slot.upstreams.length,
    resets,
    canMove: !assignment.bound && slot === assignment.slot && other.weight > 0,
  })
  if (step === 'give-up') return refuse(exchange, isConnectFailure ? NO_CONNECTION : LOST)
  slot.retries++
  if (step === 'retry') return exchange.dispatch()
  fail(exchange)
  move(exchange, other)
}

/** The failure stays counted where it happened; the other slot serves the request as one of its own. */
function move(exchange: Exchange, slot: Slot): void {
  const { session } = exchange.assignment
  if (session !== null) exchange.route.sessions.remember(session, slot.name)
  exchange.isOver = exchange.isCounted = false
  exchange.upstreamIndex = -1
  exchange.connectTries = 0
  exchange.start(slot)
}

function fail(exchange: Exchange): void {
  countOnce(exchange, true)
  settle(exchange)
}

/** The request itself is at fault: the client's doing, counted nowhere. */
export function dismiss(exchange: Exchange, page: Page): void {
  settle(exchange)
  answer(exchange.req, exchange.res, page)
  giveUp(exchange)
}

/** A mistake of the router's own: its client is told or cut, and it is counted against nobody. */
export function atFault(exchange: Exchange, error: unknown): void {
  noteFault('an exchange', error)
  settle(exchange)
  exchange.body?.destroy()
  if (exchange.res.headersSent || exchange.tunnel !== null) resetClient(exchange.res)
  else answer(exchange.req, exchange.res, FAULT)
  giveUp(exchange)
}

/** The upstream died, or stood still, in the middle of its response. */
export function breakOff(exchange: Exchange): void {
  fail(exchange)
  resetClient(exchange.res)
}
