/** What the admin API answers: desired and in force side by side. */
import type { Histogram } from './histogram.ts'
import type { SlotName } from './pick.ts'
import type { DesiredRoute } from './desired-route.ts'
import type { SegmentCounts } from './protocol.ts'
import { z } from 'zod'

export type SlotView = {
  /** In force in the serving worker. */
  readonly weight: number
  /** Exact, over all workers; 0 on a slot with weight 0 means that its upstreams may be stopped. */
  readonly inFlight: number
  /** Age of the oldest request without response headers, in ms; 0 when there is none. */
  readonly waitingOldestMs: number
}

export type WorkerView = {
  readonly pid: number
  readonly role: 'starting' | 'serving' | 'retiring'
  /** Generation of this route that the worker has in force; null when it does not know the route. */
  readonly generation: number | null
}

export type RouteView = {
  readonly key: string
  readonly generation: number
  readonly desired: DesiredRoute
  /** Address requests are taken at; null with `problem` when it could not be listened on. */
  readonly listening: string | null
  readonly problem: string | null
  readonly workers: readonly WorkerView[]
  readonly slots: Readonly<Record<SlotName, SlotView>>
}

export type RoutesView = {
  readonly routes: readonly RouteView[]
  /** Routes of the state file that could not be used. */
  readonly rejected: readonly { readonly why: string; readonly raw: unknown }[]
}

/** Cumulative and monotone within one `epoch`; meanings in `worker/accounting.ts`. */
export type SlotMetrics = {
  readonly requests: number
  readonly errors: number
  readonly clientAborts: number
  readonly connectFailures: number
  readonly retries: number
  readonly inFlight: number
  readonly waitingOldestMs: number
  readonly completions: number
  /** Sum of the same latencies, exact. */
  readonly latencySumMs: number
  readonly latency: Histogram
  /** Of the segments that are counted by themselves, by name. */
  readonly segments: Readonly<Record<string, SegmentCounts>>
}

export type MetricsView = {
  /** Counters start from 0 with every new epoch: a restarted router, or a route that was removed and put again. */
  readonly epoch: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly slots: Readonly<Record<SlotName, SlotMetrics>>
}

export type ReplacedView = { readonly pid: number; readonly retired: number | null }

export type HealthView = {
  /** `degraded`: a route is not listening or was set aside, or no worker serves at this moment. */
  readonly status: 'ok' | 'degraded'
  readonly pid: number
  /** The process that keeps the ports open beside this one; null at a moment without it. */
  readonly guard: number | null
  readonly epoch: string
  readonly routes: number
  readonly worker: number | null
  readonly problems: readonly string[]
  /** Faults of the router's own code since it started: contained ones ended one exchange, uncaught ones cost a worker. */
  readonly faults: { readonly contained: number; readonly uncaught: number }
}

/** `router.json`: how to reach the router of a data folder. Written when it listens, removed when it stops. */

export const RouterInfo = z.object({
  pid: z.int(),
  /** Start time of the process in the system's own form: an id alone may be somebody else's by now. */
  processStart: z.string(),
  url: z.url(),
  token: z.string(),
})
export type RouterInfo = z.output<typeof RouterInfo>
