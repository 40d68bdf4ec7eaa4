/** One recorded command, carried out: the only place where an order meets a port. Returns what the core shall hear. */
import type { Command, CommandName } from '../core/rollout/commands.ts'
import type { CommandFinished } from '../core/rollout/inputs.ts'
import { liveComponents, partAt, type RolloutState } from '../core/rollout/state.ts'
import { incidents } from '../core/incident/aggregate.ts'
import { rollouts } from '../core/rollout/aggregate.ts'
import { opening } from '../core/rollout/incident.ts'
import { component as planned, type Plan, type PlannedComponent } from '../core/plan.ts'
import type { Adapters } from '../ports/adapters.ts'
import type { MigrationSetting } from '../ports/migration.ts'
import { failure, ok, type Order, type Result } from '../ports/result.ts'
import type { Store } from '../ports/store.ts'
import { observeWorld } from './observe.ts'
import { planOf } from './places.ts'
import type { Engine, Outside } from './running.ts'
import { load } from './streams.ts'
import { runSmoke } from './smoke.ts'
import { instanceVariables, resolveEnvironment } from './environment-variables.ts'

/** Of the time of a look, what its parts may take: the rest is for recording what the others said. */
const SHARE_OF_LOOK = 0.8

type Shell = Outside & Pick<Engine, 'give'>

/** A message is no order that one attempt answers: see deliveries.ts. */
type PerformedName = Exclude<CommandName, 'Notify'>
type Answered = CommandFinished['result']
type Perform<T extends PerformedName> = (
  shell: Shell,
  state: RolloutState,
  command: Command<T>,
  order: Order,
) => Promise<Answered>

/** Performs `command` for the rollout in `state`. An adapter that throws is a failure of ours to foresee: `unknown`. */
export async function perform<T extends PerformedName>(
  shell: Shell,
  state: RolloutState,
  command: Command<T>,
  order: Order,
): Promise<Answered> {
  try {
    return await performers[command.type](shell, state, command, order)
  } catch (error) {
    return failure('unknown', `${command.type}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const performers: { readonly [T in PerformedName]: Perform<T> } = {
  CheckGate: async ({ adapters, clock }, { plan, stable }, command, { signal }) => {
    const gate = plan.gates.find(({ id }) => id === command.gate)
    if (!gate) return failure('permanent', `the plan has no gate "${command.gate}"`)
    const context = {
      plan,
      gate,
      stable: stable && { version: stable.version, digest: stable.identity },
      now: clock.now(),
      signal,
    }
    return { ok: true, answer: { type: 'gate', verdict: await adapters.gate(plan, gate).check(context) } }
  },
  EnsureSlot: async (outside, state, { component, slot, release, instances }, order) => {
    const found = await releaseComponent(outside.store, state, release, component)
    if (!found) return failure('permanent', `${release} is not known, so its ${component} cannot be started`)
    const environment = await resolveEnvironment(outside.adapters.secrets, found.plan, found.component, order.signal)
    if (!environment.ok) return environment
    const { artifact, health } = found.component
    const desired = {
      release,
      artifact,
      version: found.plan.artifact.version,
      instances,
      environment: { ...environment.value, ...instanceVariables(found.plan, found.component, slot) },
      secretNames: Object.keys(found.component.secrets),
      health,
    }
    const answer = await outside.adapters.platform(found.plan, found.component).ensure(slot, desired, order)
    return answer.ok ? { ok: true, answer: { type: 'slot', component, slot, observed: answer.value } } : answer
  },
  StopSlot: async ({ adapters, store }, state, { component, slot, release }, order) => {
    const found = await componentOf(store, state, release, component)
    if (!found) return failure('permanent', `${release} is not known, so its ${component} cannot be stopped`)
    const answer = await adapters.platform(state.plan, found).stop(slot, release, order)
    return answer.ok ? { ok: true, answer: { type: 'slot', component, slot, observed: answer.value } } : answer
  },
  SetRoute: async ({ adapters }, state, { component, route, as }, order) => {
    const at = as === 'previous' ? previous(state, component) : planned(state.plan, component)
    if (!at) return failure('permanent', `the previous release has no route of ${component}`)
    const answer = await adapters.router(state.plan, at).set({ ...route, ...segmentsOf(state.plan) }, order)
    return answer.ok ? { ok: true, answer: { type: 'route', component, observed: answer.value } } : answer
  },
  RemoveRoute: async ({ adapters, store }, state, { component, release }, order) => {
    const at = await componentOf(store, state, release, component)
    if (!at) return failure('permanent', `no release is known that had a route of ${component}`)
    const answer = await adapters.router(state.plan, at).remove(order)
    return answer.ok ? { ok: true, answer: { type: 'route', component, observed: answer.value } } : answer
  },
  RunSmoke: async ({ adapters, store }, state, { target, release }, { signal }) => {
    const plan = release === undefined ? state.plan : await planOf(store, release)
    if (!plan) return failure('permanent', unknownChecks(`${release}`))
    const answer = await runSmoke(adapters, state, { target, plan, release }, signal)
    return answer.ok ? { ok: true, answer: { type: 'smoke', report: answer.value } } : answer
  },
  Migrate: async ({ adapters }, { plan }, { direction }, order) => {
    if (!plan.migration) return failure('permanent', 'the plan has no migration')
    const setting = await settingOf(adapters, plan, plan.migration.expand.component, order)
    return setting.ok ? done(await adapters.migration(plan)[direction](setting.value, order)) : setting
  },
  Mitigate: async ({ adapters }, { plan }, { index }, order) => {
    const command = plan.mitigate[index]
    if (!command) return failure('permanent', `the plan has no mitigating ${index}`)
    const setting = await settingOf(adapters, plan, command.component, order)
    return setting.ok ? done(await adapters.run(plan, command, setting.value, order)) : setting
  },
  Observe: async ({ adapters, clock }, state, { metrics }, { signal }) => {
    const limitMs = Math.round(state.plan.timings.commandLimitMs * SHARE_OF_LOOK)
    const world = await observeWorld(adapters, state, state.leftovers, { metrics, signal, clock, limitMs })
    return { ok: true, answer: { type: 'world', world } }
  },
  // Usually it was opened with the event that ordered it: this is for one that could not be.
  OpenIncident: async ({ give }, state, command) => {
    const input = opening(state, command)
    await give(incidents, input.id, input)
    return { ok: true, answer: { type: 'done', detail: input.id } }
  },
}

/** With what a command of this component runs now. */
async function settingOf(
  { secrets }: Adapters,
  plan: Plan,
  name: string,
  { signal }: Order,
): Promise<Result<MigrationSetting>> {
  const component = planned(plan, name)
  const environment = await resolveEnvironment(secrets, plan, component, signal)
  if (!environment.ok) return environment
  const hidden = Object.keys(component.secrets).flatMap((secret) => environment.value[secret] ?? [])
  return ok({ artifact: component.artifact, environment: environment.value, secrets: hidden })
}

function done(result: Result<{ readonly output: string }>): Answered {
  return result.ok ? { ok: true, answer: { type: 'done', detail: result.value.output } } : result
}

function unknownChecks(release: string): string {
  return `the log of ${release}, which users are back on, is not there, so its smoke checks are not known and nothing shows that it serves`
}

/** What the previous release serves at this route. */
function previous(state: RolloutState, route: string): PlannedComponent | null {
  const name = partAt(state, route)?.live
  return liveComponents(state).find((each) => each.name === name) ?? null
}

/** A component as `release` has it: where it runs, and at which address it is reached. */
async function componentOf(
  store: Store,
  state: RolloutState,
  release: string,
  name: string,
): Promise<PlannedComponent | null> {
  const known =
    release === state.id ? state.plan.components : release === state.stable?.rollout ? liveComponents(state) : []
  const found = known.find((each) => each.name === name)
  if (found) return found
  const older = (await load(rollouts, store, release))?.plan.components.find((each) => each.name === name)
  const others = [...state.leftovers, ...liveComponents(state), ...state.plan.components]
  return older ?? others.find((each) => each.name === name) ?? null
}

/** The plan under which `release` was rolled out: this rollout's own, or the earlier one that is to be restored. */
async function releaseComponent(
  store: Store,
  state: RolloutState,
  release: string,
  name: string,
): Promise<{ readonly plan: Plan; readonly component: PlannedComponent } | null> {
  const plan = release === state.id ? state.plan : (await load(rollouts, store, release))?.plan
  const component = plan?.components.find((each) => each.name === name)
  return plan && component ? { plan, component } : null
}

function segmentsOf({ analysis: { segments } }: Plan) {
  return segments === undefined ? {} : { segments }
}
