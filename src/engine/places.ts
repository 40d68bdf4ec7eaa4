/**
 * Where something of an environment may be: every component that was ever asked for here, by name, until a look finds that
 * nothing of it is left. The set of components changes between releases; what the newest plans do not name is still to be
 * looked at, shown and ended.
 */
import type { Json } from '../core/json.ts'
import type { Plan, PlannedComponent } from '../core/plan.ts'
import { rollouts } from '../core/rollout/aggregate.ts'
import type { StableRelease, World } from '../core/rollout/inputs.ts'
import { liveComponents, type RolloutState } from '../core/rollout/state.ts'
import type { Adapters } from '../ports/adapters.ts'
import type { EnvironmentRow, Store, StoreTransaction } from '../ports/store.ts'
import { type EnvironmentFacts, environmentFacts, withPlaces } from './environment-row.ts'
import { load } from './streams.ts'
import { timeLimit } from '../timers.ts'

type Components = readonly PlannedComponent[]

/** Releases of before places were kept: so many of the newest are asked. */
const REMEMBERED = 50

export async function placesOf(store: Store, row: EnvironmentRow): Promise<Components> {
  return environmentFacts(row).places ?? (await everReleased(store, row, REMEMBERED))
}

/** Components of the newest `limit` rollouts, the newest of each name. */
export async function everReleased(
  store: Store,
  { service, environment }: Pick<EnvironmentRow, 'service' | 'environment'>,
  limit: number,
): Promise<Components> {
  const newest = await store.list({ kind: 'rollout', service, environment, limit })
  const plans = await Promise.all(newest.map(async ({ stream }) => planOf(store, stream)))
  return plans.reduceRight<Components>((known, plan) => withPlaces(known, plan?.components ?? []), [])
}

export async function planOf(store: Store, stream: string): Promise<Plan | null> {
  return (await load(rollouts, store, stream))?.plan ?? null
}

/** Places that none of these plans names. */
export function otherPlaces(places: Components, ...plans: readonly Components[]): Components {
  const named = new Set(plans.flat().map(({ name }) => name))
  return places.filter(({ name }) => !named.has(name))
}

/** Logs of earlier versions do not say what the stable release consists of; its own stream does. */
export async function withComponents(store: Store, stable: StableRelease | null): Promise<StableRelease | null> {
  if (!stable || stable.components) return stable
  const plan = await planOf(store, stable.rollout)
  return plan ? { ...stable, components: plan.components } : stable
}

const LOOK_LIMIT_MS = 3000

/** Those of which something is there, or of which nobody can tell; usually there are none, and nobody is asked. */
export async function leftIn(adapters: Adapters, plan: Plan, others: Components): Promise<Components> {
  const signal = timeLimit(LOOK_LIMIT_MS)
  const left = await Promise.all(others.map((component) => mayBeThere(adapters, plan, { component, signal })))
  return others.filter((_, index) => left[index])
}

type Looking = { readonly component: PlannedComponent; readonly signal: AbortSignal }

async function mayBeThere(adapters: Adapters, plan: Plan, { component, signal }: Looking): Promise<boolean> {
  try {
    const platform = adapters.platform(plan, component)
    const slots = await Promise.all((['blue', 'green'] as const).map((slot) => platform.observe(slot, signal)))
    const route = component.router && (await adapters.router(plan, component).observe(signal))
    const isEmpty = slots.every((seen) => seen.ok && !seen.value.present)
    return !isEmpty || (route !== null && !(route.ok && route.value.generation === 0))
  } catch {
    return true
  }
}

/** Forgets places that `world` saw empty: nothing is left of them to be found. */
export async function forgetEmpty(
  tx: StoreTransaction,
  row: EnvironmentRow,
  { state, world }: { readonly state: RolloutState; readonly world: World },
): Promise<void> {
  const facts = environmentFacts(row)
  const named = [...state.plan.components, ...liveComponents(state)].map(({ name }) => name)
  const places = (facts.places ?? []).filter(({ name }) => named.includes(name) || !isSeenEmpty(world, name))
  if (facts.places && places.length === facts.places.length) return
  const next: EnvironmentFacts = { ...facts, places }
  await tx.saveEnvironment({ ...row, facts: next as unknown as Json })
}

function isSeenEmpty({ slots, routes, failures }: World, name: string): boolean {
  const { blue, green } = slots[name] ?? {}
  if (!blue || !green || blue.present || green.present) return false
  return (routes[name]?.generation ?? 0) === 0 && !failures.some(({ what }) => what === `route of ${name}`)
}
