/**
 * Between releases: what should serve is looked at, and put right when a look shows that it does not (a reboot, a mistake);
 * what is left of releases that nobody can return to is ended.
 */
import { rollouts } from '../core/rollout/aggregate.ts'
import { evolve } from '../core/rollout/evolve.ts'
import { reconcile } from '../core/rollout/reconcile.ts'
import { isNews } from '../core/rollout/unwell.ts'
import type { World } from '../core/rollout/inputs.ts'
import { liveComponents, type RolloutState } from '../core/rollout/state.ts'
import type { EnvironmentRow } from '../ports/store.ts'
import { drive } from './drive.ts'
import { lockedEnvironment } from './environment.ts'
import { environmentFacts } from './environment-row.ts'
import { observeWorld } from './observe.ts'
import { forgetEmpty, otherPlaces, placesOf } from './places.ts'
import type { Running } from './running.ts'
import { load, lockStream } from './streams.ts'
import { timeLimit } from '../timers.ts'

const LOOK_LIMIT_MS = 5000

export async function reconcileEnvironments(running: Running): Promise<void> {
  const rows = await running.store.environments()
  await Promise.all(rows.map((row) => watchOne(running, row)))
}

/** A rollout that waits at its gates for days does not look at what serves meanwhile; once users are on it, it does. */
async function isWatchedElsewhere({ store }: Running, { holder }: EnvironmentRow): Promise<boolean> {
  const state = await load(rollouts, store, holder)
  return state !== null && (state.exposed || state.status === 'needs-human')
}

async function watchOne(running: Running, row: EnvironmentRow): Promise<void> {
  const { store, adapters, clock } = running
  const { stable } = environmentFacts(row)
  const state = await load(rollouts, store, stable?.rollout)
  if (!state || state.status !== 'finalized' || (await isWatchedElsewhere(running, row))) return
  const others = otherPlaces(await placesOf(store, row), state.plan.components, liveComponents(state))
  const signal = timeLimit(LOOK_LIMIT_MS)
  const look = { metrics: false, signal, clock, limitMs: LOOK_LIMIT_MS }
  const world = await observeWorld(adapters, state, others, look)
  const isHeld = row.holder !== null
  const isWrong = !isHeld && reconcile(state, world, clock.now()).length > 0
  const isRecorded = isWrong || isNews(state, seenIn(state, world))
  if (isHeld ? isRecorded : isRecorded || others.length > 0)
    await settle(running, row, { state, world, isRecorded, isHeld })
}

function seenIn(state: RolloutState, { at, slots, routes, failures }: World): RolloutState {
  const data = { key: null, slots, routes, failures }
  return evolve(state, { type: 'WorldObserved', data, version: state.version, at, actor: 'system' })
}

type Found = {
  readonly state: RolloutState
  readonly world: World
  readonly isRecorded: boolean
  readonly isHeld: boolean
}

/** Only while nobody holds the environment: what a rollout starts must not be taken for something left over. */
async function settle({ store, follow }: Running, { service, environment }: EnvironmentRow, found: Found) {
  const { state, world, isRecorded, isHeld } = found
  const driven = await store.transact(async (tx) => {
    const row = await lockedEnvironment(tx, service, environment)
    if ((row.holder !== null) !== isHeld || environmentFacts(row).stable?.rollout !== state.id) return null
    if (!isHeld) await forgetEmpty(tx, row, { state, world })
    const loaded = isRecorded ? await lockStream(rollouts, tx, state.id) : null
    return loaded && drive(tx, loaded, { type: 'world-seen', world, isHeld })
  })
  await follow(driven)
}
