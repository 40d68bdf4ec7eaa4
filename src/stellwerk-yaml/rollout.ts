/** The section `rollout` of stellwerk.yaml, and the steps that a plan has by it. */
import type { KnownStep } from '../core/rollout/steps/index.ts'
import type { PlannedApproval, PlannedGate } from '../core/plan.ts'
import { Bake, watchedShares } from './bake.ts'
import { Deadline, Duration } from './duration.ts'
import { Weight } from './scalars.ts'
import { consentSteps } from '../core/policy/policy.ts'
import { z } from 'zod'

function limit(fallback: string, description: string) {
  return Deadline.prefault(fallback).meta({ description })
}

/** Deadlines of the waits (law L6). What happens when one passes stands with each. */
const Limits = z.strictObject({
  queue: limit('24h', 'Waiting behind another rollout of the environment; then aborted.'),
  gates: limit('15m', 'All gates together; then aborted.'),
  approvals: limit('24h', 'Waiting for approvals; then aborted.'),
  start: limit('5m', 'From the order to start until every instance of a component is ready; then aborted.'),
  migrate: limit('30m', 'The expand migration; then aborted.'),
  smoke: limit('5m', 'One smoke suite; then aborted, or rolled back once users are on the candidate.'),
  shift: limit('1m', 'From the order to shift until the new weights are observed; then rolled back.'),
  drain: limit('30s', 'For requests in flight to end on a slot that gets no new ones.'),
  pause: limit('24h', 'A pause, or a question to a person; then the candidate is rolled back.'),
  rollback: limit('15m', 'A rollback until traffic is back and the candidate is stopped; then a person is called.'),
  command: limit('5s', 'An order to a platform or router without an answer counts as unknown after this.'),
  slowCommand: limit(
    '5m',
    'The same for orders that take long: starting, migrating, smoke tests (longer where a check may wait longer).',
  ),
})

/** How traffic moves, and how long everything may take. */
export const Rollout = z.strictObject({
  strategy: z.enum(['blue-green', 'canary']).prefault('blue-green').meta({
    description: '`blue-green`: all instances before the first shift. `canary`: instances grow with the weight.',
    source: 'R-D01',
  }),
  steps: z
    .array(Weight)
    .min(1)
    .max(20)
    .prefault(['10%', '50%', '100%'])
    .meta({ description: 'Traffic weights of the candidate, growing, the last one 100%.', source: 'R-D08' }),
  hold: Duration.prefault('5m').meta({ description: 'How long each step below 100% must stay good.', source: 'R-D09' }),
  bake: Bake,
  rollbackWindow: Deadline.prefault('24h').meta({
    description:
      'How long the previous release stays warm after finalize, and `stellwerk rollback` returns to it. Not `0s`: without it there would be no way back.',
    source: 'R-D12',
  }),
  concurrency: z.enum(['queue', 'supersede']).prefault('queue').meta({
    description: 'A second rollout into the same environment waits, or replaces the first from a safe state.',
  }),
  tick: Deadline.prefault('5s').meta({ description: 'How often metrics are read while users are on the candidate.' }),
  poll: Deadline.prefault('1s').meta({
    description: 'How often slots and routes are checked while waiting for them.',
  }),
  noDataFor: Deadline.prefault('5m').meta({
    description:
      'How long metrics may tell nothing while users are on the candidate: it is held, people are told, and then it is rolled back, unless somebody runs `stellwerk resume`. For platform and router it is four ticks, at least 20s.',
  }),
  extendTimes: z.int().min(0).max(100).prefault(3).meta({
    description: 'A hold or bake that lacks evidence is extended up to this many times its own length.',
    unit: 'times',
  }),
  minRequests: z.int().min(0).max(1_000_000_000).prefault(200).meta({
    description:
      'Requests the candidate must have answered in a step before it may advance. `0`: an environment without users; its rules must then need no traffic (`readiness-flapping`, `memory`, `info-logs`, those with a `query`).',
    unit: 'requests',
    source: 'R-E07',
  }),
  limits: Limits.prefault({}).meta({ description: 'Deadlines; every wait has one.' }),
})

/** What of an environment its steps follow from. */
type Stepped = {
  readonly rollout: z.output<typeof Rollout>
  readonly components: Readonly<Record<string, { readonly router?: unknown; readonly instances: number }>>
  readonly migrations?: unknown
}

type Consents = { readonly gates: readonly PlannedGate[]; readonly approvals: readonly PlannedApproval[] }

/**
 * The forward steps of a rollout (design §6), `names` being the components in the order in which they are deployed. What has
 * no router works as soon as it runs, so it starts at the switch and not beside live (R-D16): before the share that bakes,
 * so that the bake sees it. Nothing is started afterwards (law L5).
 */
export function planSteps(spec: Stepped, names: readonly string[], consents: Consents): readonly KnownStep[] {
  const { strategy, bake } = spec.rollout
  const shares = watchedShares(spec.rollout.steps, bake)
  const last = shares.length - 1
  const routed = names.filter((name) => spec.components[name]!.router !== undefined)
  const scaled = shares.map((weight, index) =>
    deploySteps(spec, routed, strategy === 'canary' && index < last ? weight : 100),
  )
  return [
    ...consentSteps(consents.gates, consents.approvals),
    ...scaled[0]!,
    ...(spec.migrations ? [{ kind: 'migrate' } as const] : []),
    { kind: 'smoke' },
    ...shares.flatMap((weight, index) => [
      ...(index > 0 ? added(scaled[index]!, scaled[index - 1]!) : []),
      ...(index === last && routed.length < names.length ? [{ kind: 'activate' } as const] : []),
      { kind: 'shift', weight } as const,
      index === last ? bakeAt(weight, spec) : ({ kind: 'hold', weight, holdMs: spec.rollout.hold } as const),
    ]),
    ...endSteps(spec),
  ]
}

type Deploy = Extract<KnownStep, { readonly kind: 'deploy' }>

/** Instances for a share of the traffic, rounded up: never less capacity than its share (law L5). */
function deploySteps(spec: Stepped, names: readonly string[], weight: number): readonly Deploy[] {
  return names.map((component) => {
    return { kind: 'deploy', component, instances: Math.ceil((spec.components[component]!.instances * weight) / 100) }
  })
}

function added(next: readonly Deploy[], last: readonly Deploy[]): readonly Deploy[] {
  return next.filter((step, index) => step.instances > last[index]!.instances)
}

/** A plan that bakes at 100 % says what such plans have always said. */
function bakeAt(weight: number, { rollout }: Stepped): KnownStep {
  const holdMs = rollout.bake.for
  return weight === 100 ? { kind: 'bake', holdMs } : { kind: 'bake', weight, holdMs }
}

/** What the routers make of 100 % is seen, tested and looked at for so long: nothing but the last few users is new. */
const SETTLE_MS = 60_000
const SETTLE_TICKS = 3

/** With a control share everybody comes over only here; evidence for the whole may take as long as the bake may. */
function endSteps({ rollout: { bake, tick, extendTimes } }: Stepped): readonly KnownStep[] {
  const settleMs = Math.min(bake.for, Math.max(SETTLE_MS, SETTLE_TICKS * tick))
  const settle = { kind: 'hold', weight: 100, holdMs: settleMs, withinMs: bake.for * (1 + extendTimes) } as const
  if (bake.control === undefined) return [{ kind: 'verify-live' }, { kind: 'finalize' }]
  return [{ kind: 'shift', weight: 100 }, { kind: 'verify-live' }, settle, { kind: 'finalize' }]
}
