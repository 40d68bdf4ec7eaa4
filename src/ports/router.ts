import type { MetricsSnapshot, ObservedRoute, Slot } from '../core/observed.ts'
import type { SegmentsAsked } from '../core/analysis/sequential/options.ts'
import type { SegmentsQuery } from './metrics-source.ts'
import type { Description } from './description.ts'
import type { Order, Result } from './result.ts'

export type RouterDescription = Description & {
  readonly capabilities: RouterCapabilities
  /** Addresses of this machine that it opens for users, `127.0.0.1:8080`; no two routes can have the same. */
  readonly listens: readonly string[]
  /** What keeps a session on the side where it began: a cookie by this name, something else, or nothing. */
  readonly sticky: { readonly cookie: string | null } | null
}

export type RouterCapabilities = {
  /** Weights between 0 and 100 take effect; false: only 0 and 100. */
  readonly weights: boolean
  /** In-flight requests are counted, so a drain can be observed. */
  readonly drain: boolean
  readonly maintenance: boolean
  /** It tells counts and latencies per slot, so that `metrics: { kind: router }` has somebody to ask. */
  readonly counts: boolean
}

/** The desired route, complete: never a delta. `weights` are integers that sum to 100, or both 0 with `maintenance`. */
export type DesiredRoute = {
  readonly weights: Readonly<Record<Slot, number>>
  readonly upstreams: Readonly<Record<Slot, readonly string[]>>
  readonly maintenance: boolean
  /** What it is to count by itself as well, where `capabilities.counts`; absent: as it is used to. */
  readonly segments?: SegmentsAsked
}

/**
 * What sends users to slots.
 *
 * 1. `observe` before anything was ever set answers weights 0/0, no upstreams, generation 0.
 * 2. `set` makes exactly this desired route true, with `order.fence` as its generation. A smaller generation than the one in force
 *    is refused as `permanent` ("stale"): it comes from a control plane that was overtaken. The answer is a fresh
 *    observation, taken after the change took effect for new requests.
 * 3. A slot whose weight becomes 0 gets no new request; the ones in flight end by themselves and are counted until then.
 * 4. `remove` takes the route away: nobody is answered there, and `observe` answers as before anything was set. Requests in
 *    flight end by themselves. Removing what is not there is `ok`; a desired route that is older stays refused.
 * 5. The address of another component of the same environment is taken over by `set`, in one moment; that component's route
 *    is then gone. So two components can exchange their addresses. An address of anybody else is refused as `transient`.
 * 6. What is set survives a restart of the router and of the control plane.
 */
export interface Router {
  readonly capabilities: RouterCapabilities
  readonly listens: readonly string[]
  observe(signal: AbortSignal): Promise<Result<ObservedRoute>>
  set(desired: DesiredRoute, order: Order): Promise<Result<ObservedRoute>>
  remove(order: Order): Promise<Result<ObservedRoute>>
  /** What it counted per slot, cumulative, as a `MetricsSource` answers; there when `capabilities.counts` says so. */
  counts?(signal: AbortSignal, segments?: SegmentsQuery): Promise<Result<MetricsSnapshot>>
}
