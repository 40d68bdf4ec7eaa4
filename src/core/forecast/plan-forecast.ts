import { type Forecast, type KnownTraffic, trafficFrom } from './detectable-effect.ts'
import { countingOf, keepsSessions } from '../told.ts'
import { exposedMs, exposuresOf } from './exposure.ts'
import { formatDuration } from '../time.ts'
import { isComparison } from '../analysis/rules.ts'
import { forecastOf, warning } from './forecast.ts'
import { type Plan, routedComponents, stepsThatRun } from '../plan.ts'
import { type Sentence, say } from '../say.ts'
import { windowMsOf } from '../analysis/window.ts'

export const DECLARED = say`declared`

/** By component: what its router counted since the last release. */
export type MeasuredTraffic = Readonly<Record<string, KnownTraffic>>

/** What each step of a plan will see, and what else is worth a look. What was measured goes before what was declared. */
export function planForecast(plan: Plan, measured: MeasuredTraffic = {}, isFirst = false): Forecast {
  const { components, warnings } = forecastOf({
    rules: isFirst ? plan.analysis.rules.filter((rule) => !isComparison(rule)) : plan.analysis.rules,
    minRequests: plan.analysis.minRequests,
    tickMs: plan.timings.tickMs,
    stickySessions: keepsSessions(routedComponents(plan)),
    starting: plan.analysis,
    steps: stepsThatRun(plan, isFirst),
    components: routedComponents(plan).map(({ name, traffic }) => {
      return { name, traffic: measured[name] ?? (traffic ? trafficFrom(traffic, DECLARED) : null) }
    }),
  })
  return { components, warnings: [...planNotes(plan).map(warning), ...warnings] }
}

/** What is allowed and still worth a look, whatever the traffic. */
export function planNotes(plan: Plan): readonly Sentence[] {
  const exposed = exposedMs(exposuresOf(plan.steps))
  return [
    ...plan.analysis.rules.flatMap((rule) => {
      const windowMs = windowMsOf(rule) ?? 0
      if (windowMs <= exposed) return []
      const all = say`longer than all holds and the bake together (${formatDuration(exposed)})`
      return [say`"${rule.id}" looks at ${formatDuration(windowMs)}, ${all}: it can never roll back.`]
    }),
    ...unknownChance(plan),
    ...tickNotes(plan),
    ...(plan.notify.length === 0 ? [say`nobody is notified of anything: \`notify\` is empty.`] : []),
    ...(plan.approvals.length === 0 ? [say`no approval is asked for.`] : []),
  ]
}

/** Where the traffic is known the forecast says how many healthy releases such a rule stops. */
function unknownChance(plan: Plan): readonly Sentence[] {
  const errorsKnown = routedComponents(plan).every(({ traffic }) => traffic !== undefined)
  return plan.analysis.rules
    .filter(({ kind, metric }) => kind === 'relative' && !(errorsKnown && metric === 'error-rate'))
    .map(({ id }) => say`"${id}" compares raw values: with little traffic it rolls back healthy releases too.`)
}

function tickNotes(plan: Plan): readonly Sentence[] {
  return [...rareTicks(plan), ...idleTicks(plan)]
}

/** A step that is shorter than a tick may end before anybody has looked at its numbers even once. */
function rareTicks({ steps, timings }: Plan): readonly Sentence[] {
  const holds = exposuresOf(steps).map(({ holdMs }) => holdMs)
  const shortest = Math.min(...holds.filter((ms) => ms > 0))
  if (!Number.isFinite(shortest) || timings.tickMs <= shortest) return []
  const [tick, hold] = [formatDuration(timings.tickMs), formatDuration(shortest)]
  return [
    say`rollout.tick (${tick}) is longer than the shortest hold or bake (${hold}): a step may end before it is observed.`,
  ]
}

/** Between two scrapes nothing happens, as far as a source can see that is scraped: a candidate at work looks idle then. */
function idleTicks(plan: Plan): readonly Sentence[] {
  const { timings } = plan
  const { everyMs } = countingOf(plan)
  if (everyMs === null || timings.tickMs >= everyMs) return []
  const [tick, scrape] = [formatDuration(timings.tickMs), formatDuration(everyMs)]
  return [
    say`rollout.tick (${tick}) is shorter than metrics.scrapeInterval (${scrape}): between two scrapes the candidate looks idle; say \`rollout: { tick: ${scrape.replaceAll(' ', '')} }\` or longer.`,
  ]
}
