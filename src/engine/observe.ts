/** One look at everything a plan touches, all parts at once; what could not be seen is said, not left out silently. */
import { countsProblem } from '../core/analysis/difference.ts'
import type { MetricsSnapshot, ObservedRoute, ObservedSlot, Slot } from '../core/observed.ts'
import { type Plan, routedComponents } from '../core/plan.ts'
import { metricsPart } from '../core/rollout/seen.ts'
import type { World } from '../core/rollout/inputs.ts'
import type { Instant } from '../core/time.ts'
import type { Adapters } from '../ports/adapters.ts'
import type { Platform } from '../ports/platform.ts'
import type { MetricsSource } from '../ports/metrics-source.ts'
import { failure, type Result } from '../ports/result.ts'

type Look = { readonly metrics: boolean; readonly signal: AbortSignal; readonly now: () => Instant }
type Failures = { what: string; message: string }[]

export async function observeWorld(adapters: Adapters, plan: Plan, look: Look): Promise<World> {
  const failures: Failures = []
  const slots: Record<string, Partial<Record<Slot, ObservedSlot>>> = {}
  const routes: Record<string, ObservedRoute> = {}
  const metrics: Record<string, MetricsSnapshot> = {}
  const slotLooks = plan.components.flatMap((component) => {
    const kept: Partial<Record<Slot, ObservedSlot>> = {}
    slots[component.name] = kept
    return lookAtSlots(adapters.platform(plan, component), component.name, kept, { failures, look })
  })
  const routeLooks = routedComponents(plan).map((component) =>
    part(
      failures,
      `route of ${component.name}`,
      adapters.router(plan, component).observe(look.signal),
      (seen) => (routes[component.name] = seen),
    ),
  )
  const counted = look.metrics ? routedComponents(plan) : []
  const metricLooks = counted.map((component) =>
    part(
      failures,
      metricsPart(component.name),
      countsOf(adapters.metrics(plan, component), look.signal),
      (seen) => (metrics[component.name] = seen),
    ),
  )
  await Promise.all([...slotLooks, ...routeLooks, ...metricLooks])
  return { at: look.now(), slots, routes, metrics, failures }
}

type Kept = Partial<Record<Slot, ObservedSlot>>

function lookAtSlots(
  platform: Platform,
  name: string,
  kept: Kept,
  { failures, look }: { failures: Failures; look: Look },
) {
  return (['blue', 'green'] as const).map((slot) =>
    part(failures, `slot ${slot} of ${name}`, platform.observe(slot, look.signal), (seen) => (kept[slot] = seen)),
  )
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
