/** What primary and worker say to each other over the IPC channel. */
import type { Histogram } from './histogram.ts'
import type { SlotName } from './pick.ts'
import type { DesiredRoute } from './desired-route.ts'

export type SlotConfig = {
  readonly weight: number
  readonly upstreams: readonly string[]
  /** Cookie value that binds a session to this tenure of the slot; opaque, so that nobody can choose a slot. */
  readonly cookie: string
}

/** A desired route as the worker needs it. */
export type RouteConfig = Pick<
  DesiredRoute,
  'generation' | 'sticky' | 'trustedProxies' | 'maintenance' | 'timeoutMs' | 'deadlineMs' | 'drainMs' | 'segments'
> & {
  readonly key: string
  /** Tells this life of the key from one before a DELETE. */
  readonly incarnation: number
  /** Actual address, never port 0. */
  readonly address: string
  readonly slots: Readonly<Record<SlotName, SlotConfig>>
  /** Changes with every tenure of a slot, so that not the same people are first in every rollout. */
  readonly salt: number
}

/** Cumulative since the worker started. */
export type SlotCounts = {
  readonly requests: number
  readonly errors: number
  readonly clientAborts: number
  readonly connectFailures: number
  readonly retries: number
  readonly completions: number
  readonly latencySumMs: number
  readonly latency: Histogram
  /** By name, those with the most requests first. */
  readonly segments: Readonly<Record<string, SegmentCounts>>
}

/** Of one segment; latencies in wider buckets than the whole's. */
export type SegmentCounts = { readonly requests: number; readonly errors: number; readonly latency: Histogram }

export type SlotReport = SlotCounts & { readonly inFlight: number; readonly waitingOldestMs: number }

export type RouteReport = {
  readonly key: string
  readonly incarnation: number
  readonly generation: number
  readonly weights: Readonly<Record<SlotName, number>>
  readonly slots: Readonly<Record<SlotName, SlotReport>>
}

/** Faults of the router's own code since the worker started; see `worker/fault.ts`. */
export type Faults = { readonly contained: number; readonly uncaught: number }

export type WorkerReport = { readonly routes: readonly RouteReport[]; readonly faults: Faults }

/** Remembered sessions of header-sticky routes: key → [hash, slot, …]. */
export type Sessions = Readonly<Record<string, readonly number[]>>

export type ToWorker =
  /** Comes with the bound socket. */
  | { readonly type: 'listen'; readonly address: string }
  /** All routes there are; sockets no route names any more are closed. */
  | { readonly type: 'apply'; readonly version: number; readonly routes: readonly RouteConfig[] }
  | { readonly type: 'report'; readonly id: number }
  | { readonly type: 'sessions' }
  | { readonly type: 'adopt'; readonly sessions: Sessions }
  /** Accept nothing new, finish what is there, exit. */
  | { readonly type: 'retire'; readonly graceMs: number; readonly boundMs: number }

export type FromWorker =
  | { readonly type: 'started' }
  | { readonly type: 'listening'; readonly address: string; readonly error: string | null }
  /** With what is in flight at that moment: whoever ordered the change need not ask again. */
  | { readonly type: 'applied'; readonly version: number; readonly report: WorkerReport }
  | { readonly type: 'report'; readonly id: number | null; readonly report: WorkerReport }
  | { readonly type: 'sessions'; readonly sessions: Sessions }
