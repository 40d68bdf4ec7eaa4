/**
 * Between releases the last finalized rollout owns its environment: when a look finds that what should serve does not run
 * (a reboot), that a route is not as ordered, or that something is left of releases nobody can return to, it is put right by
 * the same orders as in the rollout.
 */
import type { RoutePart } from '../parts.ts'
import type { ObservedSlot } from '../observed.ts'
import type { Instant } from '../time.ts'
import type { Command } from './commands.ts'
import type { RolloutEvent } from './events.ts'
import type { World } from './inputs.ts'
import { issue } from './orders.ts'
import { endingOf } from './leftovers.ts'
import { routeOf, sameWeights } from './routes.ts'
import type { RolloutState } from './state.ts'

export function reconcile(state: RolloutState, world: World, now: Instant): readonly RolloutEvent[] {
  if (state.status !== 'finalized') return []
  const lost = state.plan.components.filter(({ name }) => gone(world.slots[name]?.[state.candidateSlot]))
  const ensure = lost.map(
    ({ name, instances }): Command => ({
      type: 'EnsureSlot',
      component: name,
      slot: state.candidateSlot,
      release: state.id,
      instances,
    }),
  )
  const routes = state.parts.routes.flatMap((part) => wrongRoute(state, world, part))
  return [...ensure, ...routes, ...endingOf(state, world)].flatMap((command) => issue(state, command, now))
}

/** Nothing there, or fewer instances than desired and nobody who starts them again (a reboot; a crash loop is not that). */
function gone(seen: ObservedSlot | undefined): boolean {
  return seen !== undefined && (!seen.present || (seen.running < seen.desired && !seen.crashLooping))
}

/** Only to instances seen ready (law L5); a route that already names one of them and has the right weights is left alone. */
function wrongRoute(state: RolloutState, world: World, part: RoutePart): readonly Command[] {
  const route = world.routes[part.id]
  if (!route || part.candidate === null) return []
  const ready = world.slots[part.candidate]?.[state.candidateSlot]?.upstreams ?? []
  if (ready.length === 0) return []
  const desired = routeOf(withWorld(state, world), part, 100)
  const named = ready.some((upstream) => route.upstreams[state.candidateSlot].includes(upstream))
  if (named && sameWeights(route.weights, desired.weights)) return []
  return [{ type: 'SetRoute', component: part.id, route: desired }]
}

function withWorld(state: RolloutState, world: World): RolloutState {
  const slots = Object.fromEntries(
    Object.entries(world.slots).map(([component, seen]) => [
      component,
      Object.fromEntries(Object.entries(seen).map(([slot, value]) => [slot, { value, at: world.at }])),
    ]),
  )
  return { ...state, slots: { ...state.slots, ...slots } }
}
