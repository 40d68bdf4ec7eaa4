/** For tests: a plan with two components, and a context to check it in. */
import type { Plan, PlannedComponent } from '../../core/plan.ts'
import { instant } from '../../core/time.ts'
import type { GateContext } from '../../ports/gate.ts'
import { FULL_SPEC, planOf } from '../../stellwerk-yaml/fixture.ts'

export const PLAN = planOf(FULL_SPEC, 'dev')

export function contextOf(plan: Plan = PLAN, stable: GateContext['stable'] = null): GateContext {
  return {
    plan,
    gate: { id: 'the-gate', kind: 'any', options: {} },
    stable,
    now: instant(1000),
    signal: new AbortController().signal,
  }
}

/** The plan with its first component changed. */
export function planWith(change: Partial<PlannedComponent>): Plan {
  const [first, ...rest] = PLAN.components
  return { ...PLAN, components: [{ ...first!, ...change }, ...rest] }
}
