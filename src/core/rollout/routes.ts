/** The wished route of each component for a share of the candidate, and whether it has been observed. */
import type { Slot } from '../observed.ts'
import type { Command, WishedRoute } from './commands.ts'
import { type Move, order, wait } from './move.ts'
import { candidateReady, liveSlot, routed, type RolloutState, slotOf } from './state.ts'

/** `weight` percent for the candidate, the rest for live; upstreams are what was last observed ready. */
export function wishedRoute(state: RolloutState, component: string, weight: number): WishedRoute {
  const live = liveSlot(state)
  return {
    weights: bySlot(state, weight, 100 - weight),
    upstreams: {
      blue: upstreamsOf(state, component, 'blue', live),
      green: upstreamsOf(state, component, 'green', live),
    },
    maintenance: false,
  }
}

/** Nothing serves and users are told so: the way back of a first release. */
export function maintenanceRoute(): WishedRoute {
  return { weights: { blue: 0, green: 0 }, upstreams: { blue: [], green: [] }, maintenance: true }
}

/** Everybody on live; where there is none, the maintenance page. */
export function routeBack(state: RolloutState, component: string): WishedRoute {
  return state.stable ? wishedRoute(state, component, 0) : maintenanceRoute()
}

export function bySlot<T>(state: RolloutState, candidate: T, live: T): Record<Slot, T> {
  return state.candidateSlot === 'blue' ? { blue: candidate, green: live } : { blue: live, green: candidate }
}

/** The router was seen, since this step began, to have exactly these weights in force for the component. */
export function routeObserved(state: RolloutState, component: string, wished: WishedRoute): boolean {
  const seen = state.routes[component]
  if (!seen || seen.at < (state.step?.since ?? seen.at)) return false
  return sameWeights(seen.value.weights, wished.weights) && seen.value.maintenance === wished.maintenance
}

/** A first release of which no router was ever seen to have taken a wish: its address is taken, say. */
export function neverRouted(state: RolloutState): boolean {
  return state.stable === null && routed(state).every(({ name }) => state.routes[name]?.value.generation === 0)
}

/** The commands that make `wish` true for every routed component that is not observed to have it. */
export function setRoutes(state: RolloutState, wish: (component: string) => WishedRoute): readonly Command[] {
  return routed(state)
    .map(({ name }) => ({ type: 'SetRoute', component: name, route: wish(name) }) as const)
    .filter(({ component, route }) => !routeObserved(state, component, route))
}

/** The commands that put routes right which were last seen with other weights than wished; unseen ones are left alone. */
export function correctRoutes(state: RolloutState, wish: (component: string) => WishedRoute): readonly Command[] {
  return setRoutes(state, wish).filter((command) => {
    if (command.type !== 'SetRoute') return false
    const seen = state.routes[command.component]
    return seen !== undefined && !sameWeights(seen.value.weights, command.route.weights)
  })
}

/** Gives the routes when all of them may be given; waits while a slot that would get users has nobody to serve them (L5). */
export function orderRoutes(state: RolloutState, commands: readonly Command[]): Move {
  const possible = commands.every(
    (command) => command.type !== 'SetRoute' || servable(state, command.component, command.route),
  )
  return possible ? order(...commands) : wait
}

function servable(state: RolloutState, component: string, { weights, upstreams }: WishedRoute): boolean {
  const now = state.routes[component]?.value.weights
  const raised = weights[state.candidateSlot] > (now?.[state.candidateSlot] ?? 0)
  if (raised && !candidateReady(state)) return false
  return (['blue', 'green'] as const).every((slot) => {
    if (weights[slot] === 0) return true
    const ready = (slotOf(state, component, slot)?.value.ready ?? 0) > 0
    return upstreams[slot].length > 0 && (ready || (now?.[slot] ?? 0) > 0)
  })
}

export function sameWeights(left: Readonly<Record<Slot, number>>, right: Readonly<Record<Slot, number>>): boolean {
  return left.blue === right.blue && left.green === right.green
}

/** An instance keeps its address over restarts, so a live one that is briefly not ready stays in the route. */
function upstreamsOf(state: RolloutState, component: string, slot: Slot, live: Slot): readonly string[] {
  const ready = slotOf(state, component, slot)?.value.upstreams ?? []
  if (ready.length > 0 || slot !== live) return ready
  return state.routes[component]?.value.upstreams[slot] ?? []
}
