/**
 * A plan is data: an explicit, ordered list of typed steps for one artifact in one environment. It is printed, hashed,
 * approved and stored in the rollout's first event, and never compiled again under way (design §6).
 */
import type { SegmentsAsked } from './analysis/sequential/options.ts'
import type { Rule } from './analysis/rules.ts'
import type { Artifact, ArtifactComponent } from './artifact.ts'
import type { CiGrant } from './ci.ts'
import { canonicalJson, type Json } from './json.ts'
import type { Sentence } from './say.ts'

/** Options of an adapter, as its zod schema read them: `{ kind: "process", command: "node server.js" }`. */
export type AdapterOptions = { readonly kind: string; readonly [option: string]: Json | undefined }

/** Where a secret is read when it is needed. The reference is in the plan, the value never is (law L11). */
export type SecretReference = AdapterOptions

/** `env DATABASE_URL`, `file /run/secrets/db`: where a secret is read, for people. */
export function secretText({ kind, ...where }: SecretReference): string {
  const parts = Object.values(where).filter((part) => typeof part === 'string' || typeof part === 'number')
  return [kind, ...parts].join(' ')
}

/** What a router tells of itself: `listen` is the address it opens for users, where it opens one on this machine. */
export type Routing = { readonly listen: string | null; readonly keepsSessions: boolean }

/** Who counts requests, errors and latencies, how often the numbers change (null: with every request), and where it is. */
export type Counting = {
  readonly by: 'router' | 'source'
  readonly everyMs: number | null
  readonly host: string | null
}

/** What users usually do to one component: requests per second of all of them, and live's share of errors, 0-1. */
export type ExpectedTraffic = { readonly requestsPerSecond: number; readonly errorRate: number }

export type PlannedComponent = {
  readonly name: string
  readonly artifact: ArtifactComponent
  readonly platform: AdapterOptions
  /** Null for a component that gets no traffic from a router (a worker). */
  readonly router: AdapterOptions | null
  /** Absent in plans of 0.1.0. */
  readonly routing?: Routing
  /** What its users usually do, where the spec says; nothing is decided by it, but what the steps can see is foretold. */
  readonly traffic?: ExpectedTraffic
  readonly instances: number
  readonly health: { readonly live: string; readonly ready: string }
  readonly variables: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, SecretReference>>
}

export type PlannedGate = {
  readonly id: string
  readonly kind: string
  readonly options: Readonly<Record<string, Json>>
  /** Set where checking it runs something of the requester's: it waits for the approvals. */
  readonly runs?: 'command'
}

export type PlannedApproval = {
  readonly id: string
  readonly role: string
  /** `policy`: the consent to a release that weakens the policy held. */
  readonly at: 'start' | 'go-no-go' | 'policy'
  /** The people who hold the role by name, as `person:kim`; a token may carry the role as well. */
  readonly people: readonly string[]
  /** Set where the policy held demands it, and the release's own spec does not. */
  readonly from?: 'policy'
}

export type PlannedSmoke = {
  readonly name: string
  readonly component: string
  readonly method: string
  readonly path: string
  /** A header's value, or the name of one of the component's secrets. */
  readonly headers: Readonly<Record<string, string | { readonly secret: string }>>
  readonly body: Json
  readonly expect: { readonly status: readonly number[]; readonly json: Readonly<Record<string, Json>> }
  /** Sends `Dry-Run: true`: the service checks everything and changes nothing (R-D05). */
  readonly dryRun: boolean
  readonly timeoutMs: number
}

/** One command line in a component's artifact folder, run without a shell. */
export type PlannedCommand = { readonly component: string; readonly command: string }

/**
 * One step as a plan holds it. What it does is known to its kind alone (`rollout/steps/`), and which of this it needs.
 */
export type Step = {
  readonly kind: string
  /** Ids of gates. */
  readonly gates?: readonly string[]
  readonly component?: string
  readonly instances?: number
  /** Percent of the traffic for the candidate; absent of a bake: all of it. */
  readonly weight?: number
  readonly holdMs?: number
  /** How long it may last where evidence is missing; absent: `timings.extendTimes` decides. */
  readonly withinMs?: number
}

/** The same on the way back: which of these a rollback takes depends on where it starts (`rollbackPlanFrom`). */
export type RollbackStep = Step

/** Every duration of a rollout, ms. `*LimitMs` are deadlines: what happens then stands with each step. */
export type Timings = {
  /** Length of one analysis tick: how often metrics are read while users are on the candidate. */
  readonly tickMs: number
  /** How often slots and routes are checked while waiting for them. */
  readonly pollMs: number
  readonly queueLimitMs: number
  readonly gatesLimitMs: number
  readonly approvalsLimitMs: number
  readonly startLimitMs: number
  readonly migrateLimitMs: number
  readonly smokeLimitMs: number
  readonly shiftLimitMs: number
  /** A hold or bake that lacks evidence is extended up to this many times its own length. */
  readonly extendTimes: number
  readonly drainLimitMs: number
  /** How long a pause, or a question to a person, may last before the candidate is taken back. */
  readonly pauseLimitMs: number
  readonly rollbackLimitMs: number
  readonly watchMs: number
  readonly rollbackWindowMs: number
  /** Time after which an order without an answer counts as `unknown` and is given again. */
  readonly commandLimitMs: number
  readonly slowCommandLimitMs: number
  /** How long platform or router may not be seen while users are on the candidate; absent in plans of earlier versions. */
  readonly lookLimitMs?: number
  /** The same of metrics, unless a person says that it shall wait; absent in plans of earlier versions. */
  readonly noDataForMs?: number
}

/** `requester`: a token that may deploy is enough. Undefined: the roles of `approvals`, or else only `policy set`. */
export type Weaken = {
  readonly approvals?: readonly string[] | undefined
  readonly people?: readonly string[] | undefined
  readonly gates?: readonly string[] | 'requester' | undefined
  readonly analysis?: readonly string[] | 'requester' | undefined
}

export type Dimension = keyof Weaken

export type PolicyChange = {
  readonly dimension: Dimension
  readonly direction: 'weaker' | 'stronger'
  /** One sentence for people: `the approval as maintainer (start) is no longer asked for`. */
  readonly text: string
  /** `text` as data, for other languages; absent in logs of 0.1.0. */
  readonly said?: Sentence | undefined
}

/** What the spec proposes as policy beyond what stands in the plan anyway, and what that changes of the one held. */
export type PlannedPolicy = {
  /** Ids of people by role, of the roles that are asked for something. */
  readonly people: Readonly<Record<string, readonly string[]>>
  readonly accounts: Readonly<Record<string, string>>
  /** Jobs of a forge that may release here; absent: none. */
  readonly ci?: readonly CiGrant[]
  readonly weaken: Weaken
  /** The policy that the control plane held when it planned this; null: none. Absent: planned without asking it. */
  readonly held?: { readonly version: number; readonly hash: string } | null
  readonly changes: readonly PolicyChange[]
}

export type Plan = {
  readonly format: 1
  readonly service: string
  readonly environment: string
  readonly artifact: Artifact
  readonly strategy: 'blue-green' | 'canary'
  readonly concurrency: 'queue' | 'supersede'
  /** In the order in which they are deployed; all shift together and return together. */
  readonly components: readonly PlannedComponent[]
  readonly gates: readonly PlannedGate[]
  readonly approvals: readonly PlannedApproval[]
  readonly migration: {
    readonly kind: string
    readonly expand: PlannedCommand
    readonly down: PlannedCommand | null
  } | null
  readonly smoke: readonly PlannedSmoke[]
  readonly metrics: AdapterOptions
  /** Absent in plans of 0.1.0. */
  readonly counting?: Counting
  readonly analysis: {
    readonly rules: readonly Rule[]
    readonly minRequests: number
    /** How long a candidate may take to warm up before it is compared with live, and how long a difference is then held. */
    readonly warmUpMs?: number
    readonly patienceMs?: number
    /** What of the traffic is judged by itself as well; absent: nothing, as in plans of earlier versions. */
    readonly segments?: SegmentsAsked
  }
  readonly mitigate: readonly PlannedCommand[]
  /** Time until users are back. `rpoMs` stands in plans of 0.1.0, which held nothing against it. */
  readonly targets: { readonly rtoMs: number; readonly rpoMs?: number }
  /** `language`: absent is English. */
  readonly notify: readonly {
    readonly on: readonly string[]
    readonly to: AdapterOptions
    readonly language?: 'de' | undefined
  }[]
  /** Release inputs beside the artifact (R-A09), recorded and handed to the instances as `STELLWERK_FLAG_<NAME>`. */
  readonly flags: Readonly<Record<string, string>>
  readonly timings: Timings
  readonly steps: readonly Step[]
  /** Absent in plans that were recorded before the control plane held policies, and in rehearsals. */
  readonly policy?: PlannedPolicy
}

export type PlanProblem = { readonly interlock: string; readonly message: string }

/** The steps that run: a first release has nothing beside it, so no share of traffic to split (R-A06). */
export function stepsThatRun(plan: Pick<Plan, 'steps'>, isFirst: boolean): readonly Step[] {
  if (!isFirst) return plan.steps
  return withoutControl(plan.steps).filter(
    ({ kind, weight = 100 }) => !((kind === 'shift' || kind === 'hold') && weight < 100),
  )
}

/** The share that stays on live while the candidate bakes, in percent; 0: the bake is at 100 %. */
export function controlShare(steps: readonly Step[]): number {
  return 100 - (steps.find(({ kind }) => kind === 'bake')?.weight ?? 100)
}

/** The same steps with the bake at 100 %. */
function withoutControl(steps: readonly Step[]): readonly Step[] {
  if (controlShare(steps) === 0) return steps
  const rest = steps.filter(({ kind, weight }) => kind !== 'bake' && !(kind === 'hold' && weight === 100))
  const baked = steps.flatMap(({ kind, holdMs = 0 }) => (kind === 'bake' ? [{ kind, holdMs }] : []))
  return rest.toSpliced(rest.findLastIndex(({ kind }) => kind === 'shift') + 1, 0, ...baked)
}

/** Index of the shift to the share that bakes: what has no router starts right before it. */
export function bakedShift(steps: readonly Step[]): number {
  const bake = steps.findLastIndex(({ kind }) => kind === 'bake')
  return steps.slice(0, bake < 0 ? steps.length : bake).findLastIndex(({ kind }) => kind === 'shift')
}

export function component(plan: Plan, name: string): PlannedComponent {
  const found = plan.components.find((candidate) => candidate.name === name)
  if (!found) throw new Error(`the plan has no component "${name}"`)
  return found
}

/**
 * Those that start at the switch and not beside live: no router leads to them, so running is working. Plans of earlier
 * versions deploy them like the others.
 */
export function workersOf({ components, steps }: Pick<Plan, 'components' | 'steps'>): readonly PlannedComponent[] {
  const deployed = steps.flatMap(({ kind, component }) => (kind === 'deploy' ? [component] : []))
  return components.filter(({ name, router }) => router === null && !deployed.includes(name))
}

export function routedComponents(plan: Plan): readonly PlannedComponent[] {
  return plan.components.filter(({ router }) => router !== null)
}

/** What approvals are bound to (law L7): the hash over the plan's one text. `sha256` answers hex digits. */
export function planHash(plan: Plan, sha256: (text: string) => string): string {
  return `sha256:${sha256(canonicalJson(plan))}`
}
