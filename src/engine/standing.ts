/**
 * Between releases: what should serve is looked at, and put right when a look shows that it does not (a reboot, a mistake);
 * what is left of releases that nobody can return to is ended.
 */
import { heal } from '../core/rollout/heal.ts'
import type { World } from '../core/rollout/inputs.ts'
import { liveComponents, type RolloutState } from '../core/rollout/state.ts'
import type { EnvironmentRow } from '../ports/store.ts'
import { observeWorld } from './observe.ts'
import { forgetEmpty, otherPlaces, placesOf } from './places.ts'
import type { Running } from './running.ts'
import { driveLocked, environmentFacts, lockRollout, stateFrom } from './rollouts.ts'
import { timeLimit } from '../timers.ts'

const LOOK_LIMIT_MS = 5000

export async function watchStanding(running: Running): Promise<void> {
  const rows = await running.store.environments()
  await Promise.all(rows.filter(({ holder }) => holder === null).map((row) => watchOne(running, row)))
}

async function watchOne(running: Running, row: EnvironmentRow): Promise<void> {
  const { store, adapters, clock } = running
  const { stable } = environmentFacts(row)
  const standing = stable && (await store.row(stable.rollout))
  const state = standing && (await stateFrom(store, standing))
  if (!state || state.status !== 'finalized') return
  const others = otherPlaces(await placesOf(store, row), state.plan.components, liveComponents(state))
  const signal = timeLimit(LOOK_LIMIT_MS)
  const look = { metrics: false, signal, clock, limitMs: LOOK_LIMIT_MS }
  const world = await observeWorld(adapters, state, others, look)
  const isWrong = heal(state, world, clock.now()).length > 0
  if (isWrong || others.length > 0) await settle(running, row, { state, world, isWrong })
}

type Found = { readonly state: RolloutState; readonly world: World; readonly isWrong: boolean }

/** Only while nobody holds the environment: what a rollout starts must not be taken for something left over. */
async function settle({ store, follow }: Running, { service, environment }: EnvironmentRow, found: Found) {
  const { state, world, isWrong } = found
  const driven = await store.transact(async (tx) => {
    const row = await tx.lockEnvironment(service, environment)
    if (row.holder !== null || environmentFacts(row).stable?.rollout !== state.id) return null
    await forgetEmpty(tx, row, { state, world })
    const loaded = isWrong ? await lockRollout(store, tx, state.id) : null
    return loaded && driveLocked(tx, loaded, { type: 'world-seen', world })
  })
  await follow(driven)
}
