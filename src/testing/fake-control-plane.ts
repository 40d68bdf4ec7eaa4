import type { PlacedAlarm } from '../core/alarm.ts'
import { createHash } from 'node:crypto'
import type { Json } from '../core/json.ts'
import type { Plan } from '../core/plan.ts'
import type { Standing } from '../core/policy/govern.ts'
import { type HeldPolicy, policyOf } from '../core/policy/policy.ts'
import { planForecast } from '../core/forecast/plan-forecast.ts'
import type { PinnedArtifact, ReceivedData } from '../core/pinned.ts'
import type { KeptRehearsal, RehearsalRecord } from '../core/rollback-path.ts'
import type { EventData, RolloutEventType } from '../core/rollout/events.ts'
import type { Actor, Intent } from '../core/rollout/inputs.ts'
import { instant } from '../core/time.ts'
import type { EnvironmentView, RolloutView } from '../core/views.ts'
import type {
  Answer,
  AuditReport,
  ControlPlane,
  PlannedRollout,
  PlanPreview,
  PlanRequest,
  PinRequest,
  PolicyProposal,
  SetPolicyRequest,
  Refusal,
  RequestTerms,
  RolloutPlan,
  Terms,
  ComponentLogLine,
} from '../engine/control-plane.ts'
import { reaches } from '../ports/identity.ts'
import type { StoredEvent } from '../ports/store.ts'
import type { OnceKey } from '../ports/identity.ts'
import { examplePlan, exampleRollout } from './example-rollout.ts'
import { FakeDisturbances, matches, serviceOf } from './fake-disturbances.ts'

type Method =
  | 'plan'
  | 'request'
  | 'intend'
  | 'rollout'
  | 'rolloutPlan'
  | 'logs'
  | 'proposePolicy'
  | 'setPolicy'
  | 'recordRehearsal'

/**
 * A control plane in memory that does only what a test tells it: it keeps rollouts and events as they are given, tells
 * listeners, and records what it was asked. It judges nothing.
 *
 * ```ts
 * const fake = new FakeControlPlane()
 * fake.onRequest = (rollout) => fake.end(rollout.id, 'finalized', 0)
 * ```
 */
export class FakeControlPlane extends FakeDisturbances implements ControlPlane {
  readonly log: StoredEvent[] = []
  readonly asked: {
    readonly request: PlanRequest
    readonly by: Actor
    readonly key: string | null
    readonly terms: RequestTerms
  }[] = []
  readonly intents: { readonly rollout: string; readonly intent: Intent; readonly by: Actor }[] = []
  /** What a method answers instead of what it would. */
  readonly refusals: Partial<Record<Method, Refusal>> = {}
  onRequest: (rollout: RolloutView) => unknown = () => {}
  onIntent: (rollout: RolloutView, intent: Intent) => unknown = () => {}
  environments: readonly EnvironmentView[] = []
  alarms: readonly PlacedAlarm[] = []
  /** Policies held, oldest first. */
  held: readonly HeldPolicy[] = []
  standing: Standing | null = { kind: 'same' }
  /** Handed over, the newest last. */
  rehearsed: readonly KeptRehearsal[] = []
  pins: readonly PinnedArtifact[] = []
  received: readonly ReceivedData[] = []
  logLines: readonly ComponentLogLine[] = []
  auditReport: AuditReport = {
    ok: true,
    verdict: 'intact',
    proven: ['no events are signed'],
    unproven: [],
    events: 0,
    root: 'AA==',
    problems: [],
    checkpoints: 0,
  }
  auditCheckpointNote: string | null = 'stellwerk/test\n1\nAA==\n\n— stellwerk/test AA==\n'
  healthy = true
  readonly #rollouts = new Map<string, RolloutView>()
  readonly #byKey = new Map<string, string>()
  readonly #plans = new Map<string, Plan>()
  readonly #listeners = new Set<(position: number) => void>()

  get listeners(): number {
    return this.#listeners.size
  }

  /** Appends one event to a rollout's stream. */
  append<T extends RolloutEventType>(rollout: string, type: T, data: EventData<T>, actor = 'system'): StoredEvent {
    const version = this.log.filter(({ stream }) => stream === rollout).length + 1
    const position = this.log.length + 1
    const event = { position, stream: rollout, version, at: instant(Date.now()), actor, type, data: data as Json }
    this.log.push(event)
    for (const seen of this.#listeners) seen(position)
    return event
  }

  /** Puts a rollout there, or changes the one that is. */
  put(id: string, facts: Partial<RolloutView> = {}): RolloutView {
    const before = this.#rollouts.get(id) ?? exampleRollout(id)
    const view = { ...before, ...facts, id, updatedAt: instant(Date.now()) }
    this.#rollouts.set(id, view)
    return view
  }

  /** Ends a rollout with the event that belongs to the phase. */
  end(id: string, phase: 'finalized' | 'aborted' | 'rolled-back' | 'needs-human', exitCode: number, reason = ''): void {
    this.put(id, { phase, final: true, exitCode, waiting: null, reason: reason === '' ? null : reason })
    const retireAt = instant(Date.now() + 86_400_000)
    if (phase === 'finalized') this.append(id, 'Finalized', { slot: 'green', retireAt })
    if (phase === 'aborted') this.append(id, 'Aborted', { reason, cause: 'gate' })
    if (phase === 'rolled-back') this.append(id, 'RolledBack', { reason, trafficBackMs: 420 })
    if (phase === 'needs-human') this.append(id, 'NeedsHuman', { reason, todo: 'look at the router' })
  }

  async plan(request: PlanRequest, terms?: Terms): Promise<Answer<PlanPreview>> {
    const value = planned(request)
    const beyond = outOfReach(value, terms)
    if (beyond) return beyond
    const { standing } = this
    return this.refusals.plan ?? { ok: true, value: { ...value, forecast: planForecast(value.plan), standing } }
  }

  async request(
    request: PlanRequest,
    by: Actor,
    once: OnceKey | null,
    terms: RequestTerms = {},
  ): Promise<Answer<RolloutView>> {
    const key = once && `${once.owner} ${once.key}`
    this.asked.push({ request, by, key, terms })
    const beyond = this.refusals.request ?? outOfReach(planned(request), terms)
    if (beyond) return beyond
    const known = key === null ? undefined : this.#byKey.get(key)
    if (known !== undefined) return this.rollout(known)
    const id = `r-${this.#rollouts.size + 1}`
    if (key !== null) this.#byKey.set(key, id)
    const { plan, planHash, identity } = planned(request)
    const { service, environment, artifact } = plan
    this.#plans.set(id, plan)
    const rollout = this.put(id, { service, environment, version: artifact.version, planHash, identity })
    await this.onRequest(rollout)
    return this.rollout(id)
  }

  async intend(rollout: string, intent: Intent, by: Actor): Promise<Answer<RolloutView>> {
    this.intents.push({ rollout, intent, by })
    const found = await this.rollout(rollout)
    if (this.refusals.intend || !found.ok) return this.refusals.intend ?? found
    await this.onIntent(found.value, intent)
    return this.rollout(rollout)
  }

  async rollout(id: string): Promise<Answer<RolloutView>> {
    const value = this.#rollouts.get(id)
    if (this.refusals.rollout) return this.refusals.rollout
    return value ? { ok: true, value } : { ok: false, kind: 'not-found', message: `no rollout "${id}"`, problems: [] }
  }

  async rolloutPlan(id: string): Promise<Answer<RolloutPlan>> {
    const found = await this.rollout(id)
    if (this.refusals.rolloutPlan || !found.ok) return this.refusals.rolloutPlan ?? (found as Refusal)
    const rollout = found.value
    const { planHash, identity, service, environment } = rollout
    const plan = this.#plans.get(id) ?? { ...examplePlan(), service, environment }
    return {
      ok: true,
      value: { plan, planHash, identity, forecast: planForecast(plan), standing: this.standing, rollout },
    }
  }

  async policies(): Promise<readonly HeldPolicy[]> {
    return this.held
  }

  async policyHistory(service: string, environment: string): Promise<readonly HeldPolicy[]> {
    return this.held.filter((each) => each.service === service && each.environment === environment)
  }

  async proposePolicy({
    source,
    environment,
  }: Pick<SetPolicyRequest, 'source' | 'environment'>): Promise<Answer<PolicyProposal>> {
    const service = serviceOf(source.text)
    const held = (await this.policyHistory(service, environment)).at(-1) ?? null
    const policy = policyOf({ ...examplePlan(), service, environment })
    const changes = this.standing?.kind === 'changed' ? this.standing.changes : []
    const value = { service, environment, policy, hash: 'sha256:proposed', held, changes }
    return this.refusals.proposePolicy ?? { ok: true, value }
  }

  async setPolicy(request: SetPolicyRequest, by: Actor): Promise<Answer<HeldPolicy>> {
    const proposed = await this.proposePolicy(request)
    if (this.refusals.setPolicy || !proposed.ok) return this.refusals.setPolicy ?? (proposed as Refusal)
    const { held, ...facts } = proposed.value
    const version = (held?.version ?? 0) + 1
    const set = { by: by.id, how: 'set', rollout: null, note: request.note, at: instant(Date.now()), version } as const
    const value = { ...facts, ...set }
    this.held = [...this.held, value]
    return { ok: true, value }
  }

  async recordRehearsal(record: RehearsalRecord, by: Actor): Promise<Answer<KeptRehearsal>> {
    const value = { record, by: by.id, keptAt: instant(Date.now()) }
    if (this.refusals.recordRehearsal) return this.refusals.recordRehearsal
    this.rehearsed = [...this.rehearsed, value]
    return { ok: true, value }
  }

  async rehearsals(service: string, environment: string): Promise<readonly KeptRehearsal[]> {
    return this.rehearsed.filter(({ record }) => matches(record, { service, environment }))
  }

  async pin(request: PinRequest, by: Actor): Promise<Answer<PinnedArtifact>> {
    const value = { ...request, by: by.id, pinnedAt: instant(Date.now()) }
    this.pins = [...this.pins, value]
    return { ok: true, value }
  }

  async pinned(service: string, version: string): Promise<Answer<PinnedArtifact>> {
    const value = this.pins.find((pin) => pin.service === service && pin.artifact.version === version)
    return value ? { ok: true, value } : { ok: false, kind: 'not-found', message: version, problems: [] }
  }

  async recordContent(kept: ReceivedData): Promise<void> {
    this.received = [...this.received, kept]
  }

  async wasHandedOver(service: string, digest: string): Promise<boolean> {
    return this.received.some((kept) => kept.service === service && kept.digest === digest)
  }

  async rollouts(filter: { service?: string; environment?: string; limit?: number }): Promise<readonly RolloutView[]> {
    const found = [...this.#rollouts.values()].filter((rollout) => matches(rollout, filter))
    return found.reverse().slice(0, filter.limit)
  }

  async status(filter: { service?: string; environment?: string }): Promise<readonly EnvironmentView[]> {
    return this.environments.filter((environment) => matches(environment, filter))
  }

  async events(filter: { rollout?: string; after: number; limit: number }): Promise<readonly StoredEvent[]> {
    const { rollout, after, limit } = filter
    const there = this.log.filter(({ position, stream }) => position > after && (rollout ?? stream) === stream)
    return there.slice(0, limit)
  }

  async listen(seen: (position: number) => void): Promise<() => Promise<void>> {
    this.#listeners.add(seen)
    return async () => {
      this.#listeners.delete(seen)
    }
  }

  async logs(filter: Parameters<ControlPlane['logs']>[0]): ReturnType<ControlPlane['logs']> {
    const found = await this.rollout(filter.rollout)
    if (this.refusals.logs || !found.ok) return this.refusals.logs ?? (found as Refusal)
    const wanted = this.logLines.filter(
      ({ component, at }) =>
        (filter.component === null || component === filter.component) && (filter.since === null || at >= filter.since),
    )
    return { ok: true, value: wanted.slice(-filter.lines) }
  }

  async verifyAudit(): Promise<AuditReport> {
    return this.auditReport
  }

  async auditCheckpoint(): ReturnType<ControlPlane['auditCheckpoint']> {
    return { key: 'stellwerk/test+00000000+AA==', checkpoint: this.auditCheckpointNote }
  }

  async *exportAudit(): AsyncIterable<string> {
    for (const event of this.log) yield JSON.stringify(event)
  }

  async health(): ReturnType<ControlPlane['health']> {
    const detail = this.healthy ? 'answers' : 'does not answer'
    return { ok: this.healthy, checks: [{ name: 'database', ok: this.healthy, detail }], alarms: this.alarms }
  }
}

function outOfReach({ plan }: PlannedRollout, terms?: Partial<Terms>): Refusal | null {
  if (!terms?.reach || reaches(terms.reach, plan)) return null
  return { ok: false, kind: 'not-allowed', message: 'out of reach', problems: [] }
}

function planned(request: PlanRequest): PlannedRollout {
  const service = serviceOf(request.spec.text)
  const { environment, artifact, flags } = request
  const plan: Plan = { ...examplePlan(), service, environment, artifact, flags }
  const digest = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex')
  return { plan, planHash: digest(plan), identity: digest(artifact) }
}
