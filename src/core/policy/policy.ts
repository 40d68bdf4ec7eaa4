/**
 * What an environment demands of every release, whoever asks for it: who must consent, which gates must pass, what a
 * candidate is judged by, and who may weaken that. The control plane holds it; a release's own spec only proposes the next
 * one (issue 7, C4: a requester does not choose his own approvals).
 *
 * Part of it: people and accounts, the jobs of a forge that may ask, approvals, gates with their options, analysis rules with the least evidence and the
 * length of hold and bake and the share that stays on live for it, where its numbers come from and how often, and `weaken`. Not part of it, since it changes with releases and an approver reads it in the
 * plan: smoke tests, migrations, components and their configuration, traffic steps, notifications.
 */
import type { KnownStep } from '../rollout/steps/index.ts'
import type { Rule } from '../analysis/rules.ts'
import { SEGMENTS_MAX, SEQUENTIAL_DEFAULTS } from '../analysis/sequential/options.ts'
import {
  type AdapterOptions,
  controlShare,
  type Dimension,
  type Plan,
  type PlannedApproval,
  type PlannedGate,
  type PolicyChange,
  type Step,
  type Weaken,
} from '../plan.ts'
import type { CiGrant } from '../ci.ts'
import type { Instant } from '../time.ts'

/** Reading numbers this often, as the spec's default does, is no weaker than more often. */
export const TICK_MS = 5000

/** How a candidate may begin where nothing is said. */
export const USUAL = {
  warmUpMs: SEQUENTIAL_DEFAULTS.warmUpMs,
  patienceMs: SEQUENTIAL_DEFAULTS.patienceMs,
  segments: SEGMENTS_MAX,
} as const

export const DIMENSIONS: readonly Dimension[] = ['approvals', 'people', 'gates', 'analysis']

export type Policy = {
  readonly format: 1
  /** Ids of people by role, of the roles that are asked for something: `{ maintainer: ["person:kim"] }`. */
  readonly people: Readonly<Record<string, readonly string[]>>
  /** Whose account is whose: `{ "mail:8d9f…": "person:kim" }`; an address stands here only as its digest (law L11). */
  readonly accounts: Readonly<Record<string, string>>
  /** Jobs of a forge that may ask for releases; absent: none. */
  readonly ci?: readonly CiGrant[]
  readonly approvals: readonly { readonly role: string; readonly at: 'start' | 'go-no-go' }[]
  readonly gates: readonly Pick<PlannedGate, 'kind' | 'options'>[]
  readonly analysis: {
    readonly rules: readonly Rule[]
    readonly minRequests: number
    /** Shortest hold below 100 %; null where there is none. */
    readonly holdMs: number | null
    readonly bakeMs: number
    /** The share that stays on live while the candidate bakes, in percent; absent: none. */
    readonly control?: number
    /** How long a rule may be without numbers while users are on the candidate; absent: the default. */
    readonly noDataForMs?: number
    /** Where the numbers come from; absent: the router's own, which nobody's service can make up. */
    readonly metrics?: AdapterOptions
    /** How often they are read; absent: at least every `TICK_MS`. */
    readonly tickMs?: number
    /** How long a candidate is not compared, and how long a difference is held; absent: as usual, or nothing is compared. */
    readonly warmUpMs?: number
    readonly patienceMs?: number
    /** How many segments of the traffic are judged by themselves; absent: as usual, or nothing is compared. */
    readonly segments?: number
  }
  readonly weaken: Weaken
  /** Release windows and freezes; reserved. */
  readonly calendar: null
}

/** One policy as it is held: which one, since when, by whom, and how it came to be. */
export type HeldPolicy = {
  readonly service: string
  readonly environment: string
  /** Counts from 1 with every change. */
  readonly version: number
  /** `sha256:…` over the policy's canonical JSON. */
  readonly hash: string
  readonly policy: Policy
  readonly at: Instant
  readonly by: string
  readonly how: PolicyCause
  /** The rollout that brought it, or null after `policy set`. */
  readonly rollout: string | null
  readonly note: string
  readonly changes: readonly PolicyChange[]
}

/** `set`: by somebody who may. `adopted`: the first one, with a release. `changed`: with a release, by the consent it needed. */
export type PolicyCause = 'set' | 'adopted' | 'changed'

export type PolicySet = Omit<HeldPolicy, 'version' | 'at'>

export function policyStream(service: string, environment: string): string {
  return `policy:${service}/${environment}`
}

/** What a plan's own spec proposes as policy: what was added to the plan by the policy held is not its own. */
export function policyOf(plan: Plan): Policy {
  const { people = {}, accounts = {}, weaken = {}, ci = [] } = plan.policy ?? {}
  const { rules, minRequests } = plan.analysis
  return {
    format: 1,
    people,
    accounts,
    ...(ci.length === 0 ? {} : { ci }),
    approvals: plan.approvals.flatMap(({ role, at, from }) =>
      from === undefined && at !== 'policy' ? [{ role, at }] : [],
    ),
    gates: plan.gates.map(({ kind, options }) => ({ kind, options })),
    analysis: { rules, minRequests, holdMs: shortestHold(plan.steps), bakeMs: bakeOf(plan.steps), ...beside(plan) },
    weaken,
    calendar: null,
  }
}

export function shortestHold(steps: readonly Step[]): number | null {
  const holds = steps.flatMap(({ kind, weight, holdMs = 0 }) => (kind === 'hold' && weight !== 100 ? [holdMs] : []))
  return holds.length === 0 ? null : Math.min(...holds)
}

/** A policy that was held before these were part of it is the same policy where they are as usual. */
function beside({
  timings,
  metrics,
  steps,
  analysis,
}: Plan): Pick<
  Policy['analysis'],
  'control' | 'noDataForMs' | 'metrics' | 'tickMs' | 'warmUpMs' | 'patienceMs' | 'segments'
> {
  const { noDataForMs, tickMs } = timings
  const control = controlShare(steps)
  const { warmUpMs = USUAL.warmUpMs, patienceMs = USUAL.patienceMs } = analysis
  const segments = analysis.segments ? analysis.segments.declared.length + analysis.segments.learn : USUAL.segments
  return {
    ...(control === 0 ? {} : { control }),
    ...(noDataForMs === undefined ? {} : { noDataForMs }),
    ...(metrics.kind === 'router' ? {} : { metrics }),
    ...(tickMs <= TICK_MS ? {} : { tickMs }),
    ...(warmUpMs === USUAL.warmUpMs ? {} : { warmUpMs }),
    ...(patienceMs === USUAL.patienceMs ? {} : { patienceMs }),
    ...(segments === USUAL.segments ? {} : { segments }),
  }
}

function bakeOf(steps: readonly Step[]): number {
  return steps.reduce((longest, { kind, holdMs = 0 }) => (kind === 'bake' ? Math.max(longest, holdMs) : longest), 0)
}

/** Consent comes before anything of the requester's runs: facts first, then people, then the requester's own commands. */
export function consentSteps(
  gates: readonly Pick<PlannedGate, 'id' | 'runs'>[],
  approvals: readonly Pick<PlannedApproval, 'id'>[],
): readonly KnownStep[] {
  const all = { kind: 'gates' } as const
  if (approvals.length === 0) return gates.length > 0 ? [all] : []
  const ids = (wanted: readonly (typeof gates)[number][]) => wanted.map(({ id }) => id)
  const facts = gates.filter(({ runs }) => runs === undefined)
  const commands = gates.filter(({ runs }) => runs !== undefined)
  if (commands.length === 0) return [...(gates.length > 0 ? [all] : []), { kind: 'approvals' }]
  return [
    ...(facts.length > 0 ? [{ ...all, gates: ids(facts) }] : []),
    { kind: 'approvals' },
    { ...all, gates: ids(commands) },
  ]
}
