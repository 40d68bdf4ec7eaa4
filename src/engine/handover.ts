/**
 * The environment passes from the rollout that ended to the one that waits longest. Each move is a transaction of its own and
 * is repeated by a sweep, so that a crash between two of them only delays it.
 */
import type { StableRelease } from '../core/rollout/inputs.ts'
import type { EnvironmentRow, Store } from '../ports/store.ts'
import type { Running } from './running.ts'
import { type Driven, environmentFacts, stateOf } from './rollouts.ts'

type Deps = Pick<Running, 'store' | 'give'>

/** After `driven` (null: for every environment). Nothing to do is the usual case and costs nothing. */
export async function handOver(deps: Deps, driven: Driven | null): Promise<void> {
  if (driven === null) {
    for (const row of await deps.store.environments()) await advance(deps, row)
    return
  }
  const events = driven.decision?.events ?? []
  if (events.some(({ type }) => type === 'StepStarted')) await supersede(deps, driven)
  const ended = events.some(({ type }) => ['Finalized', 'Aborted', 'RolledBack', 'Resolved'].includes(type))
  if (!ended) return
  const { service, environment } = driven.state.plan
  const row = await deps.store.environment(service, environment)
  if (row) await advance(deps, row)
}

async function advance({ store, give }: Deps, row: EnvironmentRow): Promise<void> {
  const next = row.holder ?? (await claim(store, row))
  if (next === null) return
  const waiting = await store.row(next)
  const state = waiting && stateOf(waiting)
  if (!state || state.status !== 'queued' || state.turn) return
  const { stable } = environmentFacts(row)
  const quarantined = await store.transact((tx) => tx.isQuarantined(row.service, row.environment, state.identity))
  await give(next, { type: 'turn-came', stable, quarantined })
}

async function claim(store: Store, { service, environment, queue, holder }: EnvironmentRow): Promise<string | null> {
  if (holder !== null || queue.length === 0) return null
  return store.transact(async (tx) => {
    const row = await tx.lockEnvironment(service, environment)
    const [first, ...rest] = row.queue
    if (row.holder !== null || first === undefined) return row.holder
    await tx.saveEnvironment({ ...row, holder: first, queue: rest })
    return first
  })
}

/** The spare slot is about to be used: the release that could have returned to it no longer can. */
async function supersede({ give }: Deps, { state, decision }: Driven): Promise<void> {
  const deploys = decision?.events.some((event) => event.type === 'StepStarted' && event.data.step.kind === 'deploy')
  const stable: StableRelease | null = state.stable
  if (deploys && stable) await give(stable.rollout, { type: 'superseded', by: state.id })
}
