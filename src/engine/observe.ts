/** One look at everything a plan touches, all parts at once; what could not be seen is said, not left out silently. */
import { countsProblem } from '../core/analysis/difference.ts'
import type { MetricsSnapshot, ObservedRoute, ObservedSlot, Slot } from '../core/observed.ts'
import { type Plan, routedComponents } from '../core/plan.ts'
import { metricsPart, routePart, slotPart } from '../core/rollout/seen.ts'
import type { World } from '../core/rollout/inputs.ts'
import { storableText } from '../core/storable.ts'
import { after, formatDuration } from '../core/time.ts'
import type { Adapters } from '../ports/adapters.ts'
import type { Clock } from '../ports/clock.ts'
import type { MetricsSource } from '../ports/metrics-source.ts'
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

export async function observeWorld(adapters: Adapters, plan: Plan, look: Look): Promise<World> {
  const failures: Failures = []
  const slots: Record<string, Partial<Record<Slot, ObservedSlot>>> = {}
  const routes: Record<string, ObservedRoute> = {}
  const metrics: Record<string, MetricsSnapshot> = {}
  await withinLimit(look, async ({ signal, late }) => {
    const looking = { failures, signal, late }
    const slotLooks = plan.components.flatMap((component) => {
      const kept: Partial<Record<Slot, ObservedSlot>> = {}
      slots[component.name] = kept
      return (['blue', 'green'] as const).map((slot) => {
        const ask = async () => fitAnswer(await adapters.platform(plan, component).observe(slot, signal), slotProblem)
        return part(looking, slotPart(slot, component.name), ask, (seen) => (kept[slot] = seen))
      })
    })
    const routeLooks = routedComponents(plan).map((component) => {
      const ask = async () => fitAnswer(await adapters.router(plan, component).observe(signal), routeProblem)
      return part(looking, routePart(component.name), ask, (seen) => (routes[component.name] = seen))
    })
    const counted = look.metrics ? routedComponents(plan) : []
    const metricLooks = counted.map((component) => {
      const ask = async () => fitAnswer(await countsOf(adapters.metrics(plan, component), signal), noProblem)
      return part(looking, metricsPart(component.name), ask, (seen) => (metrics[component.name] = seen))
    })
    await Promise.all([...slotLooks, ...routeLooks, ...metricLooks])
  })
  return { at: look.clock.now(), slots, routes, metrics, failures }
}

const noProblem = () => null

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
  void late.then(() => ending.abort(new DOMException('the time of the look is up', 'TimeoutError')))
  try {
    await work({ signal: ending.signal, late })
  } finally {
    awake.abort()
    signal.removeEventListener('abort', end)
  }
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
