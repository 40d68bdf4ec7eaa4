/**
 * Counts are evidence of now only if they were measured now (law L3). A source that stands still, or one behind a cache,
 * answers promptly what it had counted before: read as a difference that would be "no traffic", which is a finding. It is
 * told apart by the source's own time of measurement, which has to go on, and may not be far from ours.
 */
import { TICKS_COVERED_MAX } from '../analysis/fold.ts'
import { timeOfDay } from '../analysis/text.ts'
import type { MetricsSnapshot } from '../observed.ts'
import { formatDuration } from '../time.ts'
import type { World } from './inputs.ts'
import { metricsPart } from './seen.ts'
import type { RolloutState } from './state.ts'

/** Clocks of two machines may differ; one that is further away than this is no clock. */
export const SKEW_MAX_MS = 30_000

/** What a look saw, as far as it is of now: a stale answer is no answer, and named as one of the look's failures. */
export function withoutStale(state: RolloutState, world: World): World {
  const stale = Object.entries(world.metrics).flatMap(([component, snapshot]) => {
    const problem = staleness(state, component, { snapshot, world })
    return problem === null ? [] : [{ component, problem }]
  })
  if (stale.length === 0) return world
  const metrics = { ...world.metrics }
  for (const { component } of stale) delete metrics[component]
  const told = stale.map(({ component, problem }) => ({ what: metricsPart(component), message: problem }))
  return { ...world, metrics, failures: [...world.failures, ...told] }
}

type Seen = { readonly snapshot: MetricsSnapshot; readonly world: World }

function staleness(state: RolloutState, component: string, { snapshot, world }: Seen): string | null {
  const ageMs = world.at - snapshot.at
  const mostMs = Math.max(SKEW_MAX_MS, TICKS_COVERED_MAX * state.plan.timings.tickMs)
  if (!(Math.abs(ageMs) <= mostMs)) {
    const away = `${formatDuration(Math.abs(ageMs))} ${ageMs > 0 ? 'before' : 'ahead of'} our time`
    return `stale: its counts are of ${away} (at most ${formatDuration(mostMs)})`
  }
  const { epoch, measuredAt: measured } = state.metrics[component] ?? {}
  // Another epoch is another counter, maybe on another machine: its time is compared with ours alone.
  if (measured === undefined || epoch !== snapshot.epoch || snapshot.at > measured) return null
  return `stale: it answered what it had measured at ${timeOfDay(snapshot.at)} UTC already, the newest was of ${timeOfDay(measured)} UTC`
}
