/** What to do when an upstream did not answer, and what to tell the client. */
import type { Page } from './page.ts'

export type Failure = {
  /** The connection was never made, so nothing of the request was sent. */
  readonly isConnectFailure: boolean
  /** GET, HEAD or OPTIONS without a body: may be sent twice (RFC 9110 §9.2.2). */
  readonly isSafe: boolean
  readonly connectTries: number
  readonly upstreams: number
  /** Connections that were lost under this request before an answer. */
  readonly resets: number
  /** The other slot could take it: it has weight, and the session is new. */
  readonly canMove: boolean
}

/**
 * - Not connected: nothing was sent, so any request may go to the slot's next upstream, each of them once; then a new
 *   session may go to the other slot (the failure stays counted against this one), a bound session gets 502.
 * - Connected, then lost before an answer: a safe request is sent once more; anything else gets 502, since it may have
 *   been carried out.
 */
export function afterFailure(failure: Failure): 'retry' | 'move' | 'give-up' {
  if (!failure.isConnectFailure) return failure.isSafe && failure.resets <= 1 ? 'retry' : 'give-up'
  if (failure.connectTries < failure.upstreams) return 'retry'
  return failure.canMove ? 'move' : 'give-up'
}

const again = { retryAfterS: 1 } as const

export const NO_CONNECTION: Page = {
  ...again,
  status: 502,
  reason: 'connect-failure',
  title: 'Bad gateway',
  text: 'No instance of the service accepted the connection.',
}

export const LOST: Page = {
  ...again,
  status: 502,
  reason: 'upstream-reset',
  title: 'Bad gateway',
  text: 'The instance of the service closed the connection before it answered.',
}

export const TIMED_OUT: Page = {
  ...again,
  status: 504,
  reason: 'timeout',
  title: 'Gateway timeout',
  text: 'The service did not answer in time.',
}

export const SATURATED: Page = {
  ...again,
  status: 503,
  reason: 'saturated',
  title: 'Service unavailable',
  text: 'The service has too many requests in flight.',
}

export const NO_ROUTE: Page = {
  ...again,
  status: 503,
  reason: 'no-route',
  title: 'Service unavailable',
  text: 'No service is routed here at the moment.',
}

export const STALLED: Page = {
  status: 408,
  reason: 'stalled-upload',
  title: 'Request timeout',
  text: 'The upload stood still for a minute.',
  retryAfterS: null,
}

const malformed = (text: string, status: 400 | 501 | 505 = 400): Page => {
  const title = { 400: 'Bad request', 501: 'Not implemented', 505: 'HTTP version not supported' }[status]
  return { status, reason: 'bad-request', title, text, retryAfterS: null }
}

export const BAD_REQUEST = malformed('The request cannot be passed on: one of its headers is not valid.')

export const BAD_TARGET = malformed(
  'The target of the request is not valid: expected a path that begins with "/", or http://host/path.',
)

export const BAD_HOST = malformed('The request must name one valid host, in its target or in one Host header.')

export const BAD_ENCODING = malformed(
  'The length of the request is ambiguous: Transfer-Encoding stands beside Content-Length, or in an HTTP/1.0 request.',
)

export const UNKNOWN_CODING = malformed('The only transfer coding taken here is "chunked".', 501)

export const BAD_VERSION = malformed('The request must be HTTP/1.1 or HTTP/1.0.', 505)

/** `OPTIONS *` asks whoever takes it, not a resource of the service (RFC 9110 §9.3.7). */
export const OPTIONS_OF_ALL: Page = {
  status: 200,
  reason: 'options',
  title: 'OK',
  text: 'The router takes HTTP/1.1 requests here.',
  retryAfterS: null,
}

/** A mistake of the router's own: counted as its fault, and against no slot. */
export const FAULT: Page = {
  ...again,
  status: 500,
  reason: 'router-fault',
  title: 'Internal error',
  text: 'The router failed to handle this exchange. The service is not to blame.',
}

export const UNPASSABLE: Page = {
  status: 502,
  reason: 'unpassable',
  title: 'Bad gateway',
  text: 'The service answered with a status or a transfer coding that cannot be passed on.',
  retryAfterS: null,
}
