import type { SmokeReport } from '../core/rollout/inputs.ts'
import { type RolloutState, slotOf } from '../core/rollout/state.ts'
import { component as planned, type Plan } from '../core/plan.ts'
import type { Adapters } from '../ports/adapters.ts'
import { failure, ok, type Result } from '../ports/result.ts'

export type Suite = {
  readonly target: 'candidate' | 'live'
  /** The checks, and the components they ask. */
  readonly plan: Plan
  /** The previous release whose plan it is, which users are back on; absent: the rollout's own. */
  readonly release?: string | undefined
}

/**
 * Every check against every ready instance of the candidate, or against what users get through the router. What the instances
 * hold as secrets is read first, so that a body which repeats one does not get into the report.
 */
export async function runSmoke(
  adapters: Adapters,
  state: RolloutState,
  suite: Suite,
  signal: AbortSignal,
): Promise<Result<SmokeReport>> {
  const { plan, release } = suite
  const smoke = adapters.smoke(plan)
  const checks: SmokeReport['checks'][number][] = []
  for (const component of new Set(plan.smoke.map((check) => check.component))) {
    const { secrets } = planned(plan, component)
    for (const reference of Object.values(secrets)) {
      await adapters.secrets.read(reference, signal)
    }
    const baseUrls = baseUrlsOf(state, component, suite)
    const own = plan.smoke.filter((check) => check.component === component)
    const run = await smoke.run({ baseUrls, checks: own, secrets, signal })
    if (!run.ok) return run
    checks.push(...run.value.checks)
  }
  if (checks.length === 0) return failure('permanent', nothingTested(release))
  return ok({ passed: checks.every(({ passed }) => passed), checks })
}

function nothingTested(release: string | undefined): string {
  const whose =
    release === undefined ? 'there is no smoke test' : `${release}, which users are back on, has no smoke test`
  return `${whose}: nothing tested is not passed`
}

function baseUrlsOf(state: RolloutState, component: string, { target, release }: Suite): readonly string[] {
  if (target === 'candidate') {
    return (slotOf(state, component, state.candidateSlot)?.value.upstreams ?? []).map(
      (upstream) => `http://${upstream}`,
    )
  }
  const part = state.parts.routes.find(
    ({ candidate, live }) => component === (release === undefined ? candidate : live),
  )
  const url = part && state.routes[part.id]?.value.url
  return url ? [url] : []
}
