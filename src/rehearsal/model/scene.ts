/** One bounded situation: a plan with short, round times, what serves before, who may ask for what. */
import type { ModelWorld } from './world-state.ts'
import type { Plan } from '../../core/plan.ts'
import {
  type Input,
  INTENT_NAMES,
  type IntentFields,
  type IntentName,
  intentOf,
  type RolloutRequest,
} from '../../core/rollout/inputs.ts'
import type { RolloutState } from '../../core/rollout/state.ts'
import { planFor, requestFor } from '../../testing/plans.ts'
import { occupant, put, servingWorld } from './world.ts'

export type Asks = {
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

export const TIMINGS: Partial<Plan['timings']> = {
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

export const STEPS: Plan['steps'] = [
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

/** One in ten stays on live while the candidate bakes. */
export const CONTROLLED: Plan['steps'] = [
  ...STEPS.slice(0, 5),
  { kind: 'shift', weight: 90 },
  { kind: 'bake', weight: 90, holdMs: 3000 },
  { kind: 'shift', weight: 100 },
  { kind: 'verify-live' },
  { kind: 'hold', weight: 100, holdMs: 1000, withinMs: 3000 },
  { kind: 'finalize' },
]

export function small(changes: Partial<Plan> = {}): Plan {
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

/** When an intent is worth trying: while the rollout runs, and where another moment says more. */
const WORTH: { readonly [K in IntentName]?: Asks['when'] } = {
  resume: ({ paused, noData }) => paused !== null || noData !== null,
  abort: always,
  'roll-back': always,
  resolve: ({ status }) => status === 'needs-human',
}

const seen = { rollout: 'shop-prod-2', planHash: 'plan-hash-2', identity: 'identity-2' }
const SAID: IntentFields = { reason: 'no', note: 'done', cause: 'person', approval: null, seen }

/** Every intent but those that are about approvals, which are tried where somebody is asked. */
const INTENDED: readonly Asks[] = INTENT_NAMES.filter((name) => name !== 'approve' && name !== 'reject').map(
  (name) => ({
    input: { ...intentOf(name, SAID), by: kim, environmentFree: true },
    cost: 1,
    when: WORTH[name] ?? going,
  }),
)

export const PEOPLE: readonly Asks[] = [
  ...INTENDED,
  {
    input: { type: 'roll-back', by: kim, reason: 'no', cause: 'incident', environmentFree: false },
    cost: 1,
    when: (state) => state.status === 'finalized',
  },
  { input: { type: 'superseded', by: 'shop-prod-3' }, cost: 1, when: ({ status }) => status === 'finalized' },
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

export const APPROVERS: readonly Asks[] = [
  { input: asks(['maintainer'], 'person:mia'), cost: 0, when: lacks('maintainer') },
  { input: asks(['product-owner'], 'person:sam'), cost: 0, when: lacks('product-owner') },
  { input: asks(['maintainer'], 'person:alex'), cost: 1, when: atApprovals },
  { input: asks(['maintainer'], 'person:ada'), cost: 1, when: atApprovals },
  { input: asks(['viewer'], 'person:bob'), cost: 1, when: atApprovals },
  { input: asks(['maintainer'], 'person:mia', { planHash: 'plan-hash-1' }), cost: 1, when: atApprovals },
  { input: { type: 'reject', by: kim, reason: 'no' }, cost: 1, when: going },
]

/** Somebody who may, shown something else, or under a policy that is no longer held. */
export const MISLED: readonly Asks[] = [
  { input: asks(['maintainer'], 'person:mia', { rollout: 'shop-prod-9' }), cost: 1, when: atApprovals },
  { input: asks(['maintainer'], 'person:mia', { identity: 'identity-9' }), cost: 1, when: atApprovals },
  { input: asks(['maintainer'], 'person:mia', { policyStands: false }), cost: 1, when: atApprovals },
]

export const either = PEOPLE.filter(({ input }) => ['abort', 'roll-back'].includes(input.type))

export const approval = (id: string) => ({ id, role: id, at: 'start', people: [] }) as const
const before = put(servingWorld('blue', 'shop-prod-1'), 'green', occupant('shop-prod-0'))

export function scene(
  name: string,
  plan: Plan,
  changes: Partial<Scene> = {},
  request: Partial<RolloutRequest> = {},
): Scene {
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

export function afterGates(...steps: readonly Plan['steps'][number][]): Plan['steps'] {
  return [...STEPS.slice(0, 1), ...steps, ...STEPS.slice(1)]
}
