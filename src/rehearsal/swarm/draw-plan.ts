/** Plans of a swarm's worlds: small, with everything that a rollout can have, and a bound for how long it may take. */
import { bakedShift, type Plan, type PlannedComponent } from '../../core/plan.ts'
import type { PlannedRollout } from '../../engine/control-plane.ts'
import { planFor } from '../../testing/plans.ts'
import type { Dice } from './dice.ts'

export type PlanOf = (version: string) => PlannedRollout

/** What a release consists of beside its API, and where each listens; null: no router, so it takes jobs. */
type Set = readonly Pick<PlannedComponent, 'name' | 'router' | 'instances'>[]

const at = (port: number) => ({ kind: 'fake', listen: `127.0.0.1:${port}` })

/** As the release before, or with components added, removed, renamed, moved, with and without a router. */
function drawSet(dice: Dice): Set {
  const [api, web] = dice.chance(0.2) ? [at(8081), at(8080)] : [at(8080), at(8081)]
  const named = dice.one(['web', 'web', 'front'])
  const router = dice.one([web, web, null])
  const instances = dice.between(1, 3)
  return [
    { name: 'api', router: api, instances: 2 },
    ...(dice.chance(0.6) ? [{ name: named, router, instances }] : []),
    ...(dice.chance(0.4) ? [{ name: dice.one(['jobs', 'courier']), router: null, instances }] : []),
  ]
}

/** What has no router starts at the switch. */
function stepsOf(set: Set, steps: Plan['steps']): Plan['steps'] {
  const deploys = set
    .filter(({ router }) => router !== null)
    .map(({ name, instances }) => ({ kind: 'deploy', component: name, instances }) as const)
  const all = steps.flatMap((step): Plan['steps'] => (step.kind === 'deploy' ? deploys : [step]))
  return deploys.length === set.length ? all : all.toSpliced(bakedShift(all), 0, { kind: 'activate' })
}

/** The same with a share that stays on live while the candidate bakes. */
function withControl(steps: Plan['steps'], control: number): Plan['steps'] {
  const at = steps.findIndex(({ kind }) => kind === 'bake')
  const { holdMs = 0 } = steps[at]!
  const weight = 100 - control
  return [
    ...steps.slice(0, at - 1),
    { kind: 'shift', weight },
    { kind: 'bake', weight, holdMs },
    { kind: 'shift', weight: 100 },
    { kind: 'verify-live' },
    { kind: 'hold', weight: 100, holdMs: holdMs / 4, withinMs: holdMs * 4 },
    { kind: 'finalize' },
  ]
}

const VERSIONS = ['v1', 'v2', 'v3'] as const
/** Half of the worlds have the same components for ever. */
function drawSets(dice: Dice): (version: string) => Set {
  const alone: Set = [{ name: 'api', router: at(8080), instances: 2 }]
  const changes = dice.chance(0.5)
  const sets = new Map<string, Set>(VERSIONS.map((version) => [version, changes ? drawSet(dice) : alone]))
  return (version) => sets.get(version) ?? alone
}

export function drawPlan(dice: Dice): { readonly of: PlanOf; readonly limitMs: number } {
  const base = planFor()
  const mitigate = dice.chance(0.3) ? [{ component: 'api', command: 'shed' }] : []
  const approvals = dice.chance(0.3) ? [{ id: 'maintainer', role: 'maintainer', at: 'start', people: [] } as const] : []
  const [gates, ...others] = base.steps
  const steps = approvals.length > 0 ? [gates!, { kind: 'approvals' } as const, ...others] : base.steps
  const concurrency = dice.one(['queue', 'supersede'] as const)
  const tickMs = dice.one([1000, 5000])
  const extendTimes = dice.between(0, 3)
  // No draw of its own: worlds of known seeds stay what they are.
  const control = [0, 5, 0, 20][extendTimes] ?? 0
  const plan = planFor({
    steps: control === 0 ? steps : withControl(steps, control),
    mitigate,
    approvals,
    concurrency,
    timings: {
      ...base.timings,
      tickMs,
      extendTimes,
      noDataForMs: dice.one([45_000, 300_000]),
    },
  })
  return { of: releasesOf(plan, drawSets(dice)), limitMs: limitOf(plan) }
}

function releasesOf(plan: Plan, setOf: (version: string) => Set): PlanOf {
  const [api] = plan.components
  const artifact = (version: string) => ({ ref: version, digest: `sha256:${version}` })
  return (version) => ({
    plan: {
      ...plan,
      artifact: { ...plan.artifact, version },
      components: setOf(version).map((own) => ({ ...api!, ...own, artifact: artifact(version) })),
      steps: stepsOf(setOf(version), plan.steps),
    },
    planHash: `hash of ${version}`,
    identity: `identity of ${version}`,
  })
}

/** At most so many releases wait for each other, and at most so many times a person holds one up. */
const RELEASES_MAX = 2
const COMPONENTS_MORE = 4
const PAUSES_MAX = 6
/** The longest that a world of the swarm is not well, and that nobody is there to drive it. */
const TROUBLE_MS = 3_600_000

/** Every step of every release takes all of its time, forwards and then back, with every pause to its end. */
function limitOf({ steps, timings }: Plan): number {
  const each = timings.gatesLimitMs + timings.approvalsLimitMs + timings.startLimitMs + timings.migrateLimitMs
  // A worker more to stop and to start, a component more to deploy.
  const moves = (steps.length + COMPONENTS_MORE) * (timings.shiftLimitMs + timings.smokeLimitMs)
  const longest = ({ holdMs = 0, withinMs = holdMs * (1 + timings.extendTimes) }: Plan['steps'][number]) => withinMs
  const held = steps.reduce((sum, step) => sum + longest(step), 0)
  const back =
    timings.slowCommandLimitMs * 3 + timings.startLimitMs + timings.rollbackLimitMs * 2 + timings.drainLimitMs
  const after = timings.migrateLimitMs + timings.smokeLimitMs + timings.watchMs * 2
  const whole = each + moves + held + timings.pauseLimitMs * PAUSES_MAX + back + after
  return whole * RELEASES_MAX + timings.queueLimitMs + TROUBLE_MS
}
