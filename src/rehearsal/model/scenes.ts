/** The bounded situations that are explored: a plan with short, round times, what serves before, who may ask for what. */
import { partsOf } from '../../core/parts.ts'
import type { Plan, PlannedComponent } from '../../core/plan.ts'
import type { Input, RolloutRequest, StableRelease } from '../../core/rollout/inputs.ts'
import type { RolloutState } from '../../core/rollout/state.ts'
import { planFor, requestFor } from '../../testing/plans.ts'
import { addressesOf, EMPTY_SIDE, NO_ROUTE, putSide } from './sides.ts'
import { EMPTY_WORLD, occupant, put, servingWorld } from './world.ts'
import type { ModelWorld } from './world-state.ts'

type Asks = {
  readonly input: Input
  readonly cost: 0 | 1
  readonly when: (state: RolloutState) => boolean
}

export type Scene = {
  readonly name: string
  readonly plan: Plan
  readonly request: RolloutRequest
  readonly world: ModelWorld
  readonly requests: readonly Asks[]
  /** Added to the keys of its orders as their fencing number. */
  readonly fence: number
  /** The clock may jump. */
  readonly clock: boolean
}

const TIMINGS: Partial<Plan['timings']> = {
  tickMs: 1000,
  pollMs: 1000,
  queueLimitMs: 3000,
  gatesLimitMs: 3000,
  approvalsLimitMs: 4000,
  startLimitMs: 5000,
  migrateLimitMs: 4000,
  smokeLimitMs: 4000,
  shiftLimitMs: 3000,
  extendTimes: 0,
  drainLimitMs: 2000,
  pauseLimitMs: 3000,
  rollbackLimitMs: 3000,
  watchMs: 1000,
  rollbackWindowMs: 3000,
  commandLimitMs: 1000,
  slowCommandLimitMs: 3500,
  lookLimitMs: 2000,
  noDataForMs: 3000,
}

const STEPS: Plan['steps'] = [
  { kind: 'gates' },
  { kind: 'deploy', component: 'api', instances: 2 },
  { kind: 'smoke' },
  { kind: 'shift', weight: 50 },
  { kind: 'hold', weight: 50, holdMs: 1000 },
  { kind: 'shift', weight: 100 },
  // Longer than two ticks, which is what evidence takes by itself.
  { kind: 'bake', holdMs: 3000 },
  { kind: 'verify-live' },
  { kind: 'finalize' },
]

function small(changes: Partial<Plan> = {}): Plan {
  const limit = { kind: 'limit', id: 'error-rate', metric: 'error-rate', max: 0.01 } as const
  return planFor({
    steps: STEPS,
    timings: { ...planFor().timings, ...TIMINGS },
    analysis: { rules: [{ ...limit, trigger: { above: 0.02, forMs: 1000 } }], minRequests: 20 },
    ...changes,
  })
}

const kim = { id: 'person:kim', roles: ['release-captain'] }
const going = ({ status }: RolloutState) => status === 'running'
const always = () => true

const PEOPLE: readonly Asks[] = [
  { input: { type: 'pause', by: kim, reason: 'look' }, cost: 1, when: going },
  {
    input: { type: 'resume', by: kim },
    cost: 1,
    when: ({ paused, noData }) => paused !== null || noData !== null,
  },
  { input: { type: 'promote', by: kim }, cost: 1, when: going },
  { input: { type: 'abort', by: kim, reason: 'no' }, cost: 1, when: always },
  {
    input: { type: 'roll-back', by: kim, reason: 'no', cause: 'person', environmentFree: true },
    cost: 1,
    when: always,
  },
  {
    input: { type: 'roll-back', by: kim, reason: 'no', cause: 'incident', environmentFree: false },
    cost: 1,
    when: (state) => state.status === 'finalized',
  },
  { input: { type: 'superseded', by: 'shop-prod-3' }, cost: 1, when: ({ status }) => status === 'finalized' },
  { input: { type: 'resolve', by: kim, note: 'done' }, cost: 1, when: ({ status }) => status === 'needs-human' },
]

type Approve = Extract<Input, { type: 'approve' }>

const asks = (roles: readonly string[], id: string, seen: Partial<Approve> = {}): Input => ({
  type: 'approve',
  by: { id, roles },
  approval: null,
  planHash: 'plan-hash-2',
  identity: 'identity-2',
  ...seen,
})

const atApprovals = (state: RolloutState) => state.steps[state.at]?.kind === 'approvals' && state.status === 'running'

const lacks = (id: string) => (state: RolloutState) => atApprovals(state) && !state.approvals[id]

const APPROVERS: readonly Asks[] = [
  { input: asks(['maintainer'], 'person:mia'), cost: 0, when: lacks('maintainer') },
  { input: asks(['product-owner'], 'person:sam'), cost: 0, when: lacks('product-owner') },
  { input: asks(['maintainer'], 'person:alex'), cost: 1, when: atApprovals },
  { input: asks(['maintainer'], 'person:ada'), cost: 1, when: atApprovals },
  { input: asks(['viewer'], 'person:bob'), cost: 1, when: atApprovals },
  { input: asks(['maintainer'], 'person:mia', { planHash: 'plan-hash-1' }), cost: 1, when: atApprovals },
  { input: { type: 'reject', by: kim, reason: 'no' }, cost: 1, when: going },
]

/** Somebody who may, shown something else, or under a policy that is no longer held. */
const MISLED: readonly Asks[] = [
  { input: asks(['maintainer'], 'person:mia', { rollout: 'shop-prod-9' }), cost: 1, when: atApprovals },
  { input: asks(['maintainer'], 'person:mia', { identity: 'identity-9' }), cost: 1, when: atApprovals },
  { input: asks(['maintainer'], 'person:mia', { policyStands: false }), cost: 1, when: atApprovals },
]

const either = PEOPLE.filter(({ input }) => ['abort', 'roll-back'].includes(input.type))

const approval = (id: string) => ({ id, role: id, at: 'start', people: [] }) as const
const before = put(servingWorld('blue', 'shop-prod-1'), 'green', occupant('shop-prod-0'))

function scene(name: string, plan: Plan, changes: Partial<Scene> = {}, request: Partial<RolloutRequest> = {}): Scene {
  return {
    name,
    plan,
    request: requestFor(plan, request),
    world: before,
    requests: PEOPLE,
    fence: 0,
    clock: false,
    ...changes,
  }
}

function afterGates(...steps: readonly Plan['steps'][number][]): Plan['steps'] {
  return [...STEPS.slice(0, 1), ...steps, ...STEPS.slice(1)]
}

const PINNED = { id: 'artifact-pinned', kind: 'artifact-pinned', options: {} }
const consented: Plan['steps'] = [
  { kind: 'gates', gates: ['artifact-pinned'] },
  { kind: 'approvals' },
  { kind: 'gates', gates: ['command'] },
  ...STEPS.slice(1),
]

const beforeTraffic = [...STEPS.slice(0, 2), { kind: 'migrate' } as const, ...STEPS.slice(2)]

const at = (port: number) => ({ kind: 'fake', listen: `127.0.0.1:${port}` })

type Router = PlannedComponent['router']
type Set = Readonly<Record<string, { readonly router: Router; readonly instances: number }>>

function componentsOf(set: Set): Plan['components'] {
  const [base] = planFor().components
  return Object.entries(set).map(([name, rest]) => ({ ...base!, name, ...rest }))
}

/** `atOnce`: no share before the whole, so that the switch of workers comes before any user. */
function stepsOf(components: Plan['components'], { atOnce, exited }: Sets): Plan['steps'] {
  const isDeployed = ({ router, name }: PlannedComponent) => router !== null || name === exited
  const deploys = components
    .filter(isDeployed)
    .map(({ name, instances }) => ({ kind: 'deploy', component: name, instances }) as const)
  const shares = STEPS.slice(3, 5)
  const activates = components.every(isDeployed) ? [] : [{ kind: 'activate' } as const]
  return [...deploys, ...STEPS.slice(2, 3), ...(atOnce ? [] : shares), ...activates, ...STEPS.slice(5)]
}

type Sets = {
  /** Components that an even older release left. */
  readonly left?: readonly string[]
  readonly atOnce?: boolean
  /** A plan from before workers had a switch, whose previous worker has exited for good. */
  readonly exited?: string
}

/** What no scene of one component can show: the release before had another set. */
function changing(
  name: string,
  [before, own]: readonly [Set, Set],
  { left = [], atOnce = false, exited }: Sets = {},
): Scene {
  const components = componentsOf(own)
  const plan = small({ components, gates: [], steps: stepsOf(components, { atOnce, ...(exited ? { exited } : {}) }) })
  const previous = componentsOf(before)
  const stable = {
    rollout: 'shop-prod-1',
    version: 'v1',
    identity: 'identity-1',
    slot: 'blue',
    components: previous,
  } as const
  const all = setWorld(previous, { components, stable, left })
  const world = exited ? putSide(all, exited, 'blue', { ...occupant(stable.rollout), condition: 'crashed' }) : all
  const leftovers = componentsOf(Object.fromEntries(left.map((name) => [name, { router: null, instances: 2 }])))
  return scene(name, plan, { world, requests: either }, { stable, ...(left.length > 0 ? { leftovers } : {}) })
}

type Setting = {
  readonly components: Plan['components']
  readonly stable: StableRelease
  readonly left: readonly string[]
}

function setWorld(previous: Plan['components'], { components, stable, left }: Setting): ModelWorld {
  const address = (set: Plan['components']) =>
    Object.fromEntries(set.map(({ name, router }) => [name, String(router?.['listen'] ?? '')]))
  const beside = previous.filter(({ name }) => name !== 'api')
  const served = beside.map(({ name, instances, router }) => {
    const held = { ...occupant(stable.rollout), instances }
    const upstreams = { blue: addressesOf(name, 'blue', held), green: [] }
    const weights = { blue: 100, green: 0 }
    const listen = String(router?.['listen'])
    const route = router
      ? { weights, upstreams, maintenance: false, generation: 1, there: true, address: listen }
      : NO_ROUTE
    return [name, { ...EMPTY_SIDE, slots: { blue: held, green: null }, route }]
  })
  const added = components.filter(({ name }) => name !== 'api' && !beside.some((each) => each.name === name))
  const old = left.map((name) => [name, { ...EMPTY_SIDE, slots: { blue: null, green: occupant('shop-prod-0') } }])
  const { routes } = partsOf({ components }, previous)
  return {
    ...servingWorld('blue', stable.rollout),
    address: address(previous)['api'] ?? '',
    sides: Object.fromEntries([...served, ...added.map(({ name }) => [name, EMPTY_SIDE]), ...old]),
    layout: {
      routes: routes.filter(({ id }) => id !== 'api'),
      own: address(components),
      previous: address(previous),
      instances: Object.fromEntries(beside.map(({ name, instances }) => [name, instances])),
    },
  }
}

const API = { router: at(8080), instances: 2 }
const WORKER = { router: null, instances: 1 }

/** Sets that change from one release to the next. */
export const changes: readonly Scene[] = [
  changing('a component is added', [{ api: API }, { api: API, web: { router: at(8081), instances: 2 } }], {
    left: ['old'],
  }),
  changing('components are removed', [{ api: API, web: { router: at(8081), instances: 2 } }, { api: API }]),
  changing('a worker is removed', [{ api: API, jobs: WORKER }, { api: API }]),
  changing('a worker is replaced', [
    { api: API, jobs: WORKER },
    { api: API, jobs: WORKER },
  ]),
  changing(
    'a worker is replaced before anybody is moved',
    [
      { api: API, jobs: WORKER },
      { api: API, jobs: WORKER },
    ],
    { atOnce: true },
  ),
  changing(
    'a worker of an older plan has exited',
    [
      { api: API, jobs: WORKER },
      { api: API, jobs: WORKER },
    ],
    { atOnce: true, exited: 'jobs' },
  ),
  changing('a router is taken away', [
    { api: API, web: { router: at(8081), instances: 1 } },
    { api: API, web: { router: null, instances: 2 } },
  ]),
  changing('two addresses are exchanged', [
    { api: API, web: { router: at(8081), instances: 2 } },
    { api: { router: at(8081), instances: 2 }, web: { router: at(8080), instances: 2 } },
  ]),
  changing('a component is renamed', [
    { api: API, web: { router: at(8081), instances: 2 } },
    { api: API, front: { router: at(8081), instances: 2 } },
  ]),
]

export const scenes: readonly Scene[] = [
  scene('a release beside a stable one', small()),
  scene('the first release', small(), { world: EMPTY_WORLD }, { stable: null }),
  scene(
    'with approvals',
    small({ steps: afterGates({ kind: 'approvals' }), approvals: [approval('maintainer'), approval('product-owner')] }),
    { requests: [...PEOPLE, ...APPROVERS] },
  ),
  scene(
    'whose gate runs a command of its own',
    small({
      gates: [PINNED, { id: 'command', kind: 'command', options: { run: 'node check.js' }, runs: 'command' }],
      approvals: [approval('maintainer')],
      steps: consented,
    }),
    { requests: [...either, ...APPROVERS.slice(0, 1), ...MISLED] },
  ),
  scene(
    'with a migration and mitigating',
    small({
      steps: beforeTraffic,
      migration: {
        kind: 'command',
        expand: { component: 'api', command: 'up' },
        down: { component: 'api', command: 'down' },
      },
      mitigate: [{ component: 'api', command: 'shed' }],
    }),
  ),
  scene('while the clock jumps', small(), { clock: true, requests: PEOPLE.slice(0, 2) }),
  scene('of a quarantined artifact', small(), {}, { quarantined: true }),
  scene('behind a release that never ends', small(), { requests: either }, { behind: 'shop-prod-1' }),
]

/** The window outlasts the second release: one that ends meanwhile only multiplies what the scenes of one release show. */
const ROOMY = { ...planFor().timings, ...TIMINGS, slowCommandLimitMs: 1000, rollbackWindowMs: 60_000 }

/** Two releases of one environment: the first holds it, the second waits behind it. */
export const pair: readonly [Scene, Scene] = [
  scene('the first of two', small({ timings: ROOMY }), { requests: either }),
  scene(
    'the second of two',
    small({ timings: { ...ROOMY, queueLimitMs: 60_000 } }),
    { requests: either, fence: 1000 },
    { id: 'shop-prod-3', behind: 'shop-prod-2' },
  ),
]
