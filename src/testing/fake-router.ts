/** A router in memory: it passes the contract suite of `router-contract.ts`; what goes wrong is ordered beforehand. */
import type { ObservedRoute, Slot } from '../core/observed.ts'
import { type FailureKind, failure, ok } from '../ports/result.ts'
import type { Router, DesiredRoute } from '../ports/router.ts'

export type RouterFault = { readonly kind: FailureKind; readonly performed: boolean }

export type FakeRouter = Router & {
  /** Another component has its address now. */
  readonly takenOver: () => void
  readonly weights: () => Readonly<Record<Slot, number>>
  /** Every weight that ever took effect, oldest first. */
  readonly history: readonly Readonly<Record<Slot, number>>[]
}

export type FakeRouterOptions = {
  readonly fault?: (call: {
    readonly method: 'observe' | 'set' | 'remove'
    readonly desired: DesiredRoute | null
  }) => RouterFault | null
  /** Told of every desired route that takes effect. */
  readonly changed?: (desired: DesiredRoute) => void
}

const NOTHING: DesiredRoute = { weights: { blue: 0, green: 0 }, upstreams: { blue: [], green: [] }, maintenance: false }

export function fakeRouter(options: FakeRouterOptions = {}): FakeRouter {
  let inForce: DesiredRoute = NOTHING
  let generation = 0
  /** Below it every order is from the past; it outlives a removal. */
  let floor = 0
  const history: Readonly<Record<Slot, number>>[] = []
  const view = (): ObservedRoute => ({
    ...inForce,
    inFlight: { blue: 0, green: 0 },
    generation,
    url: 'http://fake.test',
  })

  function apply(desired: DesiredRoute, fence: number) {
    if (fence < floor) return failure('permanent', `stale: generation ${fence} is below ${floor}`)
    inForce = desired
    generation = fence
    floor = fence
    history.push(desired.weights)
    options.changed?.(desired)
    return ok(view())
  }

  function leave(fence: number) {
    if (fence < floor) return failure('permanent', `stale: generation ${fence} is below ${floor}`)
    inForce = NOTHING
    generation = 0
    floor = fence
    options.changed?.(NOTHING)
    return ok(view())
  }

  return {
    capabilities: { weights: true, drain: true, maintenance: true, counts: false },
    listens: [],
    weights: () => inForce.weights,
    history,
    observe: async () => {
      const fault = options.fault?.({ method: 'observe', desired: null }) ?? null
      return fault ? failure(fault.kind, 'fault ordered for observe') : ok(view())
    },
    set: async (desired, { fence }) => {
      const fault = options.fault?.({ method: 'set', desired }) ?? null
      const answer = fault === null || fault.performed ? apply(desired, fence) : null
      return fault || !answer ? failure(fault?.kind ?? 'unknown', 'fault ordered for set') : answer
    },
    remove: async ({ fence }) => {
      const fault = options.fault?.({ method: 'remove', desired: null }) ?? null
      const answer = fault === null || fault.performed ? leave(fence) : null
      return fault || !answer ? failure(fault?.kind ?? 'unknown', 'fault ordered for remove') : answer
    },
    takenOver: () => void leave(floor),
  }
}
