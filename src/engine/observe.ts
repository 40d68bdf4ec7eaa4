/** One look at everything a rollout touches, all parts at once; what could not be seen is said, not left out silently. */
import { metricsPart, routePart, slotPart } from '../core/rollout/no-data.ts'
import { countsProblem } from '../core/analysis/difference.ts'
import { ownRulesOf } from '../core/analysis/own/rule.ts'
import type { MetricsSnapshot, ObservedRoute, ObservedSlot, Slot } from '../core/observed.ts'
import type { RoutePart } from '../core/parts.ts'
import type { Plan, PlannedComponent } from '../core/plan.ts'
import type { World } from '../core/rollout/inputs.ts'
import { liveComponents, type RolloutState } from '../core/rollout/state.ts'
import { storableText } from '../core/storable.ts'
import { after, formatDuration } from '../core/time.ts'
import type { Adapters } from '../ports/adapters.ts'
import type { SegmentsQuery } from '../ports/metrics-source.ts'
import type { Clock } from '../ports/clock.ts'
import { failure, type Result } from '../ports/result.ts'
import { fitAnswer, routeProblem, slotProblem } from './fit.ts'

export type Look = {
  readonly metrics: boolean
  readonly signal: AbortSignal
  readonly clock: Clock
  /** A part that has not answered by then is one that was not seen: it does not hide the others. */
  readonly limitMs: number
}

type Failures = { what: string; message: string }[]
/** `late` answers, instead of the part, when the time of the look is up. */
type Looking = {
  readonly failures: Failures
  readonly signal: AbortSignal
  readonly late: Promise<Result<never>>
}

type SlotLook = { readonly name: string; readonly slot: Slot; readonly component: PlannedComponent }
/** The first of these whose route is there; where none is, the first. */
type RouteLook = { readonly id: string; readonly components: readonly PlannedComponent[]; readonly counted: boolean }
type Around = { readonly adapters: Adapters; readonly plan: Plan }

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
  const around = { adapters, plan: state.plan }
  await withinLimit(look, async ({ signal, late }) => {
    const looking = { failures, signal, late }
    const slotLooks = slotLooksOf(state, others).map((at) => {
      const kept = (slots[at.name] ??= {})
      return lookAtSlot(around, looking, at, (seen) => (kept[at.slot] = seen))
    })
    const count = (id: string, at: PlannedComponent) => {
      const ask = async () => fitAnswer(await countsOf(adapters, { plan: state.plan, at, signal }), noProblem)
      return part(looking, metricsPart(id), ask, (seen) => (metrics[id] = seen))
    }
    const routeLooks = routeLooksOf(state, others).map(async ({ id, components, counted }) => {
      const found = lookAtRoute(around, looking, { id, components }, (seen) => (routes[id] = seen))
      // Only where the route may have either name does it matter under which one it was found.
      const at = components.length > 1 ? await found : components[0]!
      await Promise.all([found, ...(look.metrics && counted ? [count(id, at)] : [])])
    })
    await Promise.all([...slotLooks, ...routeLooks])
  })
  return { at: look.clock.now(), slots, routes, metrics, failures }
}

const noProblem = () => null

function lookAtSlot(
  { adapters, plan }: Around,
  looking: Looking,
  { name, slot, component }: SlotLook,
  keep: (seen: ObservedSlot) => void,
): Promise<void> {
  const ask = async () => fitAnswer(await adapters.platform(plan, component).observe(slot, looking.signal), slotProblem)
  return part(looking, slotPart(slot, name), ask, keep)
}

/** A route that another component takes over has the name of either, until it was seen under one. */
async function lookAtRoute(
  { adapters, plan }: Around,
  looking: Looking,
  { id, components }: Pick<RouteLook, 'id' | 'components'>,
  keep: (route: ObservedRoute) => void,
): Promise<PlannedComponent> {
  for (const component of components) {
    const found: ObservedRoute[] = []
    const ask = async () => fitAnswer(await adapters.router(plan, component).observe(looking.signal), routeProblem)
    await part(looking, routePart(id), ask, (seen) => found.push(seen))
    const [seen] = found
    if (!seen) continue
    keep(seen)
    if (seen.generation > 0) return component
  }
  return components[0]!
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

/** Made once: each look ends with both, and to make one costs as much as a short look. */
const TIME_IS_UP = new DOMException('the time of the look is up', 'TimeoutError')
const LOOKED = new DOMException('the look has ended', 'AbortError')

/** Ends what `work` is in the middle of when the time is up, or whoever asked gives up. */
async function withinLimit(
  { signal, clock, limitMs }: Look,
  work: (limit: Omit<Looking, 'failures'>) => Promise<void>,
) {
  const ending = new AbortController()
  const end = () => ending.abort(signal.reason)
  if (signal.aborted) end()
  else signal.addEventListener('abort', end)
  const awake = new AbortController()
  const slept = clock.sleepUntil(after(clock.now(), limitMs), awake.signal)
  const late = slept.then(
    () => failure('unknown', `no answer within ${formatDuration(limitMs)}`),
    () => failure('unknown', 'the look was ended'),
  )
  void late.then(() => ending.abort(TIME_IS_UP))
  try {
    await work({ signal: ending.signal, late })
  } finally {
    awake.abort(LOOKED)
    signal.removeEventListener('abort', end)
  }
}

type Counting = { readonly plan: Plan; readonly at: PlannedComponent; readonly signal: AbortSignal }

/** What is no count is a failure that names it, not a snapshot: nobody could be told later why nothing was recorded. */
async function countsOf(adapters: Adapters, { plan, at, signal }: Counting): Promise<Result<MetricsSnapshot>> {
  const source = adapters.metrics(plan, at)
  const result = await source.collect(signal, ownRulesOf(plan.analysis.rules, at.name), segmentsQuery(plan))
  if (!result.ok) return result
  for (const slot of ['blue', 'green'] as const) {
    const problem = countsProblem(result.value.slots[slot])
    if (problem !== null) return failure('transient', `${source.name}: slot ${slot}: ${problem}`)
  }
  return result
}

function segmentsQuery({ analysis: { rules, segments } }: Plan): SegmentsQuery | undefined {
  if (segments === undefined) return undefined
  const latency = rules.find((rule) => rule.kind === 'sequential' && rule.metric !== 'error-rate')
  return { ...segments, slowMs: latency?.kind === 'sequential' ? latency.limit : null }
}

async function part<T>(
  { failures, late }: Looking,
  what: string,
  ask: () => Promise<Result<T>>,
  keep: (value: T) => void,
): Promise<void> {
  const failed = (why: string) => void failures.push({ what, message: storableText(why) })
  try {
    const result = await Promise.race([ask(), late])
    if (result.ok) keep(result.value)
    else failed(result.message)
  } catch (error) {
    failed(error instanceof Error ? error.message : String(error))
  }
}
