/** Plans as a rehearsal runs them. */
import type { Plan, Step } from '../core/plan.ts'
import type { Scenario } from './scenario/schema.ts'

/** The spec's plan as it is, but for the length of a tick where the scenario overrules it. */
export function rehearsedPlan(plan: Plan, { tick }: Pick<Scenario, 'tick'>): Plan {
  return tick === undefined ? plan : { ...plan, timings: { ...plan.timings, tickMs: tick } }
}

const QUICK_MS = 2000
/** Without any rule nothing advances (law L3). */
const ANYTHING_GOES = { kind: 'limit', id: 'error-rate', metric: 'error-rate', max: 1, trigger: null } as const

/** What brings the version live that serves before the scenario begins: the same steps, with nothing to ask or to wait for. */
export function quickPlan(plan: Plan): Plan {
  const steps = plan.steps.filter(({ kind }) => kind !== 'migrate')
  return {
    ...plan,
    gates: [],
    approvals: [],
    notify: [],
    migration: null,
    analysis: { rules: [ANYTHING_GOES], minRequests: 1 },
    timings: { ...plan.timings, tickMs: 500, pollMs: 250 },
    steps: steps.map(quick),
  }
}

function quick(step: Step): Step {
  return step.kind === 'hold' || step.kind === 'bake' ? { ...step, holdMs: QUICK_MS } : step
}
