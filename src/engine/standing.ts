/** Between releases: what should serve is looked at, and put right when a look shows that it does not (a reboot, a mistake). */
import { heal } from '../core/rollout/heal.ts'
import type { EnvironmentRow } from '../ports/store.ts'
import { observeWorld } from './observe.ts'
import type { Running } from './running.ts'
import { environmentFacts, stateFrom } from './rollouts.ts'
import { timeLimit } from '../timers.ts'

const LOOK_LIMIT_MS = 5000

export async function watchStanding(running: Running): Promise<void> {
  const rows = await running.store.environments()
  await Promise.all(rows.filter(({ holder }) => holder === null).map((row) => watchOne(running, row)))
}

async function watchOne({ store, adapters, clock, give }: Running, row: EnvironmentRow): Promise<void> {
  const { stable } = environmentFacts(row)
  const standing = stable && (await store.row(stable.rollout))
  const state = standing && (await stateFrom(store, standing))
  if (!state || state.status !== 'finalized') return
  const signal = timeLimit(LOOK_LIMIT_MS)
  const look = { metrics: false, signal, clock, limitMs: LOOK_LIMIT_MS }
  const world = await observeWorld(adapters, state.plan, look)
  if (heal(state, world, clock.now()).length > 0) await give(state.id, { type: 'world-seen', world })
}
