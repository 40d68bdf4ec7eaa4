/**
 * What the control plane can do, for the HTTP API and for whoever runs it in-process (demo, tests). Every method answers
 * data; a refusal is a `Refusal`, never an exception.
 */
import type { PlacedAlarm } from '../core/alarm.ts'
import type { Told } from '../core/say.ts'
import type { Forecast } from '../core/forecast/detectable-effect.ts'
import type { Artifact } from '../core/artifact.ts'
import type { Plan, PolicyChange } from '../core/plan.ts'
import type { SetChange } from '../core/set-changes.ts'
import type { Standing } from '../core/policy/govern.ts'
import type { HeldPolicy, Policy } from '../core/policy/policy.ts'
import type { PinnedArtifact, ReceivedData } from '../core/pinned.ts'
import type { KeptRehearsal, RehearsalRecord } from '../core/rollback-path.ts'
import type { Message } from '../core/rollout/message.ts'
import type { IncidentView } from '../core/incident/state.ts'
import type { Actor, Intent } from '../core/rollout/inputs.ts'
import type { EnvironmentView, RolloutView } from '../core/views.ts'
import type { Delivery, DeliveryFilter } from '../ports/deliveries.ts'
import type { TokenReach } from '../ports/identity.ts'
import type { LogLine } from '../ports/platform.ts'
import type { StoredEvent } from '../ports/store.ts'
import type { OnceKey } from '../ports/identity.ts'

/** Why something was not done: exit code and HTTP status follow from `kind`. */
export type Refusal = {
  readonly ok: false
  readonly kind: 'invalid' | 'not-found' | 'not-allowed' | 'conflict' | 'unavailable'
  /** What, where, why, and what to do; `problems` lists every single one for invalid input. */
  readonly message: string
  /** `message` as data, for other languages. */
  readonly said?: Told | undefined
  readonly problems: readonly {
    readonly where: string
    readonly message: string
    readonly said?: Told | undefined
  }[]
}

export type Answer<T> = { readonly ok: true; readonly value: T } | Refusal

export type SpecSource = {
  /** The text of stellwerk.yaml as its author wrote it. */
  readonly text: string
  /** For messages: `stellwerk.yaml`. */
  readonly file: string
  /** Absolute folder that relative paths of the spec start from. */
  readonly folder: string
}

export type PlanRequest = {
  readonly spec: SpecSource
  readonly environment: string
  readonly artifact: Artifact
  readonly flags: Readonly<Record<string, string>>
}

export type ComponentLogLine = LogLine & { readonly component: string }

export type PlannedRollout = { readonly plan: Plan; readonly planHash: string; readonly identity: string }

/** A plan with what its steps will see of it, at the traffic that was measured or declared. */
export type PlanPreview = PlannedRollout & {
  readonly forecast: Forecast
  /** Version that is live now; null when this would be the first release. Absent where nobody can know. */
  readonly previous?: string | null | undefined
  /** What changes in the set of components against what is live; absent where nobody can know. */
  readonly changes?: readonly SetChange[] | undefined
  /** How it stands to the policy held; null where no control plane that holds policies was asked. */
  readonly standing: Standing | null
}

/** What the caller may beyond the scope of the route. Absent: whoever runs the control plane calls it in-process. */
export type Terms = { readonly maySetPolicy: boolean; readonly reach: TokenReach }

export type RequestTerms = Partial<Terms> & {
  /** The plan that the caller was shown; another one is refused. Null: whatever it is. */
  readonly expectedPlanHash?: string | null
  /** Where what asks for it can be looked at: the address of a CI run (R-D15). */
  readonly run?: string | null
}

/** A rollout's plan as it stands in its first event, for whoever is to approve it. */
export type RolloutPlan = PlanPreview & { readonly rollout: RolloutView }

export type PinRequest = { readonly service: string; readonly artifact: Artifact }

export type SetPolicyRequest = {
  readonly source: SpecSource
  readonly environment: string
  /** Hash of the policy that was held when the difference was shown; null: none was. */
  readonly expected: string | null
  readonly note: string
}

export type PolicyProposal = {
  readonly service: string
  readonly environment: string
  readonly policy: Policy
  readonly hash: string
  readonly held: HeldPolicy | null
  /** Of the policy held; empty where none is. */
  readonly changes: readonly PolicyChange[]
}

/** What a person may want of an incident. */
export type IncidentIntent = { readonly type: 'acknowledge' } | { readonly type: 'resolve'; readonly note: string }

export type IncidentFilter = {
  readonly service?: string
  readonly environment?: string
  /** True: not resolved yet; false: resolved; absent: both. */
  readonly isOpen?: boolean
  readonly limit?: number
}

/** Dead letters to be sent again; `ids` null: all of the place. */
export type ReplayRequest = {
  readonly ids: readonly string[] | null
  readonly service?: string | undefined
  readonly environment?: string | undefined
}

/** Dead letters that nobody needs any more. */
export type DismissRequest = ReplayRequest & { readonly reason: string }

/** What a route can ask for: an event, a priority, everything. */
export type TestTopic = Message['event'] | Message['priority'] | '*'

export type TestRequest = {
  readonly source: SpecSource
  readonly environment: string
  /** Null: every route, each with the first that it asks for. */
  readonly on: TestTopic | null
}

/** What became of a test message at one route. */
export type TestedRoute = {
  /** Place in `notify`, from 0. */
  readonly route: number
  readonly on: readonly string[]
  readonly kind: string
  readonly to: string
  readonly event: Message['event']
  readonly outcome: 'delivered' | 'failed'
  /** The receipt, or why not. */
  readonly detail: string
}

export interface ControlPlane {
  plan(request: PlanRequest, terms?: Terms): Promise<Answer<PlanPreview>>
  /**
   * Starts (or queues) a rollout under the policy held. With `once`, a repetition is told what the first one was told and has
   * no effect; the same key for something else is refused as `invalid`. So for `intend`.
   */
  request(request: PlanRequest, by: Actor, once: OnceKey | null, terms?: RequestTerms): Promise<Answer<RolloutView>>
  /** Gives a person's intent to a rollout and answers the rollout as it is afterwards; a refusal by the core is `conflict` or `not-allowed`. */
  intend(rollout: string, intent: Intent, by: Actor, once?: OnceKey | null): Promise<Answer<RolloutView>>
  rollout(id: string): Promise<Answer<RolloutView>>
  rolloutPlan(id: string): Promise<Answer<RolloutPlan>>
  policies(): Promise<readonly HeldPolicy[]>
  /** Oldest first; empty where none is held. */
  policyHistory(service: string, environment: string): Promise<readonly HeldPolicy[]>
  /** What the spec proposes, and what that changes of the policy held. */
  proposePolicy(request: Pick<SetPolicyRequest, 'source' | 'environment'>): Promise<Answer<PolicyProposal>>
  setPolicy(request: SetPolicyRequest, by: Actor): Promise<Answer<HeldPolicy>>
  /** Keeps what a rehearsal proved of an environment's way back, for the gate `rollback-rehearsed`: the claim of whoever hands it over, under his name. */
  recordRehearsal(record: RehearsalRecord, by: Actor, once: OnceKey | null): Promise<Answer<KeptRehearsal>>
  /** Of each way back the newest one, the newest last; empty where none was handed over. */
  rehearsals(service: string, environment: string): Promise<readonly KeptRehearsal[]>
  /** What this version of the service is from now on; again with the same it changes nothing, with another it is `conflict`. */
  pin(request: PinRequest, by: Actor): Promise<Answer<PinnedArtifact>>
  pinned(service: string, version: string): Promise<Answer<PinnedArtifact>>
  /** Logs who handed content over, before it can be used. */
  recordContent(kept: ReceivedData, by: Actor): Promise<void>
  /** Has somebody handed this content over for this service? Only then its versions may be made of it. */
  wasHandedOver(service: string, digest: string): Promise<boolean>
  rollouts(filter: {
    readonly service?: string
    readonly environment?: string
    readonly limit?: number
  }): Promise<readonly RolloutView[]>
  /** Looks at routers and platforms now, so that what it says serves is what serves (law L10). */
  status(filter: { readonly service?: string; readonly environment?: string }): Promise<readonly EnvironmentView[]>
  /** Events of one rollout, or of everything, with `position > after`. */
  events(filter: {
    readonly rollout?: string
    readonly after: number
    readonly limit: number
  }): Promise<readonly StoredEvent[]>
  /** Calls `seen` after new events are there; returns the function that ends it. */
  listen(seen: (position: number) => void): Promise<() => Promise<void>>
  /** What the instances of this rollout printed, in either slot, the newest last; also after they were stopped. */
  logs(filter: {
    readonly rollout: string
    readonly component: string | null
    readonly lines: number
    /** Only lines of this moment or later; null: whenever. */
    readonly since: number | null
  }): Promise<Answer<readonly ComponentLogLine[]>>
  /** The newest first. */
  incidents(filter: IncidentFilter): Promise<readonly IncidentView[]>
  incident(id: string): Promise<Answer<IncidentView>>
  /** `conflict` where it is resolved already; `once` as for `request`. */
  intendIncident(id: string, intent: IncidentIntent, by: Actor, once?: OnceKey | null): Promise<Answer<IncidentView>>
  /** What became of messages at each route that asked for them, the newest first. */
  notifications(filter: DeliveryFilter): Promise<readonly Delivery[]>
  replayNotifications(
    request: ReplayRequest,
    once?: OnceKey | null,
    reach?: TokenReach,
  ): Promise<Answer<readonly Delivery[]>>
  dismissNotifications(
    request: DismissRequest,
    by: Actor,
    once?: OnceKey | null,
    reach?: TokenReach,
  ): Promise<Answer<readonly Delivery[]>>
  /** Sends a test by the routes of a spec, and waits for what becomes of it. */
  testNotifications(request: TestRequest, reach?: TokenReach): Promise<Answer<readonly TestedRoute[]>>
  /** Recomputes the Merkle tree from every event and compares leaves, size, root and signature of the checkpoints. */
  verifyAudit(): Promise<AuditReport>
  /** What to keep elsewhere: the verifier key, and a checkpoint over the log as it is now (null: nothing is logged yet). */
  auditCheckpoint(): Promise<{ readonly key: string; readonly checkpoint: string | null }>
  /** The whole log as text lines which `stellwerk audit verify --file` checks without us. */
  exportAudit(): AsyncIterable<string>
  health(): Promise<Readiness>
}

/** Whether the control plane itself can do its work. */
export type Health = {
  readonly ok: boolean
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[]
}

/** With what is wrong in its environments, which makes nobody unready. */
export type Readiness = Health & { readonly alarms: readonly PlacedAlarm[] }

export type AuditReport = {
  /** Intact, and held against a key or a checkpoint that the log did not bring itself. */
  readonly ok: boolean
  readonly verdict: 'intact' | 'not-intact' | 'unproven'
  /** Sentences: what is certain now, and what this check cannot say. */
  readonly proven: readonly string[]
  readonly unproven: readonly string[]
  readonly events: number
  readonly root: string
  /** Every deviation: position, what was expected, what was found. */
  readonly problems: readonly { readonly position: number | null; readonly message: string }[]
  readonly checkpoints: number
}
