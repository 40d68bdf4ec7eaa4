/**
 * The environment passes from the rollout that ended to the one that waits longest. Each move is a transaction of its own and
 * is repeated by a sweep, so that a crash between two of them only delays it.
 */
import { rollouts } from '../core/rollout/aggregate.ts'
import type { RolloutState } from '../core/rollout/state.ts'
import type { EnvironmentRow, Store } from '../ports/store.ts'
import type { Driven } from './drive.ts'
import { isBarred, lockedEnvironment, mendEnvironments } from './environment.ts'
import { environmentFacts } from './environment-row.ts'
import { leftIn, otherPlaces, placesOf, withComponents } from './places.ts'
import { policyStands } from './policies.ts'
import type { Running } from './running.ts'
import { load } from './streams.ts'

type Deps = Pick<Running, 'store' | 'adapters' | 'give' | 'superseded'>

/** After `driven` (null: for every environment). Nothing to do is the usual case and costs nothing. */
export async function admitNext(deps: Deps, driven: Driven<RolloutState> | null): Promise<void> {
  if (driven === null) return sweep(deps)
  const { events } = driven
  if (events.some(({ type }) => type === 'StepStarted')) await supersede(deps, driven.state)
  const ended = events.some(({ type }) => ['Finalized', 'Aborted', 'RolledBack', 'Resolved'].includes(type))
  if (!ended) return
  await supersede(deps, driven.state)
  const { service, environment } = driven.state.plan
  const row = await deps.store.environment(service, environment)
  if (row) await advance(deps, row)
}

async function sweep(deps: Deps): Promise<void> {
  await mendEnvironments(deps.store)
  const rows = await deps.store.environments()
  const holders = new Set(rows.map(({ holder }) => holder))
  for (const id of deps.superseded) if (!holders.has(id)) deps.superseded.delete(id)
  for (const row of rows) await advance(deps, row)
}

/** Whatever the next one, or the one that holds the environment, is owed: a crash may have come before it was given. */
async function advance(deps: Deps, row: EnvironmentRow): Promise<void> {
  const { store, give, superseded } = deps
  const next = row.holder ?? (await claim(store, row))
  if (next === null || superseded.has(next)) return
  const state = await load(rollouts, store, next)
  if (!state) return
  if (state.status !== 'queued' || state.admitted) return supersede(deps, state)
  const stable = await withComponents(store, environmentFacts(row).stable)
  const others = otherPlaces(await placesOf(store, row), state.plan.components, stable?.components ?? [])
  const leftovers = await leftIn(deps.adapters, state.plan, others)
  const quarantined = await store.transact((tx) => isBarred(tx, row, state.identity))
  const stands = await policyStands((stream) => store.read(stream), state.plan)
  const found = leftovers.length > 0 ? { leftovers } : {}
  await give(rollouts, next, { type: 'admit', stable, ...found, quarantined, policyStands: stands })
}

async function claim(store: Store, { service, environment, queue, holder }: EnvironmentRow): Promise<string | null> {
  if (holder !== null || queue.length === 0) return null
  return store.transact(async (tx) => {
    const row = await lockedEnvironment(tx, service, environment)
    const [first, ...rest] = row.queue
    if (row.holder !== null || first === undefined) return row.holder
    await tx.saveEnvironment({ ...row, holder: first, queue: rest })
    return first
  })
}

/** The spare slot is about to be used: the release that could have returned to it no longer can. */
async function supersede({ give, superseded }: Deps, { id, stable, steps, at }: RolloutState): Promise<void> {
  const deploys = steps.slice(0, at + 1).some(({ kind }) => kind === 'deploy')
  if (!deploys || superseded.has(id)) return
  if (stable) await give(rollouts, stable.rollout, { type: 'superseded', by: id })
  superseded.add(id)
}
