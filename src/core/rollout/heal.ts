/**
 * Between releases the last finalized rollout owns its environment: when a look finds that what should serve does not run
 * (a reboot), or that a route is not as ordered, it is put right by the same wishes as in the rollout.
 */
import type { ObservedSlot } from '../observed.ts'
import type { Instant } from '../time.ts'
import type { Command } from './commands.ts'
import type { RolloutEvent } from './events.ts'
import type { World } from './inputs.ts'
import { issue } from './issue.ts'
import { sameWeights, wishedRoute } from './routes.ts'
import { routed, type RolloutState } from './state.ts'

export function heal(state: RolloutState, world: World, now: Instant): readonly RolloutEvent[] {
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
  const routes = routed(state).flatMap(({ name }) => wrongRoute(state, world, name))
  return [...ensure, ...routes].flatMap((command) => issue(state, command, now))
}

/** Nothing there, or fewer instances than wished and nobody who starts them again (a reboot; a crash loop is not that). */
function gone(seen: ObservedSlot | undefined): boolean {
  return seen !== undefined && (!seen.present || (seen.running < seen.desired && !seen.crashLooping))
}

/** Only to instances seen ready (law L5); a route that already names one of them and has the right weights is left alone. */
function wrongRoute(state: RolloutState, world: World, component: string): readonly Command[] {
  const ready = world.slots[component]?.[state.candidateSlot]?.upstreams ?? []
  const route = world.routes[component]
  const wished = wishedRoute(withWorld(state, world), component, 100)
  if (!route || ready.length === 0) return []
  const named = ready.some((upstream) => route.upstreams[state.candidateSlot].includes(upstream))
  return named && sameWeights(route.weights, wished.weights) ? [] : [{ type: 'SetRoute', component, route: wished }]
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
