/**
 * How an order to the outside ended when it did not end well.
 *
 * - `transient`: it did not happen and may work later (connection refused, 503): repeated until the step's deadline.
 * - `permanent`: it did not happen and never will (bad option, digest mismatch): the step fails at once.
 * - `unknown`: it may have happened (timeout after sending): observe first, then decide.
 */
export type FailureKind = 'transient' | 'permanent' | 'unknown'

export type Failure = {
  readonly ok: false
  readonly kind: FailureKind
  /** For people: what, offending value, what to do. Never a secret's value (law L11). */
  readonly message: string
  /** Of what is `transient`: whoever was asked wants to be left alone for so long (`Retry-After`). */
  readonly retryAfterMs?: number
}

export type Result<T> = { readonly ok: true; readonly value: T } | Failure

export function ok<T>(value: T): Result<T> {
  return { ok: true, value }
}

export function failure(kind: FailureKind, message: string): Failure {
  return { ok: false, kind, message }
}

/** What comes with every order that changes something outside. */
export type Order = {
  /** `stream/version/index`: the same order performed twice has the same key and the same effect (law L12). */
  readonly key: string
  /** Grows with every command of an environment; an adapter that can check it refuses a smaller one (zombie). */
  readonly fence: number
  /** Aborted when the order's time is up; the adapter then answers `unknown` unless it knows better. */
  readonly signal: AbortSignal
}

/** Which component of which environment is meant: `{ service: "lokaltreu", environment: "prod", component: "api" }`. */
export type Target = {
  readonly service: string
  readonly environment: string
  readonly component: string
}
