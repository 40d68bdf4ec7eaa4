/**
 * The outside of one environment with one routed component, as small as it can be and still betray a wrong decision: what
 * each slot holds, what the router has in force, what users feel. Values only; every change makes a new world.
 */
import type { Histogram, MetricsSnapshot, ObservedRoute, ObservedSlot, Slot, SlotCounts } from '../../core/observed.ts'
import type { World } from '../../core/rollout/inputs.ts'
import type { Instant } from '../../core/time.ts'
import { holderOf, NO_LAYOUT, sideRouteSeen, sideSlotSeen, sidesServed } from './sides.ts'
import type { ModelWorld, Occupant } from './world-state.ts'

const INSTANCES = 2
const REQUESTS_PER_LOOK = 40
const LATENCY: Histogram = { base: 1.02, unitMs: 0.1, counts: {} }
const NOBODY: readonly string[] = []
const ADDRESSES: Readonly<Record<Slot, readonly string[]>> = {
  blue: ['blue:1', 'blue:2'],
  green: ['green:1', 'green:2'],
}

const FIRST: typeof ADDRESSES = { blue: ['blue:1'], green: ['green:1'] }

export const EMPTY_WORLD: ModelWorld = {
  slots: { blue: null, green: null },
  weights: { blue: 0, green: 0 },
  maintenance: false,
  upstreams: { blue: NOBODY, green: NOBODY },
  generation: 0,
  draining: null,
  feel: 'good',
  hides: 'nothing',
  counts: { blue: { requests: 0, errors: 0 }, green: { requests: 0, errors: 0 } },
  stray: null,
  address: '',
  sides: {},
  layout: NO_LAYOUT,
}

export function occupant(release: string): Occupant {
  return { release, condition: 'ready', instances: INSTANCES, restarts: 0 }
}

/** A release that serves everything from `slot`, as an earlier rollout left it. */
export function servingWorld(slot: Slot, release: string): ModelWorld {
  return put(
    {
      ...EMPTY_WORLD,
      weights: slot === 'blue' ? { blue: 100, green: 0 } : { blue: 0, green: 100 },
      upstreams: { ...EMPTY_WORLD.upstreams, [slot]: ADDRESSES[slot] },
    },
    slot,
    occupant(release),
  )
}

export function put(world: ModelWorld, slot: Slot, held: Occupant | null): ModelWorld {
  const slots = slot === 'blue' ? { ...world.slots, blue: held } : { ...world.slots, green: held }
  return { ...world, slots }
}

export function slotSeen(world: ModelWorld, slot: Slot): ObservedSlot {
  const held = world.slots[slot]
  const ready = held ? readyOf(held) : 0
  return {
    present: held !== null,
    digest: null,
    version: held?.release ?? null,
    release: held?.release ?? null,
    desired: held?.instances ?? 0,
    running: held && held.condition !== 'crashed' ? held.instances : 0,
    ready,
    upstreams: ready === 0 ? NOBODY : ready < INSTANCES ? FIRST[slot] : ADDRESSES[slot],
    restarts: held?.restarts ?? 0,
    crashLooping: false,
    lastExit: null,
    readiness: { probes: 0, failures: 0 },
    logLines: null,
    memoryBytes: null,
  }
}

function readyOf({ condition, instances }: Occupant): number {
  if (condition === 'partly') return instances - 1
  return condition === 'ready' ? instances : 0
}

export function routeSeen({ weights, upstreams, draining, maintenance, generation }: ModelWorld): ObservedRoute {
  const inFlight = { blue: draining === 'blue' ? 1 : 0, green: draining === 'green' ? 1 : 0 }
  return { weights, upstreams, inFlight, maintenance, generation, url: 'http://model' }
}

/** Users were there since the last look: more requests on every side that gets some, with the errors they feel. */
export function served(world: ModelWorld, candidate: Slot): ModelWorld {
  const count = (slot: Slot) => {
    const { requests, errors } = world.counts[slot]
    if (world.feel === 'idle' || world.weights[slot] === 0) return world.counts[slot]
    const bad = world.feel === 'all-bad' || (world.feel === 'candidate-bad' && slot === candidate)
    return { requests: requests + REQUESTS_PER_LOOK, errors: errors + (bad ? REQUESTS_PER_LOOK / 2 : 0) }
  }
  return {
    ...world,
    counts: { blue: count('blue'), green: count('green') },
    ...(world.layout === NO_LAYOUT ? {} : { sides: sidesServed(world) }),
  }
}

/** A complete look; `metrics` says whether counters were read too. */
export function worldSeen(world: ModelWorld, at: Instant, metrics: boolean): World {
  const { hides } = world
  const slots = { api: { blue: slotSeen(world, 'blue'), green: slotSeen(world, 'green') } }
  const counted = metrics && world.feel !== 'none'
  const silent = metrics && world.feel === 'none' ? [{ what: 'metrics of api', message: 'no answer' }] : []
  const seen = {
    at,
    slots: hides === 'slots' || hides === 'both' ? {} : slots,
    routes: hides === 'route' || hides === 'both' ? {} : { api: routeSeen(world) },
    metrics: counted ? { api: snapshot(world.counts, at) } : {},
    failures: silent,
  }
  return world.layout === NO_LAYOUT ? seen : withSides(seen, world, counted)
}

function withSides(seen: World, world: ModelWorld, counted: boolean): World {
  const slots = Object.keys(world.sides).map((name) => {
    return [name, { blue: sideSlotSeen(world, name, 'blue'), green: sideSlotSeen(world, name, 'green') }]
  })
  const { routes } = world.layout
  const routed = routes.map(({ id }) => [id, sideRouteSeen(world, id)])
  const there = routes.filter(({ id }) => world.sides[holderOf(world, id)]?.route.there)
  const counts = counted ? there.map(({ id }) => [id, snapshot(world.sides[holderOf(world, id)]!.counts, seen.at)]) : []
  return {
    ...seen,
    slots: 'api' in seen.slots ? { ...seen.slots, ...Object.fromEntries(slots) } : {},
    routes: 'api' in seen.routes ? { ...seen.routes, ...Object.fromEntries(routed) } : {},
    metrics: { ...seen.metrics, ...Object.fromEntries(counts) },
  }
}

function snapshot(counts: ModelWorld['counts'], at: Instant): MetricsSnapshot {
  const of = (slot: Slot): SlotCounts => ({ ...counts[slot], latency: LATENCY, inFlight: 0, waitingOldestMs: 0 })
  return { epoch: 'model', at, slots: { blue: of('blue'), green: of('green') } }
}
