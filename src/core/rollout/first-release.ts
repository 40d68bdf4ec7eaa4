/** What has nothing beside it: no share of traffic to split with, nobody to be compared with (R-A06). */
import { isComparison, type Rule } from '../analysis/rules.ts'
import { isShared, type Parts, partsOf } from '../parts.ts'
import { type Plan, type Step, stepsThatRun } from '../plan.ts'
import type { StableRelease } from './inputs.ts'

/** Logs of earlier versions do not say what the previous release consisted of. */
export function partsBeside(plan: Plan, stable: StableRelease | null): Parts {
  return partsOf(plan, stable && (stable.components ?? plan.components))
}

/** Without a route that is shared, as in a first release, there are no shares to go through. */
export function stepsFor(plan: Plan, { routes }: Parts): readonly Step[] {
  return stepsThatRun(plan, !routes.some(isShared))
}

export function analysisFor(plan: Plan, stable: StableRelease | null): readonly Rule[] {
  return stable ? plan.analysis.rules : plan.analysis.rules.filter((rule) => !isComparison(rule))
}
