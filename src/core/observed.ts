import type { Instant } from './time.ts'

/** The two places an instance set can occupy. Colours are places; `live` and `candidate` are roles. */
export type Slot = 'blue' | 'green'
export type Role = 'live' | 'candidate'

export function otherSlot(slot: Slot): Slot {
  return slot === 'blue' ? 'green' : 'blue'
}

/** What a platform saw in one slot. `present: false` means that nothing of it runs and nothing is left over. */
export type ObservedSlot = {
  readonly present: boolean
  /** Digest of what the slot was started from; null when not present. */
  readonly digest: string | null
  readonly version: string | null
  /** Who put it there: the id of the rollout. Two releases of the same digest are two occupants. */
  readonly release: string | null
  readonly desired: number
  /** Instances alive (started, not exited). */
  readonly running: number
  /** Instances whose readiness check passed when last looked at. */
  readonly ready: number
  /** What an instance that is not ready last answered, `GET /readiness: 503`; absent when all are ready or nobody knows. */
  readonly unready?: string
  /** `host:port` of every ready instance: what a router may be given. */
  readonly upstreams: readonly string[]
  /** Exits that nobody ordered, since the slot was started. */
  readonly restarts: number
  /** The platform gave up restarting quickly: too many exits in a short time. */
  readonly crashLooping: boolean
  readonly lastExit: {
    readonly at: Instant
    readonly code: number | null
    readonly signal: string | null
    readonly tail: readonly string[]
  } | null
  /** Readiness probes since the slot was started, and how many of those after the first success failed (R-E05). */
  readonly readiness: { readonly probes: number; readonly failures: number }
  /** Lines the instances logged since the slot was started (R-E07); null where the platform cannot tell. */
  readonly logLines: number | null
  /** Largest resident memory of one instance, bytes; null where unknown. */
  readonly memoryBytes: number | null
}

/** An empty slot. */
export const EMPTY_SLOT: ObservedSlot = {
  present: false,
  digest: null,
  version: null,
  release: null,
  desired: 0,
  running: 0,
  ready: 0,
  upstreams: [],
  restarts: 0,
  crashLooping: false,
  lastExit: null,
  readiness: { probes: 0, failures: 0 },
  logLines: null,
  memoryBytes: null,
}

/** What a router has in force for one component. */
export type ObservedRoute = {
  /** Percent per slot, integers; they sum to 100, or are both 0 while nothing serves (maintenance). */
  readonly weights: Readonly<Record<Slot, number>>
  readonly upstreams: Readonly<Record<Slot, readonly string[]>>
  readonly inFlight: Readonly<Record<Slot, number>>
  readonly maintenance: boolean
  /** The fencing number of the last order that took effect; a smaller one is refused. */
  readonly generation: number
  /** Where users reach it, `http://127.0.0.1:8080`. */
  readonly url: string
}

/** Mergeable latency histogram: bucket b holds durations in `(unitMs·base^(b-1), unitMs·base^b]`; sparse counts. */
export type Histogram = {
  readonly base: number
  readonly unitMs: number
  readonly counts: Readonly<Record<string, number>>
}

/**
 * One segment of the traffic, such as a route: how many requests, how many of them errors, and how many slower than the
 * latency that was asked about.
 */
export type Segment = readonly [requests: number, errors: number, slow: number]

/** By name, `GET /orders/:id`; those with the most requests first. */
export type Segments = Readonly<Record<string, Segment>>

/** What both roles did in one segment between two looks. */
export type SegmentTick = {
  readonly live: Segment
  readonly candidate: Segment
  /** Seen for the first time, or its counters fell: what it has counted so far, of which nobody knows when it was. */
  readonly begun?: true
}

/** Cumulative counts of one slot, as a metrics source read them. They restart at 0 when `epoch` changes. */
export type SlotCounts = {
  readonly requests: number
  /** 5xx answers, router-made ones and requests past their deadline included; client aborts are not errors. */
  readonly errors: number
  readonly latency: Histogram
  readonly inFlight: number
  /** Age of the oldest request still without response headers, ms; 0 when none waits. */
  readonly waitingOldestMs: number
  /** The same of its segments; absent where the source tells none. One that is new, or fell, began anew. */
  readonly segments?: Segments
}

export type MetricsSnapshot = {
  readonly epoch: string
  readonly at: Instant
  readonly slots: Readonly<Record<Slot, SlotCounts>>
  /** What it answered to the service's own queries at that moment, by rule; the same of both slots where it is service-wide. */
  readonly own?: Readonly<Record<string, Readonly<Record<Slot, OwnAnswer>>>>
}

/** A finite number, or why there is none. */
export type OwnAnswer = { readonly value: number } | { readonly unknown: string }
