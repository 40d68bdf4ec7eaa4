/**
 * Components beside `api`, for scenes in which a release changes the set: what their slots hold, what their routes have in
 * force and at which address. An order takes its address over from whoever has it, in one moment, as a router does.
 */
import type { ObservedRoute, ObservedSlot, Slot } from '../../core/observed.ts'
import type { Command } from '../../core/rollout/commands.ts'
import type { ModelWorld, Occupant, Layout, Side, SideRoute } from './world-state.ts'

export const NO_LAYOUT: Layout = { routes: [], own: {}, previous: {}, instances: {} }
const NOBODY: readonly string[] = []
export const NO_ROUTE: SideRoute = {
  weights: { blue: 0, green: 0 },
  upstreams: { blue: NOBODY, green: NOBODY },
  maintenance: false,
  generation: 0,
  there: false,
  address: '',
}
const NO_COUNTS = { blue: { requests: 0, errors: 0 }, green: { requests: 0, errors: 0 } }
export const EMPTY_SIDE: Side = { slots: { blue: null, green: null }, route: NO_ROUTE, counts: NO_COUNTS }

export function addressesOf(name: string, slot: Slot, held: Occupant): readonly string[] {
  return held.condition === 'ready'
    ? Array.from({ length: held.instances }, (_, at) => `${name}.${slot}:${at}`)
    : NOBODY
}

type Ordered = { readonly command: Command; readonly key: string }

/** Null where it is refused, as in `effect`; undefined where it is none of ours. */
export function sideEffect(world: ModelWorld, { command, key }: Ordered): ModelWorld | null | undefined {
  if (command.type === 'SetRoute') return command.component === 'api' ? undefined : setRoute(world, command, key)
  if (command.type === 'RemoveRoute') return remove(world, command.component, key)
  if (command.type !== 'EnsureSlot' && command.type !== 'StopSlot') return undefined
  return command.component === 'api' ? undefined : occupy(world, command)
}

function occupy(world: ModelWorld, command: Command<'EnsureSlot' | 'StopSlot'>): ModelWorld | null {
  const { component, slot, release } = command
  const held = world.sides[component]?.slots[slot] ?? null
  if (held && held.release !== release) return null
  if (command.type === 'StopSlot') return putSide(world, component, slot, null)
  if (held && held.condition !== 'crashed') return world
  const { instances } = command
  return putSide(world, component, slot, { release, instances, condition: 'ready', restarts: held?.restarts ?? 0 })
}

export function putSide(world: ModelWorld, name: string, slot: Slot, held: Occupant | null): ModelWorld {
  const side = world.sides[name] ?? EMPTY_SIDE
  const slots = slot === 'blue' ? { ...side.slots, blue: held } : { ...side.slots, green: held }
  return { ...world, sides: { ...world.sides, [name]: { ...side, slots } } }
}

function withRoute(world: ModelWorld, name: string, route: SideRoute): ModelWorld {
  const side = world.sides[name] ?? EMPTY_SIDE
  return { ...world, sides: { ...world.sides, [name]: { ...side, route } } }
}

function setRoute(world: ModelWorld, command: Command<'SetRoute'>, key: string): ModelWorld | null {
  const { component: id, route, as } = command
  const name = as === 'previous' ? (world.layout.routes.find((each) => each.id === id)?.live ?? id) : id
  const before = world.sides[name]?.route ?? NO_ROUTE
  if (Number(key) < before.generation) return null
  const address = (as === 'previous' ? world.layout.previous : world.layout.own)[name] ?? ''
  const free = leave(world, address, name)
  const { weights, upstreams, maintenance } = route
  return withRoute(free, name, { weights, upstreams, maintenance, generation: Number(key), there: true, address })
}

function remove(world: ModelWorld, name: string, key: string): ModelWorld | null {
  const before = world.sides[name]?.route ?? NO_ROUTE
  if (Number(key) < before.generation) return null
  return withRoute(world, name, { ...NO_ROUTE, generation: Number(key) })
}

/** Whoever else has this address has no route any more. */
export function leave(world: ModelWorld, address: string, taker: string): ModelWorld {
  if (address === '') return world
  const nowhere = { weights: NO_ROUTE.weights, upstreams: NO_ROUTE.upstreams }
  const main = taker !== 'api' && world.address === address ? { ...world, ...nowhere, address: '' } : world
  return Object.entries(main.sides).reduce((left, [name, { route }]) => {
    const stays = name === taker || !route.there || route.address !== address
    return stays ? left : withRoute(left, name, { ...NO_ROUTE, generation: route.generation })
  }, main)
}

export function sideSlotSeen(world: ModelWorld, name: string, slot: Slot): ObservedSlot {
  const held = world.sides[name]?.slots[slot] ?? null
  const upstreams = held ? addressesOf(name, slot, held) : NOBODY
  return {
    present: held !== null,
    digest: null,
    version: held?.release ?? null,
    release: held?.release ?? null,
    desired: held?.instances ?? 0,
    running: held && held.condition !== 'crashed' ? held.instances : 0,
    ready: upstreams.length,
    upstreams,
    restarts: held?.restarts ?? 0,
    crashLooping: false,
    lastExit: null,
    readiness: { probes: 0, failures: 0 },
    logLines: null,
    memoryBytes: null,
  }
}

/** Under the name of the candidate, else of what serves before, else as if there were none. */
export function sideRouteSeen(world: ModelWorld, id: string): ObservedRoute {
  return routeView(world.sides[holderOf(world, id)]?.route ?? NO_ROUTE)
}

export function holderOf(world: ModelWorld, id: string): string {
  const part = world.layout.routes.find((each) => each.id === id)
  const names = [part?.candidate, part?.live, id].filter((name) => name != null)
  return names.find((name) => world.sides[name]?.route.there) ?? id
}

function routeView({ weights, upstreams, maintenance, generation, there }: SideRoute): ObservedRoute {
  const inFlight = { blue: 0, green: 0 }
  return {
    weights,
    upstreams,
    inFlight,
    maintenance,
    generation: there ? Math.max(1, generation) : 0,
    url: 'http://side',
  }
}

/** Users of every side that gets some come again, and are content. */
export function sidesServed(world: ModelWorld): ModelWorld['sides'] {
  const counted = Object.entries(world.sides).map(([name, side]) => {
    const count = (slot: Slot) => {
      const { requests, errors } = side.counts[slot]
      return { requests: requests + (side.route.weights[slot] > 0 ? 40 : 0), errors }
    }
    return [name, { ...side, counts: { blue: count('blue'), green: count('green') } }]
  })
  return Object.fromEntries(counted)
}

/** A route that really sends users to this slot of this component, or null. */
export function reallyRouted(world: ModelWorld, name: string, slot: Slot): string | null {
  const mine = (addresses: readonly string[]) => addresses.some((each) => each.startsWith(`${name}.${slot}:`))
  const sends = ({ weights, upstreams }: Pick<SideRoute, 'weights' | 'upstreams'>) =>
    (['blue', 'green'] as const).some((side) => weights[side] > 0 && mine(upstreams[side]))
  return Object.entries(world.sides).find(([, { route }]) => route.there && sends(route))?.[0] ?? null
}
