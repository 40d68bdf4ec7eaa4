/** The control plane's methods over engine and store: see `ControlPlane` for what each promises. */
import type { Actor, PersonRequest } from '../core/rollout/inputs.ts'
import type { RolloutState } from '../core/rollout/state.ts'
import { candidateOf } from '../core/rollout/state.ts'
import { planOutlook } from '../core/plan-outlook.ts'
import { viewOf } from '../core/rollout/view.ts'
import type { RolloutView } from '../core/views.ts'
import type { StoreTransaction } from '../ports/store.ts'
import type {
  Answer,
  AuditReport,
  ControlPlane,
  Intent,
  PlannedRollout,
  PlanPreview,
  PlanRequest,
  Refusal,
} from './control-plane.ts'
import { refusedAdmission } from './admission.ts'
import { measuredTraffic } from './measured-traffic.ts'
import type { Engine, EngineOptions } from './running.ts'
import { requestRollout } from './request.ts'
import { driveLocked, environmentFacts, type Loaded, lockRollout, stateFrom } from './rollouts.ts'
import { statusOf } from './status.ts'

export type ControlPlaneOptions = EngineOptions & {
  readonly engine: Engine
  /** Compiles and hashes: the spec is not the engine's business. */
  readonly compile: (request: PlanRequest) => Promise<Answer<PlannedRollout>>
  readonly audit: { readonly verify: () => Promise<AuditReport>; readonly export: () => AsyncIterable<string> }
  readonly health: ControlPlane['health']
  /** Where its HTTP API listens, `127.0.0.1:7070`; null while it does not. */
  readonly ownAddress?: () => string | null
}

export function createControlPlane(options: ControlPlaneOptions): ControlPlane {
  const { store, clock } = options
  const shown = (state: RolloutState): Answer<RolloutView> => ({ ok: true, value: viewOf(state, clock.now()) })
  const load: Load = async (id) => {
    const row = await store.row(id)
    return row && stateFrom(store, row)
  }
  return {
    plan: (request) => preview(options, load, request),
    request: async (request, by, requestKey) => {
      const planned = await admitted(options, load, request)
      return planned.ok ? shown(await requestRollout(options, { ...planned.value, by, requestKey })) : planned
    },
    intend: (rollout, intent, by) => intend(options, rollout, { intent, by }),
    rollout: async (id) => {
      const state = await load(id)
      return state ? shown(state) : notFound(id)
    },
    rollouts: (filter) => rolloutsOf(options, load, filter),
    status: (filter) => statusOf(options, load, filter),
    events: (filter) => eventsOf(options, filter),
    listen: (seen) => store.listen(seen),
    logs: (filter) => logsOf(options, load, filter),
    verifyAudit: () => options.audit.verify(),
    exportAudit: () => options.audit.export(),
    health: () => options.health(),
  }
}

async function preview(options: ControlPlaneOptions, load: Load, request: PlanRequest): Promise<Answer<PlanPreview>> {
  const planned = await admitted(options, load, request)
  if (!planned.ok) return planned
  const measured = await measuredTraffic(options, load, planned.value.plan)
  return { ok: true, value: { ...planned.value, outlook: planOutlook(planned.value.plan, measured) } }
}

/** Compiled, and with nothing known that speaks against it. */
async function admitted(
  options: ControlPlaneOptions,
  load: Load,
  request: PlanRequest,
): Promise<Answer<PlannedRollout>> {
  const planned = await options.compile(request)
  if (!planned.ok) return planned
  const around = { ...options, load, ownAddress: options.ownAddress?.() ?? null }
  return (await refusedAdmission(around, planned.value.plan)) ?? planned
}

async function rolloutsOf(
  { store, clock }: ControlPlaneOptions,
  load: Load,
  filter: Parameters<ControlPlane['rollouts']>[0],
) {
  const summaries = await store.list({ kind: 'rollout', ...filter })
  const states = await Promise.all(summaries.map(({ stream }) => load(stream)))
  return states.filter((state) => state !== null).map((state) => viewOf(state, clock.now()))
}

type Load = (id: string) => Promise<RolloutState | null>

async function intend(
  options: ControlPlaneOptions,
  rollout: string,
  { intent, by }: { intent: Intent; by: Actor },
): Promise<Answer<RolloutView>> {
  const { store, engine, clock } = options
  const driven = await store.transact(async (tx) => {
    const loaded = await lockRollout(store, tx, rollout)
    return loaded && driveRequest(tx, loaded, personRequest(loaded.state, intent, by))
  })
  if (!driven) return notFound(rollout)
  await engine.follow(driven)
  const refused = driven.decision?.events.find((event) => event.type === 'RequestRefused')
  if (refused?.type !== 'RequestRefused') return { ok: true, value: viewOf(driven.state, clock.now()) }
  return refusal(intent.type === 'approve' ? 'not-allowed' : 'conflict', refused.data.reason)
}

type LogsFilter = Parameters<ControlPlane['logs']>[0]

/** Of the candidate while it is there, else of what serves. */
async function logsOf(
  { adapters }: ControlPlaneOptions,
  load: Load,
  { rollout, component, lines }: LogsFilter,
): ReturnType<ControlPlane['logs']> {
  const state = await load(rollout)
  if (!state) return notFound(rollout)
  const planned = state.plan.components.find(({ name }) => component === null || name === component)
  if (!planned) return refusal('not-found', `${rollout} has no component "${component}"`)
  const slot = candidateOf(state, planned.name) || !state.stable ? state.candidateSlot : state.stable.slot
  const answer = await adapters.platform(state.plan, planned).logs(slot, lines, AbortSignal.timeout(5000))
  return answer.ok ? answer : refusal('unavailable', answer.message)
}

/** A rollback of a finalized release takes the environment again, so it asks first whether it is free. */
async function driveRequest(tx: StoreTransaction, loaded: Loaded, request: PersonRequest) {
  if (request.type !== 'roll-back') return driveLocked(tx, loaded, request)
  const { service, environment } = loaded.state.plan
  const row = await tx.lockEnvironment(service, environment)
  const stands = environmentFacts(row).stable?.rollout === loaded.state.id
  const environmentFree = row.holder === loaded.state.id || (row.holder === null && stands)
  return driveLocked(tx, loaded, { ...request, environmentFree })
}

function personRequest(state: RolloutState, intent: Intent, by: Actor): PersonRequest {
  if (intent.type === 'approve') return { ...intent, by, planHash: state.planHash, identity: state.identity }
  if (intent.type === 'roll-back') return { ...intent, by, environmentFree: false }
  return { ...intent, by }
}

async function eventsOf({ store }: EngineOptions, filter: Parameters<ControlPlane['events']>[0]) {
  if (filter.rollout === undefined) return store.readAll(filter.after, filter.limit)
  const events = await store.read(filter.rollout)
  return events.filter(({ position }) => position > filter.after).slice(0, filter.limit)
}

export function refusal(kind: Refusal['kind'], message: string): Refusal {
  return { ok: false, kind, message, problems: [] }
}

function notFound(id: string): Refusal {
  return refusal('not-found', `there is no rollout "${id}"; "stellwerk list" shows them`)
}
