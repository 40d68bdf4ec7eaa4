/** Plans of a swarm's worlds: small, with everything that a rollout can have, and a bound for how long it may take. */
import type { Plan } from '../../core/plan.ts'
import type { PlannedRollout } from '../../engine/control-plane.ts'
import { planFor } from '../../testing/plans.ts'
import type { Dice } from './dice.ts'

export type PlanOf = (version: string) => PlannedRollout

export function drawPlan(dice: Dice): { readonly of: PlanOf; readonly limitMs: number } {
  const base = planFor()
  const damp = dice.chance(0.3) ? [{ component: 'api', command: 'shed' }] : []
  const approvals = dice.chance(0.3) ? [{ id: 'maintainer', role: 'maintainer', at: 'start', people: [] } as const] : []
  const [gates, ...others] = base.steps
  const steps = approvals.length > 0 ? [gates!, { kind: 'approvals' } as const, ...others] : base.steps
  const plan = planFor({
    steps,
    damp,
    approvals,
    concurrency: dice.one(['queue', 'supersede']),
    timings: {
      ...base.timings,
      tickMs: dice.one([1000, 5000]),
      extendTimes: dice.between(0, 3),
      blindForMs: dice.one([45_000, 300_000]),
    },
  })
  const of: PlanOf = (version) => ({
    plan: {
      ...plan,
      artifact: { ...plan.artifact, version },
      components: plan.components.map((each) => ({ ...each, artifact: { ref: version, digest: `sha256:${version}` } })),
    },
    planHash: `hash of ${version}`,
    identity: `identity of ${version}`,
  })
  return { of, limitMs: limitOf(plan) }
}

/** At most so many releases wait for each other, and at most so many times a person holds one up. */
const RELEASES_MAX = 2
const PAUSES_MAX = 6
/** The longest that a world of the swarm is not well, and that nobody is there to drive it. */
const TROUBLE_MS = 3_600_000

/** Every step of every release takes all of its time, forwards and then back, with every pause to its end. */
function limitOf({ steps, timings }: Plan): number {
  const each = timings.gatesLimitMs + timings.approvalsLimitMs + timings.startLimitMs + timings.migrateLimitMs
  const moves = steps.length * (timings.shiftLimitMs + timings.smokeLimitMs)
  const held = steps.reduce((sum, step) => sum + ('holdMs' in step ? step.holdMs : 0), 0) * (1 + timings.extendTimes)
  const back =
    timings.slowCommandLimitMs * 3 + timings.startLimitMs + timings.rollbackLimitMs * 2 + timings.drainLimitMs
  const after = timings.migrateLimitMs + timings.smokeLimitMs + timings.watchMs * 2
  const whole = each + moves + held + timings.pauseLimitMs * PAUSES_MAX + back + after
  return whole * RELEASES_MAX + timings.queueLimitMs + TROUBLE_MS
}
