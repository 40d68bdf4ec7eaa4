import { type KnownTraffic, type Outlook, outlookOf, warning } from './analysis/outlook/outlook.ts'
import { isComparison } from './analysis/rules.ts'
import { planNotes } from './plan-notes.ts'
import { type Plan, routedComponents, stepsThatRun } from './plan.ts'
import { keepsSessions } from './sessions.ts'

export const DECLARED = 'declared'

/** By component: what its router counted since the last release. */
export type MeasuredTraffic = Readonly<Record<string, KnownTraffic>>

/** What each step of a plan will see, and what else is worth a look. What was measured goes before what was declared. */
export function planOutlook(plan: Plan, measured: MeasuredTraffic = {}, isFirst = false): Outlook {
  const { components, warnings } = outlookOf({
    rules: isFirst ? plan.analysis.rules.filter((rule) => !isComparison(rule)) : plan.analysis.rules,
    minRequests: plan.analysis.minRequests,
    tickMs: plan.timings.tickMs,
    stickySessions: keepsSessions(routedComponents(plan)),
    steps: stepsThatRun(plan, isFirst),
    components: routedComponents(plan).map(({ name, traffic }) => {
      return { name, traffic: measured[name] ?? (traffic ? { ...traffic, source: DECLARED } : null) }
    }),
  })
  return { components, warnings: [...planNotes(plan).map(warning), ...warnings] }
}
