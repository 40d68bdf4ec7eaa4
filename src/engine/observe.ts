/** One look at everything a rollout touches, all parts at once; what could not be seen is said, not left out silently. */
import { countsProblem } from '../core/analysis/difference.ts'
import type { MetricsSnapshot, ObservedRoute, ObservedSlot, Slot } from '../core/observed.ts'
import type { RoutePart } from '../core/parts.ts'
import type { Plan, PlannedComponent } from '../core/plan.ts'
import { metricsPart } from '../core/rollout/seen.ts'
import type { World } from '../core/rollout/inputs.ts'
import { liveComponents, type RolloutState } from '../core/rollout/state.ts'
import type { Instant } from '../core/time.ts'
import type { Adapters } from '../ports/adapters.ts'
import type { MetricsSource } from '../ports/metrics-source.ts'
import { failure, type Result } from '../ports/result.ts'

type Look = { readonly metrics: boolean; readonly signal: AbortSignal; readonly now: () => Instant }
type Failures = { what: string; message: string }[]

type SlotLook = { readonly name: string; readonly slot: Slot; readonly component: PlannedComponent }
/** The first of these whose route is there; where none is, the first. */
type RouteLook = { readonly id: string; readonly components: readonly PlannedComponent[]; readonly counted: boolean }

/** `others`: components of neither release, of which something may be left. */
export async function observeWorld(
  adapters: Adapters,
  state: RolloutState,
  others: readonly PlannedComponent[],
  look: Look,
): Promise<World> {
  const failures: Failures = []
  const slots: Record<string, Partial<Record<Slot, ObservedSlot>>> = {}
  const routes: Record<string, ObservedRoute> = {}
  const metrics: Record<string, MetricsSnapshot> = {}
  const { plan } = state
  for (const { name } of slotLooksOf(state, others)) slots[name] = {}
  const slotLooks = slotLooksOf(state, others).map(({ name, slot, component }) =>
    part(
      failures,
      `slot ${slot} of ${name}`,
      adapters.platform(plan, component).observe(slot, look.signal),
      (seen) => (slots[name]![slot] = seen),
    ),
  )
  const routeLooks = routeLooksOf(state, others).map(async ({ id, components, counted }) => {
    const at = await lookAtRoute({ adapters, plan, failures, look }, components, (seen) => (routes[id] = seen))
    if (!look.metrics || !counted) return
    const counts = countsOf(adapters.metrics(plan, at), look.signal)
    await part(failures, metricsPart(id), counts, (seen) => (metrics[id] = seen))
  })
  await Promise.all([...slotLooks, ...routeLooks])
  return { at: look.now(), slots, routes, metrics, failures }
}

/** Each slot through the platform of the release that has it: a component's platform may change with a release. */
function slotLooksOf(state: RolloutState, others: readonly PlannedComponent[]): readonly SlotLook[] {
  const { plan, candidateSlot } = state
  const live = liveComponents(state)
  const known = [...plan.components, ...live, ...others]
  const names = [...new Set(known.map(({ name }) => name))]
  return names.flatMap((name) =>
    (['blue', 'green'] as const).map((slot) => {
      const first = slot === candidateSlot ? plan.components : live
      const component = [...first, ...known].find((each) => each.name === name) as PlannedComponent
      return { name, slot, component }
    }),
  )
}

function routeLooksOf(state: RolloutState, others: readonly PlannedComponent[]): readonly RouteLook[] {
  const { plan, parts, analysis } = state
  const live = liveComponents(state)
  const own = parts.routes.map((part): RouteLook => {
    const counted = analysis.components[part.id] !== undefined
    return { id: part.id, components: routersOf(part, plan, live), counted }
  })
  const named = new Set(parts.routes.flatMap(({ candidate, live }) => [candidate, live]))
  const left = [...live, ...others].filter(({ name, router }) => router !== null && !named.has(name))
  return [...own, ...left.map((component) => ({ id: component.name, components: [component], counted: false }))]
}

function routersOf({ candidate, live }: RoutePart, plan: Plan, before: readonly PlannedComponent[]) {
  const mine = plan.components.filter(({ name }) => name === candidate)
  return candidate === live ? mine : [...mine, ...before.filter(({ name }) => name === live)]
}

type Looking = {
  readonly adapters: Adapters
  readonly plan: Plan
  readonly failures: Failures
  readonly look: Look
}

/** A route that another component takes over has the name of either, until it was seen under one. */
async function lookAtRoute(
  { adapters, plan, failures, look }: Looking,
  components: readonly PlannedComponent[],
  keep: (route: ObservedRoute) => void,
): Promise<PlannedComponent> {
  for (const component of components) {
    const found: ObservedRoute[] = []
    const answer = adapters.router(plan, component).observe(look.signal)
    await part(failures, `route of ${component.name}`, answer, (seen) => found.push(seen))
    const [seen] = found
    if (!seen) continue
    keep(seen)
    if (seen.generation > 0) return component
  }
  return components[0]!
}

/** What is no count is a failure that names it, not a snapshot: nobody could be told later why nothing was recorded. */
async function countsOf(source: MetricsSource, signal: AbortSignal): Promise<Result<MetricsSnapshot>> {
  const result = await source.collect(signal)
  if (!result.ok) return result
  for (const slot of ['blue', 'green'] as const) {
    const problem = countsProblem(result.value.slots[slot])
    if (problem !== null) return failure('transient', `${source.name}: slot ${slot}: ${problem}`)
  }
  return result
}

async function part<T>(
  failures: Failures,
  what: string,
  answer: Promise<Result<T>>,
  keep: (value: T) => void,
): Promise<void> {
  try {
    const result = await answer
    if (result.ok) keep(result.value)
    else failures.push({ what, message: result.message })
  } catch (error) {
    failures.push({ what, message: error instanceof Error ? error.message : String(error) })
  }
}
