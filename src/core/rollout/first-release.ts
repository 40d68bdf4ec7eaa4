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
export function stepsFor(plan: Plan, { routes }: Parts, stable: StableRelease | null): readonly Step[] {
  return stepsThatRun({ ...plan, steps: withSwitch(plan, stable) }, !routes.some(isShared))
}

/** A worker of the previous release stops at the switch also where the plan has none: it was removed, renamed or given a router. */
function withSwitch({ steps, components }: Plan, stable: StableRelease | null): readonly Step[] {
  const asBefore = components.some(({ name, router }) => router === null && isDeployed(steps, name))
  const idles = stable?.components?.some(({ router }) => router === null) ?? false
  if (asBefore || !idles || steps.some(({ kind }) => kind === 'activate')) return steps
  const last = steps.findLastIndex(({ kind }) => kind === 'shift')
  return steps.toSpliced(last, 0, { kind: 'activate' })
}

function isDeployed(steps: readonly Step[], name: string): boolean {
  return steps.some((step) => step.kind === 'deploy' && step.component === name)
}

export function analysisFor(plan: Plan, stable: StableRelease | null): readonly Rule[] {
  return stable ? plan.analysis.rules : plan.analysis.rules.filter((rule) => !isComparison(rule))
}
