/** Ends everything that a control plane's rollouts have started, router included: for demos and tests, never for production. */
import { listed, say } from '../core/say.ts'
import type { ObservedSlot, Slot } from '../core/observed.ts'
import type { Plan, PlannedComponent } from '../core/plan.ts'
import { rollouts } from '../core/rollout/aggregate.ts'
import { environmentFacts } from '../engine/environment-row.ts'
import { load } from '../engine/streams.ts'
import { StellwerkError } from '../errors.ts'
import type { Adapters } from '../ports/adapters.ts'
import type { Platform } from '../ports/platform.ts'
import type { Order, Result } from '../ports/result.ts'
import type { EnvironmentRow, Store } from '../ports/store.ts'
import { processStart } from '../router/guard/lock.ts'
import type { DataPlane } from './data-plane.ts'
import { delay, timeLimit } from '../timers.ts'

const LIMIT_MS = 30_000
const LOOK_EVERY_MS = 20
/** All releases there ever were, within reason: what is left of an old one is in no newer plan. */
const RELEASES_MAX = 10_000

export type Serving = {
  readonly store: Store
  readonly adapters: Adapters
  readonly dataPlane: DataPlane
  /** Ends what is in no slot that anybody knows of; a sentence about what cannot be ended, or null. */
  readonly endStrays: () => Promise<string | null>
}

/** What does not end is told once everything else has ended: nobody may believe that it has (law L10). */
export async function tearDown({ store, adapters, dataPlane, endStrays }: Serving): Promise<void> {
  const fence = (await store.size()) + 1
  const left: string[] = []
  for (const row of await store.environments()) left.push(...(await endAll({ store, adapters, fence }, row)))
  const health = await (await dataPlane.client()).health()
  await dataPlane.stop()
  if (health.ok) left.push(...(await endRouter(health.value.pid)))
  const strays = await endStrays()
  if (strays !== null) left.push(`left behind by instances, ${strays}`)
  if (left.length > 0)
    throw new StellwerkError('failed', {
      what: say`not everything could be stopped`,
      why: listed(left),
      fix: say`run "stellwerk down" again; what it still cannot end has to be ended by hand`,
    })
}

async function endRouter(pid: number): Promise<readonly string[]> {
  const began = processStart(pid)
  if (began === null) return []
  process.kill(pid, 'SIGTERM')
  for (let waitedMs = 0; waitedMs < LIMIT_MS; waitedMs += LOOK_EVERY_MS) {
    if (processStart(pid) !== began) return []
    await delay(LOOK_EVERY_MS)
  }
  return [`the router: process ${pid} goes on after SIGTERM`]
}

type Ending = { readonly store: Store; readonly adapters: Adapters; readonly fence: number }
type Place = { readonly plan: Plan; readonly component: PlannedComponent }

async function endAll({ store, adapters, fence }: Ending, row: EnvironmentRow): Promise<readonly string[]> {
  const places = placesIn(await plansOf(store, row))
  const running: string[] = []
  for (const place of places) running.push(...(await stopSlots(adapters, place, fence)))
  const kept = await keptComponents(store, row)
  const routed = places.filter(({ component }) => component.router !== null && !kept.has(component.name))
  // What the release in force routes comes back with the next start; what is in no release must not.
  for (const { plan, component } of routed) {
    const removed = await adapters.router(plan, component).remove(order(fence))
    if (!removed.ok) running.push(`the route of ${placeText({ plan, component })}: ${removed.message}`)
  }
  return running
}

/** Newest first. */
async function plansOf(store: Store, { service, environment }: EnvironmentRow): Promise<readonly Plan[]> {
  const newest = await store.list({ kind: 'rollout', service, environment, limit: RELEASES_MAX })
  const states = await Promise.all(newest.map(({ stream }) => load(rollouts, store, stream)))
  return states.filter((state) => state !== null).map(({ plan }) => plan)
}

/** Every component by name and kind of platform, as the newest of these plans has it. */
function placesIn(plans: readonly Plan[]): readonly Place[] {
  const all = plans.flatMap((plan) => plan.components.map((component) => ({ plan, component })))
  const keyed = all
    .toReversed()
    .map((place) => [`${place.component.name} ${place.component.platform.kind}`, place] as const)
  return [...new Map(keyed).values()]
}

async function keptComponents(store: Store, row: EnvironmentRow): Promise<ReadonlySet<string>> {
  const { stable } = environmentFacts(row)
  const state = await load(rollouts, store, stable?.rollout)
  return new Set(state?.plan.components.map(({ name }) => name))
}

/** Answers what of it could not be seen, or did not end. */
async function stopSlots(adapters: Adapters, { plan, component }: Place, fence: number): Promise<readonly string[]> {
  const platform = adapters.platform(plan, component)
  const left: string[] = []
  for (const slot of ['blue', 'green'] as const) {
    const seen = await lookUntilSeen(platform, slot, fence)
    const isEmpty = seen.ok && (!seen.value.present || seen.value.release === null)
    if (isEmpty) continue
    const ended = seen.ok ? await platform.stop(slot, seen.value.release!, order(fence)) : seen
    if (!ended.ok) left.push(`${component.name} in ${slot} of ${plan.service} ${plan.environment}: ${ended.message}`)
  }
  return left
}

/** What holds a slot and answers no look is replaced by an order, be that refused for the release it names. */
async function lookUntilSeen(platform: Platform, slot: Slot, fence: number): Promise<Result<ObservedSlot>> {
  const seen = await platform.observe(slot, timeLimit(LIMIT_MS))
  if (seen.ok) return seen
  await platform.stop(slot, NO_RELEASE, order(fence))
  return platform.observe(slot, timeLimit(LIMIT_MS))
}

const NO_RELEASE = 'whoever is there'

function order(fence: number): Order {
  return { key: 'tear-down', fence, signal: timeLimit(LIMIT_MS) }
}

function placeText({ plan, component }: Place): string {
  return `${component.name} of ${plan.service} ${plan.environment}`
}
