/** Whatever runs or is routed and belongs to no release that is in force, or that somebody could still return to. */
import { english, say } from '../say.ts'
import type { Command } from './commands.ts'
import type { LeftoverView } from '../views.ts'
import type { World } from './inputs.ts'
import { type ObservedSlot, type Slot, otherSlot } from '../observed.ts'
import { type RolloutState, isFinal, liveComponents } from './state.ts'

export type Leftover =
  | { readonly kind: 'slot'; readonly component: string; readonly slot: Slot; readonly seen: ObservedSlot }
  | { readonly kind: 'route'; readonly component: string; readonly url: string }

type Seen = Pick<World, 'slots' | 'routes'>

/** What a look found that is none of `states`: the release in force, and the one that is under way. */
export function leftovers(states: readonly RolloutState[], { slots, routes }: Seen): readonly Leftover[] {
  const left = Object.entries(slots).flatMap(([component, found]) =>
    (['blue', 'green'] as const).flatMap((slot): readonly Leftover[] => {
      const seen = found[slot]
      const known = !seen?.present || states.some((state) => isOurs(state, component, { slot, seen }))
      return known ? [] : [{ kind: 'slot', component, slot, seen }]
    }),
  )
  const routed = Object.entries(routes).flatMap(([component, { generation, url }]): readonly Leftover[] => {
    if (generation === 0 || states.some((state) => mayBeRouted(state, component))) return []
    return [{ kind: 'route', component, url }]
  })
  return [...left, ...routed]
}

type At = { readonly slot: Slot; readonly seen: ObservedSlot }

/** The candidate (or what has become of it) in its slot, or the previous release in the other one while it may be returned to. */
function isOurs(state: RolloutState, component: string, { slot, seen }: At): boolean {
  if (slot === state.candidateSlot) {
    if (seen.release === state.id) return state.plan.components.some(({ name }) => name === component)
    return !hasDeployed(state) && !isOver(state)
  }
  return (
    slot === otherSlot(state.candidateSlot) &&
    seen.release === state.stable?.rollout &&
    !(state.status === 'finalized' && state.windowClosed) &&
    liveComponents(state).some(({ name }) => name === component)
  )
}

/** Until then the spare slot holds what the release in force could return to. */
function hasDeployed({ steps, at }: RolloutState): boolean {
  return steps.slice(0, at + 1).some(({ kind }) => kind === 'deploy')
}

function isOver({ status }: RolloutState): boolean {
  return ['finalized', 'aborted', 'rolled-back', 'resolved'].includes(status)
}

function mayBeRouted({ parts, status }: RolloutState, component: string): boolean {
  const part = parts.routes.find(({ id }) => id === component)
  return part !== undefined && (part.candidate !== null || status !== 'finalized')
}

/** Ends what is left over, routes first: a slot that a route still names is stopped when it was seen not to be. */
export function endingOf(state: RolloutState, world: Seen): readonly Command[] {
  const found = leftovers([state], world)
  const removed = found.flatMap((each): readonly Command[] =>
    each.kind === 'route' ? [{ type: 'RemoveRoute', component: each.component, release: '' }] : [],
  )
  const stopped = found.flatMap((each): readonly Command[] => {
    if (each.kind !== 'slot' || each.seen.release === null || isNamed(world, each)) return []
    return [{ type: 'StopSlot', component: each.component, slot: each.slot, release: each.seen.release }]
  })
  return [...removed, ...stopped]
}

/** A route in force sends users to it, be it by its own name or by its addresses. */
export function isNamed(
  { routes }: Pick<World, 'routes'>,
  { component, slot, seen }: { readonly component: string; readonly slot: Slot; readonly seen: ObservedSlot },
): boolean {
  return Object.entries(routes).some(([id, { weights, upstreams }]) => {
    if (id === component && weights[slot] > 0) return true
    return (['blue', 'green'] as const).some(
      (side) => weights[side] > 0 && upstreams[side].some((address) => seen.upstreams.includes(address)),
    )
  })
}

/** What is left over, for people: where it is, and what becomes of it. `state`: the release under way, or the one in force. */
export function leftoverView(left: Leftover, state: RolloutState): LeftoverView {
  const end = isFinal(state)
    ? say`it is ended as soon as no route points to it`
    : say`it is ended when ${state.id} deploys, or ends`
  const { component } = left
  if (left.kind === 'route') {
    const said = say`${left.url} is answered for ${component}, which no release in force routes; ${end}`
    return { component, slot: null, version: null, release: null, text: english(said), said }
  }
  const { slot, seen } = left
  const { version, release } = seen
  const instances = seen.running === 1 ? say`one instance` : say`${seen.running} instances`
  const said = say`${component} ${version ?? ''} (${instances} in ${slot}, of ${release ?? say`nobody known`}) belongs to no release in force; ${end}`
  return { component, slot, version, release, text: english(said), said }
}
