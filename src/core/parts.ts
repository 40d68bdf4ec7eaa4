/**
 * What one release means for each component and each route: "is there a previous release?" is asked of a component, never of
 * the environment. Components may be added, removed and renamed between releases, routers given, taken away and moved.
 *
 * A route is its component's. Where a component is gone from the routes and another one takes its address (a renamed one, a
 * gateway put in front), it is the same route with another candidate. A route that changes its address does so with the shift
 * to 100 %, so that two components can exchange theirs: until then users are where they were, shared as ever.
 */
import { sameJson } from './json.ts'
import { type ListenAddress, overlaps, readListen } from './listen.ts'
import type { Plan, PlannedComponent } from './plan.ts'
import { routingOf } from './told.ts'

export type RoutePart = {
  /** The candidate's component, or live's where the plan routes it no more. */
  readonly id: string
  /** The component whose candidate it leads to; null: the route goes with the shift to 100 %. */
  readonly candidate: string | null
  /** The component that the previous release serves there; null: nobody was there before. */
  readonly live: string | null
  /** Its address, or its router, is another one from the shift to 100 % on. */
  readonly moves: boolean
  /** The previous release keeps its address for somebody else until the shift to 100 %. */
  readonly late: boolean
}

export type Parts = {
  /** Components of the previous release, in the order of its plan; empty for a first release. */
  readonly live: readonly string[]
  readonly routes: readonly RoutePart[]
}

type Routed = Pick<PlannedComponent, 'name' | 'router' | 'routing'>

/** `before`: the components of the previous release; null where there is none. */
export function partsOf({ components }: Pick<Plan, 'components'>, before: readonly PlannedComponent[] | null): Parts {
  const wanted = components.filter(({ router }) => router !== null)
  const served = (before ?? []).filter(({ router }) => router !== null)
  const routes = wanted.map((component) => routeOf(component, wanted, served))
  const gone = served.filter(({ name }) => !routes.some(({ live }) => live === name))
  return {
    live: (before ?? []).map(({ name }) => name),
    routes: [
      ...routes,
      ...gone.map(({ name }) => ({ id: name, candidate: null, live: name, moves: false, late: false })),
    ],
  }
}

function routeOf(component: Routed, wanted: readonly Routed[], served: readonly Routed[]): RoutePart {
  const { name } = component
  const part = { id: name, candidate: name, late: false, moves: false }
  const own = served.find((each) => each.name === name)
  if (own) return { ...part, live: name, moves: !sameAddress(own, component) }
  const holder = served.find((each) => clash(each, component))
  if (!holder) return { ...part, live: null }
  const stays = wanted.some((each) => each.name === holder.name)
  if (stays) return { ...part, live: null, late: true }
  return { ...part, live: holder.name, moves: !sameAddress(holder, component) }
}

/** Where the router listens; null where it opens no address, or one that cannot be read. */
function addressOf(component: Routed): ListenAddress | null {
  const listen = routingOf(component)?.listen ?? null
  const read = listen === null ? null : readListen(listen)
  return read?.ok ? read.address : null
}

/** Another spelling is the same address, and a free port is wherever it was. */
function sameAddress(left: Routed, right: Routed): boolean {
  if (left.router?.kind !== right.router?.kind) return false
  const [one, other] = [addressOf(left), addressOf(right)]
  if (one === null || other === null) return one === other
  return one.port === other.port && sameJson(one.covers, other.covers)
}

/** Only one of the two can listen. */
function clash(left: Routed, right: Routed): boolean {
  const [one, other] = [addressOf(left), addressOf(right)]
  return left.router?.kind === right.router?.kind && one !== null && other !== null && overlaps(one, other)
}

/** Users are shared between both sides by weight; every other route is all or nothing. */
export function isShared({ candidate, live }: RoutePart): boolean {
  return candidate !== null && live !== null
}
