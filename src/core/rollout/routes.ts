/** The desired route of each part for a share of the candidate, and whether it has been observed. */
import { isShared, type RoutePart } from '../parts.ts'
import { sameJson } from '../json.ts'
import type { ObservedRoute, Slot } from '../observed.ts'
import { component as planned, type PlannedComponent } from '../plan.ts'
import type { Command, DesiredRoute } from './commands.ts'
import { type Move, order, wait } from './step-kind.ts'
import { behind, candidateReady, liveComponents, liveSlot, type RolloutState, slotOf } from './state.ts'

type SetRoute = Command<'SetRoute'>
export type DesiredOrder = Command<'SetRoute' | 'RemoveRoute'>

/**
 * What the routes have to be at `weight` percent for the candidate. Where nobody serves beside it the candidate gets
 * everybody with the first share; where it is not routed any more the route goes with the last one.
 */
export function desiredAt(state: RolloutState, weight: number): readonly DesiredOrder[] {
  return state.parts.routes.flatMap((part): readonly DesiredOrder[] => {
    const isLast = weight >= 100
    if (part.candidate === null) {
      if (isLast) return [{ type: 'RemoveRoute', component: part.id, release: state.stable?.rollout ?? '' }]
      return [toLive(state, part)]
    }
    if (part.live !== null) return [shared(state, part, weight)]
    if (part.late && !isLast) return []
    return [{ type: 'SetRoute', component: part.id, route: routeOf(state, part, 100) }]
  })
}

/** A route that moves stays at its old address as long as the previous release serves some of it. */
function shared(state: RolloutState, part: RoutePart, weight: number): SetRoute {
  const desired = { type: 'SetRoute', component: part.id, route: routeOf(state, part, weight) } as const
  return part.moves && weight < 100 ? { ...desired, as: 'previous' } : desired
}

function toLive(state: RolloutState, part: RoutePart): SetRoute {
  const desired = { type: 'SetRoute', component: part.id, route: routeOf(state, part, 0) } as const
  return sameRouter(state, part) ? desired : { ...desired, as: 'previous' }
}

function sameRouter(state: RolloutState, { candidate, live }: RoutePart): boolean {
  if (candidate === null || candidate !== live) return false
  const before = liveComponents(state).find(({ name }) => name === live) as PlannedComponent
  return (
    before.router === planned(state.plan, candidate).router ||
    sameJson(before.router, planned(state.plan, candidate).router)
  )
}

/** `weight` percent for the candidate, the rest for live; upstreams are what was last observed ready. */
export function routeOf(state: RolloutState, part: RoutePart, weight: number): DesiredRoute {
  return {
    weights: bySlot(state, weight, 100 - weight),
    upstreams: { blue: upstreamsOf(state, part, 'blue'), green: upstreamsOf(state, part, 'green') },
    maintenance: false,
  }
}

/** Nothing serves and users are told so. */
export function maintenanceRoute(): DesiredRoute {
  return { weights: { blue: 0, green: 0 }, upstreams: { blue: [], green: [] }, maintenance: true }
}

/** Everybody on live; where the previous release had nobody, the maintenance page until the candidate has gone. */
export function desiredAfterRollback(state: RolloutState): readonly DesiredOrder[] {
  return state.parts.routes.flatMap((part): readonly DesiredOrder[] => {
    if (part.live !== null) return [toLive(state, part)]
    if (state.stable && !mayBeThere(state, part)) return []
    return [{ type: 'SetRoute', component: part.id, route: maintenanceRoute() }]
  })
}

/** Routes that the previous release did not have. A first release leaves its page. */
export function routesToRemove(state: RolloutState): readonly DesiredOrder[] {
  if (!state.stable) return []
  return state.parts.routes
    .filter((part) => part.live === null && wasOrdered(state, part))
    .map(({ id }) => ({ type: 'RemoveRoute', component: id, release: state.id }))
}

function wasOrdered({ desired }: RolloutState, { id }: RoutePart): boolean {
  return desired[id] !== undefined
}

/** It was ordered once, and was not seen to be away since the step began: the order may have come true. */
function mayBeThere(state: RolloutState, part: RoutePart): boolean {
  const seen = state.routes[part.id]
  const away = seen !== undefined && seen.at >= (state.step?.since ?? seen.at) && isGone(seen.value)
  return wasOrdered(state, part) && !away
}

/** Taken away by this release, or taken back with it, and seen to be away: of no more interest to anybody. */
export function isClosed(state: RolloutState, { id, candidate, live }: RoutePart): boolean {
  const { status, stable } = state
  const isConfirmed =
    status === 'finalized' ? candidate !== null : !isTakenBack(status) || stable === null || live !== null
  return !isConfirmed && isGone(state.routes[id]?.value)
}

function isTakenBack(status: RolloutState['status']): boolean {
  return status === 'rolled-back' || status === 'aborted'
}

/** Not there, or never seen. */
function isGone(seen: ObservedRoute | undefined): boolean {
  return seen === undefined || seen.generation === 0
}

export function bySlot<T>(state: RolloutState, candidate: T, live: T): Record<Slot, T> {
  return state.candidateSlot === 'blue' ? { blue: candidate, green: live } : { blue: live, green: candidate }
}

/** The router was seen, since this step began, to have exactly this desired route in force. */
export function isObserved(state: RolloutState, desired: DesiredOrder): boolean {
  const seen = state.routes[desired.component]
  if (!seen || seen.at < (state.step?.since ?? seen.at)) return false
  return isAsDesired(seen.value, desired)
}

export function isAsDesired(seen: ObservedRoute, desired: DesiredOrder): boolean {
  if (desired.type === 'RemoveRoute') return seen.generation === 0
  return sameWeights(seen.weights, desired.route.weights) && seen.maintenance === desired.route.maintenance
}

/** A first release of which no router was ever seen to have taken a desired route: its address is taken, say. */
export function neverRouted(state: RolloutState): boolean {
  return state.stable === null && state.parts.routes.every(({ id }) => state.routes[id]?.value.generation === 0)
}

/** The desired routes that are not observed to be in force. */
export function missing(state: RolloutState, desired: readonly DesiredOrder[]): readonly DesiredOrder[] {
  return desired.filter((desired) => !isObserved(state, desired))
}

/** The desired routes that were last seen not to be in force; where nothing was seen nothing is wrong. */
export function wrong(state: RolloutState, desired: readonly DesiredOrder[]): readonly DesiredOrder[] {
  return missing(state, desired).filter((desired) => {
    const seen = state.routes[desired.component]?.value
    if (!seen) return false
    return desired.type === 'RemoveRoute' ? !isGone(seen) : !sameWeights(seen.weights, desired.route.weights)
  })
}

/** Gives the routes when all of them may be given; waits while a slot that would get users has nobody to serve them (L5). */
export function orderRoutes(state: RolloutState, desired: readonly DesiredOrder[]): Move {
  return desired.every((desired) => servable(state, desired)) ? order(...desired) : wait
}

/** On the way back no route waits for another one. */
export function orderPreviousRoutes(state: RolloutState, desired: readonly DesiredOrder[]): Move {
  return order(...desired.filter((desired) => servable(state, desired)))
}

export function servable(state: RolloutState, desired: DesiredOrder): boolean {
  if (desired.type === 'RemoveRoute') return true
  const part = state.parts.routes.find(({ id }) => id === desired.component)
  if (!part) return false
  const { weights, upstreams } = desired.route
  const now = state.routes[part.id]?.value.weights
  const raised = weights[state.candidateSlot] > (now?.[state.candidateSlot] ?? 0)
  if (raised && !candidateReady(state)) return false
  return (['blue', 'green'] as const).every((slot) => {
    if (weights[slot] === 0) return true
    const component = behind(state, part, slot)
    const ready = component === null ? 0 : (slotOf(state, component, slot)?.value.ready ?? 0)
    return upstreams[slot].length > 0 && (ready > 0 || (now?.[slot] ?? 0) > 0)
  })
}

export function sameWeights(left: Readonly<Record<Slot, number>>, right: Readonly<Record<Slot, number>>): boolean {
  return left.blue === right.blue && left.green === right.green
}

/** An instance keeps its address over restarts, so a live one that is briefly not ready stays in the route. */
function upstreamsOf(state: RolloutState, part: RoutePart, slot: Slot): readonly string[] {
  const component = behind(state, part, slot)
  const ready = component === null ? [] : (slotOf(state, component, slot)?.value.upstreams ?? [])
  if (ready.length > 0 || slot !== liveSlot(state) || part.live === null) return ready
  return state.routes[part.id]?.value.upstreams[slot] ?? []
}

/** The candidate's share where users are shared, as last observed; else what its first route has. */
export function shareOf(state: RolloutState): number {
  const part = state.parts.routes.find(isShared) ?? state.parts.routes.find(({ candidate }) => candidate !== null)
  return part ? (state.routes[part.id]?.value.weights[state.candidateSlot] ?? 0) : 0
}
