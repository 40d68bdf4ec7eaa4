import type { SmokeReport } from '../core/rollout/inputs.ts'
import { type RolloutState, slotOf } from '../core/rollout/state.ts'
import { component as planned } from '../core/plan.ts'
import type { Adapters } from '../ports/adapters.ts'
import { failure, ok, type Result } from '../ports/result.ts'

/**
 * Every check against every ready instance of the candidate, or against what users get through the router. What the instances
 * hold as secrets is read first, so that a body which repeats one does not get into the report.
 */
export async function runSmoke(
  adapters: Adapters,
  state: RolloutState,
  target: 'candidate' | 'live',
  signal: AbortSignal,
): Promise<Result<SmokeReport>> {
  const smoke = adapters.smoke((component, name) => {
    const reference = planned(state.plan, component).secrets[name]
    return reference
      ? adapters.secrets.read(reference, signal)
      : Promise.resolve(failure('permanent', `there is no secret "${name}"`))
  })
  const checks: SmokeReport['checks'][number][] = []
  for (const component of new Set(state.plan.smoke.map((check) => check.component))) {
    for (const reference of Object.values(planned(state.plan, component).secrets)) {
      await adapters.secrets.read(reference, signal)
    }
    const baseUrls = baseUrlsOf(state, component, target)
    const own = state.plan.smoke.filter((check) => check.component === component)
    const run = await smoke.run({ baseUrls, checks: own, signal })
    if (!run.ok) return run
    checks.push(...run.value.checks)
  }
  if (checks.length === 0) return failure('permanent', 'there is no smoke test: nothing tested is not passed')
  return ok({ passed: checks.every(({ passed }) => passed), checks })
}

function baseUrlsOf(state: RolloutState, component: string, target: 'candidate' | 'live'): readonly string[] {
  if (target === 'candidate') {
    return (slotOf(state, component, state.candidateSlot)?.value.upstreams ?? []).map(
      (upstream) => `http://${upstream}`,
    )
  }
  const url = state.routes[component]?.value.url
  return url ? [url] : []
}
