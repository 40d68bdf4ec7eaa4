/** The control plane's methods over engine and store: see `ControlPlane` for what each promises. */
import { quote, say } from '../core/say.ts'
import type { Alarm } from '../core/alarm.ts'
import type { Plan } from '../core/plan.ts'
import { rollouts } from '../core/rollout/aggregate.ts'
import type { Actor } from '../core/rollout/inputs.ts'
import { liveComponents, type RolloutState } from '../core/rollout/state.ts'
import { planForecast } from '../core/forecast/plan-forecast.ts'
import { type SetChange, setChanges } from '../core/set-changes.ts'
import { withComponents } from './places.ts'
import type { Instant } from '../core/time.ts'
import { viewOf } from '../core/rollout/view.ts'
import type { RolloutView } from '../core/views.ts'
import type { Contents } from '../ports/contents.ts'
import { ok } from '../ports/result.ts'
import type { OnceKey } from '../ports/identity.ts'
import { reaches } from '../ports/identity.ts'
import { standingOf } from '../core/policy/govern.ts'
import type {
  Answer,
  AuditReport,
  ControlPlane,
  Health,
  PlannedRollout,
  PlanPreview,
  PlanRequest,
  Refusal,
  RequestTerms,
  RolloutPlan,
  Terms,
} from './control-plane.ts'
import {
  governed,
  heldPolicies,
  policyHistory,
  type PolicyOptions,
  proposal,
  type Read,
  setPolicy,
} from './policies.ts'
import { readinessOf } from './alarms.ts'
import { preflightRefusal } from './preflight.ts'
import { environmentFacts } from './environment-row.ts'
import { incidentMethods } from './incidents.ts'
import { doubted, intend } from './intend.ts'
import { measuredTraffic } from './measured-traffic.ts'
import { answeredBefore } from './once.ts'
import { notFound, outOfReach, refusal } from './refusals.ts'
import type { Engine, EngineOptions } from './running.ts'
import { messageMethods, type MessageOptions } from './notifications.ts'
import { artifactMethods } from './artifacts.ts'
import { keepRehearsal, keptRehearsals } from './rehearsals.ts'
import { requestRollout } from './request.ts'
import { statusOf } from './status.ts'
import { load as loadStream } from './streams.ts'
import { timeLimit } from '../timers.ts'

export type ControlPlaneOptions = MessageOptions & {
  readonly engine: Engine
  /** Compiles and hashes: the spec is not the engine's business. */
  readonly compile: (request: PlanRequest) => Promise<Answer<PlannedRollout>>
  readonly audit: {
    readonly verify: () => Promise<AuditReport>
    readonly checkpoint: ControlPlane['auditCheckpoint']
    readonly export: () => AsyncIterable<string>
  }
  readonly health: () => Promise<Health>
  /** Claims the plan's environment for this host; the other host's name where that one has it. */
  readonly claimHere?: (plan: Plan) => Promise<string | null>
  /** What is wrong with the control plane itself, so that no release may begin; null while nothing is. */
  readonly ownAlarm?: () => Alarm | null
  /** Absent where plans are played as they are: rehearsals and tests of the engine. */
  readonly policies?: PolicyOptions
  /** Where content is kept; absent where nothing is run from it: rehearsals and tests of the engine. */
  readonly contents?: Contents
  /** Where its HTTP API listens, `127.0.0.1:7070`; null while it does not. */
  readonly ownAddress?: () => string | null
}

export function createControlPlane(options: ControlPlaneOptions): ControlPlane {
  const { store, clock } = options
  const shown = (state: RolloutState): Answer<RolloutView> => ({ ok: true, value: viewOf(state, clock.now()) })
  const load: Load = (id) => loadStream(rollouts, store, id)
  return {
    plan: (request, terms = IN_PROCESS) => preview(options, load, { request, terms }),
    request: (request, by, once, terms = {}) => requested(options, load, { request, by, once, terms }),
    intend: (rollout, intent, by, once = null) => intend(options, rollout, { intent, by, once }),
    rollout: async (id) => {
      const state = await load(id)
      return state ? shown(state) : notFound(id)
    },
    ...policyMethods(options, load),
    recordRehearsal: (record, by, once) => keepRehearsal(store, { record, by, once }),
    rehearsals: (service, environment) => keptRehearsals(store, service, environment),
    ...artifactMethods(options),
    rollouts: (filter) => rolloutsOf(options, load, filter),
    status: (filter) => statusOf(options, filter),
    ...incidentMethods(options),
    ...messageMethods(options),
    events: ({ rollout, after, limit }) => store.readAll(after, limit, rollout),
    listen: (seen) => store.listen(seen),
    logs: (filter) => logsOf(options, load, filter),
    verifyAudit: () => options.audit.verify(),
    auditCheckpoint: () => options.audit.checkpoint(),
    exportAudit: () => options.audit.export(),
    health: () => readinessOf(options, options.health),
  }
}

/** Whoever runs the control plane in this process asks for himself. */
const IN_PROCESS: Terms = { maySetPolicy: true, reach: { services: null, environments: null } }

type Asked = {
  readonly request: PlanRequest
  readonly by: Actor
  readonly once: OnceKey | null
  readonly terms: RequestTerms
}

/** A repetition is answered before anything is compiled: what may have changed since is no reason to refuse it. */
async function requested(
  options: ControlPlaneOptions,
  load: Load,
  { request, by, once, terms }: Asked,
): Promise<Answer<RolloutView>> {
  const before = await answeredBefore<RolloutView>(options.store, once)
  if (before) return before
  const doubts = options.store.doubts()
  if (doubts !== null) return doubted(doubts)
  const alarm = options.ownAlarm?.() ?? null
  if (alarm !== null) return unwell(alarm)
  const planned = await admitted(options, load, { request, terms: { ...IN_PROCESS, ...terms } })
  if (!planned.ok) return planned
  const host = (await options.claimHere?.(planned.value.plan)) ?? null
  if (host !== null) return elsewhere(planned.value.plan, host)
  const govern = governing(options, planned.value, terms)
  return requestRollout(options, { ...planned.value, by, once, govern, ...(terms.run ? { run: terms.run } : {}) })
}

function elsewhere({ service, environment }: Plan, host: string): Refusal {
  const said = say`${service}/${environment} runs on host ${host}: ask the control plane there. If that host is gone for good, take it over: stellwerk up --take-over ${host}`
  return refusal('conflict', said)
}

/** What is under way goes on, and may be taken back at any time: only nothing new begins. */
function unwell(alarm: Alarm): Refusal {
  const said = say`no release may begin now: ${alarm.said.why}. What serves now goes on; rollback and abort work`
  return refusal('unavailable', said)
}

type Wanted = { readonly request: PlanRequest; readonly terms: Terms }

async function preview(options: ControlPlaneOptions, load: Load, wanted: Wanted): Promise<Answer<PlanPreview>> {
  const planned = await admitted(options, load, wanted)
  if (!planned.ok) return planned
  const { maySetPolicy } = wanted.terms
  const found =
    options.policies && (await governed(options.policies, read(options), { planned: planned.value, maySetPolicy }))
  const shown = found?.planned ?? planned.value
  const measured = await measuredTraffic(options, load, shown.plan)
  const { previous, changes } = await previousOf(options, shown.plan)
  const forecast = planForecast(shown.plan, measured, previous === null)
  const standing = found?.standing ?? null
  return { ok: true, value: { ...shown, forecast, standing, ...(previous !== undefined && { previous }), changes } }
}

/** What is live there; undefined while the first release is still under way, for nobody knows how that ends. */
async function previousOf(
  { store }: EngineOptions,
  plan: Plan,
): Promise<{ readonly previous: string | null | undefined; readonly changes: readonly SetChange[] }> {
  const row = await store.environment(plan.service, plan.environment)
  const stable = row && (await withComponents(store, environmentFacts(row).stable))
  if (!stable) return { previous: row?.holder ? undefined : null, changes: [] }
  return { previous: stable.version, changes: setChanges(plan, stable.components ?? plan.components) }
}

/** The plan that will run, asked in the transaction that lets it in: under the policy held then, and the one that was shown. */
function governing({ policies }: ControlPlaneOptions, planned: PlannedRollout, terms: RequestTerms) {
  const { expectedPlanHash = null, maySetPolicy = IN_PROCESS.maySetPolicy } = terms
  return async (read: Read): Promise<Answer<PlannedRollout>> => {
    const found = policies && (await governed(policies, read, { planned, maySetPolicy }))
    if (found?.standing.kind === 'refused') return refusal('not-allowed', found.standing.said)
    const now = found?.planned ?? planned
    return expectedPlanHash === null || expectedPlanHash === now.planHash
      ? { ok: true, value: now }
      : unlikeShown(now, expectedPlanHash)
  }
}

function unlikeShown({ plan, planHash }: PlannedRollout, expected: string): Refusal {
  const { environment, policy } = plan
  const held = policy?.held ? say`, under version ${policy.held.version} of the policy in force for ${environment}` : ''
  return refusal(
    'conflict',
    say`the plan is not the one that was shown: ${expected} was, ${planHash} would run${held}. Nothing was started; look at the plan again`,
  )
}

function read({ store }: EngineOptions) {
  return (stream: string) => store.read(stream)
}

function planOf(state: RolloutState, now: Instant): RolloutPlan {
  const { plan, planHash, identity, stable } = state
  const forecast = planForecast(plan, undefined, stable === null)
  const rollout = viewOf(state, now)
  const changes = setChanges(plan, stable && liveComponents(state))
  const previous = stable?.version ?? null
  return { plan, planHash, identity, forecast, standing: standingOf(plan), previous, changes, rollout }
}

type PolicyMethods = Pick<ControlPlane, 'rolloutPlan' | 'policies' | 'policyHistory' | 'proposePolicy' | 'setPolicy'>

function policyMethods(options: ControlPlaneOptions, load: Load): PolicyMethods {
  const { policies, store, clock } = options
  const none = async () => refusal('unavailable', say`this control plane holds no policies`)
  return {
    rolloutPlan: async (id) => {
      const state = await load(id)
      return state ? { ok: true, value: planOf(state, clock.now()) } : notFound(id)
    },
    policies: () => heldPolicies(store),
    policyHistory: (service, environment) => policyHistory(read(options), service, environment),
    proposePolicy: policies ? (request) => proposal(policies, read(options), request) : none,
    setPolicy: policies ? (request, by) => setPolicy(policies, store, { request, by }) : none,
  }
}

/** Compiled, and with nothing known that speaks against it. */
async function admitted(
  options: ControlPlaneOptions,
  load: Load,
  { request, terms }: Wanted,
): Promise<Answer<PlannedRollout>> {
  const planned = await options.compile(request)
  if (!planned.ok) return planned
  const { service, environment } = planned.value.plan
  if (!reaches(terms.reach, { service, environment })) return outOfReach(service, environment)
  const around = { ...options, load, ownAddress: options.ownAddress?.() ?? null }
  return (await preflightRefusal(around, planned.value.plan)) ?? planned
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

type LogsFilter = Parameters<ControlPlane['logs']>[0]

/**
 * Of the rollout's own instances, wherever they ran, never of what serves instead of them. A platform that cannot be asked
 * hides nothing of the others, unless it is the only one.
 */
async function logsOf(
  { adapters }: ControlPlaneOptions,
  load: Load,
  { rollout, component, lines, since }: LogsFilter,
): ReturnType<ControlPlane['logs']> {
  const state = await load(rollout)
  if (!state) return notFound(rollout)
  const named = state.plan.components.filter(({ name }) => component === null || name === component)
  if (named.length === 0) {
    const names = state.plan.components.map(({ name }) => name).join(', ')
    return refusal('not-found', say`${rollout} has no component "${component ?? ''}"; it has ${names}`)
  }
  const asked = named.flatMap((planned) => {
    const platform = adapters.platform(state.plan, planned)
    return (['blue', 'green'] as const).map(async (slot) => {
      const answer = await platform.logs(slot, { release: rollout, lines, since }, timeLimit(LOGS_LIMIT_MS))
      return answer.ok ? ok(answer.value.map((line) => ({ component: planned.name, ...line }))) : answer
    })
  })
  const answers = await Promise.all(asked)
  const failed = answers.find((answer) => !answer.ok)
  if (failed && answers.every((answer) => !answer.ok)) return refusal('unavailable', quote(failed.message))
  const found = answers.flatMap((answer) => (answer.ok ? answer.value : []))
  return { ok: true, value: found.sort((left, right) => left.at - right.at).slice(-lines) }
}

const LOGS_LIMIT_MS = 5000
