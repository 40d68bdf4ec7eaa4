import type { Context } from 'hono'
import type { CiLogin } from '../engine/ci-login.ts'
import type { ControlPlane } from '../engine/control-plane.ts'
import type { Identity, Tokens } from '../ports/identity.ts'
import type { Contents } from '../ports/contents.ts'
import type { Log } from '../ports/log.ts'

/** What `/metrics` says beside the requests it counts itself. */
export type Gauges = {
  readonly rolloutsByPhase: Readonly<Record<string, number>>
  readonly eventsTotal: number
  /** How late the oldest due rollout is, ms; 0 when none is late. */
  readonly oldestOverdueMs: number
  /** For how long a part of a rollout under way has not been seen, ms; 0 while all is. */
  readonly longestNoDataMs: number
  /** Rollouts that this process fails to drive. */
  readonly rolloutsNotDriven: number
  /** Environments in which what serves between releases is not as it should be. */
  readonly environmentsUnwell: number
}

export type HttpLimits = {
  readonly bodyBytes: number
  /** Failed authentications of one address in a minute, before the answer is 429. */
  readonly authFailuresPerMinute: number
  /** Event streams open at once. */
  readonly streams: number
  /** Of these, of one token. */
  readonly streamsPerToken: number
  /** Points that one token may spend on reading in a minute (`budget.ts`). */
  readonly readsPerMinute: number
  readonly heartbeatMs: number
  /** A client that takes nothing for this long loses its stream (it can resume). */
  readonly stallMs: number
}

export const HTTP_LIMITS: HttpLimits = {
  bodyBytes: 1_048_576,
  authFailuresPerMinute: 10,
  streams: 256,
  streamsPerToken: 16,
  readsPerMinute: 6_000,
  heartbeatMs: 15_000,
  stallMs: 60_000,
}

export type HttpOptions = {
  readonly controlPlane: ControlPlane
  readonly contents: Contents
  readonly tokens: Tokens
  /** Lets CI jobs in; absent: none. */
  readonly ciLogin?: CiLogin
  readonly log: Log
  readonly version: string
  /** Names by which it may be asked for what needs no token, beside its addresses and localhost. */
  readonly hosts?: readonly string[]
  readonly gauges?: () => Promise<Gauges>
  readonly limits?: Partial<HttpLimits>
  /** Milliseconds since the epoch; for tests. */
  readonly now?: () => number
}

export type HttpEnv = {
  Variables: { identity: Identity; requestId: string; version: string }
  /** Set by the Node server; absent under `app.request()`. */
  Bindings: { incoming?: { socket: { remoteAddress?: string | undefined } } }
}

export type HttpContext = Context<HttpEnv>
