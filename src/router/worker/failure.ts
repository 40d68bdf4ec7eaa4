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

export const BAD_REQUEST: Page = {
  status: 400,
  reason: 'bad-request',
  title: 'Bad request',
  text: 'The request cannot be passed on: its target or one of its headers is not valid.',
  retryAfterS: null,
}
