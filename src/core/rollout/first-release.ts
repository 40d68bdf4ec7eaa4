/** A first release has nothing beside it: no share of traffic to split with, nobody to be compared with (R-A06). */
import { isComparison, type Rule } from '../analysis/rules.ts'
import { type Plan, type Step, stepsThatRun } from '../plan.ts'
import type { StableRelease } from './inputs.ts'

export function stepsFor(plan: Plan, stable: StableRelease | null): readonly Step[] {
  return stepsThatRun(plan, stable === null)
}

export function analysisFor(plan: Plan, stable: StableRelease | null): readonly Rule[] {
  return stable ? plan.analysis.rules : plan.analysis.rules.filter((rule) => !isComparison(rule))
}
