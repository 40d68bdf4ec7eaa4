/** The bounded situations that are explored. */
import {
  APPROVERS,
  CONTROLLED,
  MISLED,
  PEOPLE,
  STEPS,
  TIMINGS,
  type Scene,
  afterGates,
  approval,
  either,
  scene,
  small,
} from './scene.ts'
import { STEP_NAMES } from '../../core/rollout/steps/index.ts'
import { partsOf } from '../../core/parts.ts'
import type { Plan, PlannedComponent } from '../../core/plan.ts'
import type { StableRelease } from '../../core/rollout/inputs.ts'
import { planFor } from '../../testing/plans.ts'
import { addressesOf, EMPTY_SIDE, NO_ROUTE, putSide } from './sides.ts'
import { EMPTY_WORLD, occupant, servingWorld } from './world.ts'
import type { ModelWorld } from './world-state.ts'

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

const shown: readonly Scene[] = [
  scene('a release beside a stable one', small()),
  scene('the first release', small(), { world: EMPTY_WORLD }, { stable: null }),
  scene('with a control share', small({ steps: CONTROLLED }), { requests: either }),
  scene(
    'the first release, which nobody can be compared with',
    small({ steps: CONTROLLED }),
    { world: EMPTY_WORLD, requests: either },
    { stable: null },
  ),
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

/** Kinds of steps that no scene is about: each is explored where it may stand, right before the migration would. */
const others = STEP_NAMES.filter(
  (kind) => ![...shown, ...changes].some(({ plan }) => plan.steps.some((step) => step.kind === kind)),
)

export const scenes: readonly Scene[] = [
  ...shown,
  ...others.map((kind) => scene(`with ${kind}`, small({ steps: STEPS.toSpliced(2, 0, { kind }) }))),
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
