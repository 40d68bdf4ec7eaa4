import { createHash } from 'node:crypto'
import type { Json } from '../core/json.ts'
import type { Plan } from '../core/plan.ts'
import { planOutlook } from '../core/plan-outlook.ts'
import type { EventData, RolloutEventType } from '../core/rollout/events.ts'
import type { Actor } from '../core/rollout/inputs.ts'
import { instant } from '../core/time.ts'
import type { EnvironmentView, RolloutView } from '../core/views.ts'
import type {
  Answer,
  AuditReport,
  ControlPlane,
  Intent,
  PlannedRollout,
  PlanPreview,
  PlanRequest,
  Refusal,
  ComponentLogLine,
} from '../engine/control-plane.ts'
import type { OnceKey, StoredEvent } from '../ports/store.ts'
import { examplePlan, exampleRollout } from './example-rollout.ts'

type Method = 'plan' | 'request' | 'intend' | 'rollout' | 'logs'

/**
 * A control plane in memory that does only what a test tells it: it keeps rollouts and events as they are given, tells
 * listeners, and records what it was asked. It judges nothing.
 *
 * ```ts
 * const fake = new FakeControlPlane()
 * fake.onRequest = (rollout) => fake.end(rollout.id, 'finalized', 0)
 * ```
 */
export class FakeControlPlane implements ControlPlane {
  readonly log: StoredEvent[] = []
  readonly asked: { readonly request: PlanRequest; readonly by: Actor; readonly key: string | null }[] = []
  readonly intents: { readonly rollout: string; readonly intent: Intent; readonly by: Actor }[] = []
  /** What a method answers instead of what it would. */
  readonly refusals: Partial<Record<Method, Refusal>> = {}
  onRequest: (rollout: RolloutView) => unknown = () => {}
  onIntent: (rollout: RolloutView, intent: Intent) => unknown = () => {}
  environments: readonly EnvironmentView[] = []
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

  async plan(request: PlanRequest): Promise<Answer<PlanPreview>> {
    const value = planned(request)
    return this.refusals.plan ?? { ok: true, value: { ...value, outlook: planOutlook(value.plan) } }
  }

  async request(request: PlanRequest, by: Actor, once: OnceKey | null): Promise<Answer<RolloutView>> {
    const key = once && `${once.owner} ${once.key}`
    this.asked.push({ request, by, key })
    if (this.refusals.request) return this.refusals.request
    const known = key === null ? undefined : this.#byKey.get(key)
    if (known !== undefined) return this.rollout(known)
    const id = `r-${this.#rollouts.size + 1}`
    if (key !== null) this.#byKey.set(key, id)
    const { plan, planHash, identity } = planned(request)
    const { service, environment, artifact } = plan
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
    return { ok: this.healthy, checks: [{ name: 'database', ok: this.healthy, detail }] }
  }
}

function planned(request: PlanRequest): PlannedRollout {
  const service = /^service: *(?<name>\S+)/m.exec(request.spec.text)?.groups?.['name'] ?? 'shop'
  const { environment, artifact, flags } = request
  const plan: Plan = { ...examplePlan(), service, environment, artifact, flags }
  const digest = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex')
  return { plan, planHash: digest(plan), identity: digest(artifact) }
}

function matches(
  { service, environment }: { service: string; environment: string },
  wanted: { service?: string; environment?: string },
): boolean {
  return (wanted.service ?? service) === service && (wanted.environment ?? environment) === environment
}
