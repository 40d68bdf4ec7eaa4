import { rollouts } from '../core/rollout/aggregate.ts'
import type { RolloutState } from '../core/rollout/state.ts'
import type { Instant } from '../core/time.ts'
import { environmentFacts } from '../engine/environment-row.ts'
import { stateOf } from '../engine/streams.ts'
import type { Engine } from '../engine/running.ts'
import type { Gauges } from '../http/types.ts'
import type { Store, StreamRow } from '../ports/store.ts'

const ROLLOUTS_MAX = 1000

/** What `/metrics` says of the rollouts; the oldest overdue timer is the watchdog of the whole engine (KG-6790). */
export async function gaugesOf(store: Store, now: Instant, { all }: Engine['troubles']): Promise<Gauges> {
  const newest = await store.list({ kind: 'rollout', limit: ROLLOUTS_MAX })
  const rolloutsByPhase: Record<string, number> = {}
  const rows: StreamRow[] = []
  for (const { phase, stream, final } of newest) {
    rolloutsByPhase[phase] = (rolloutsByPhase[phase] ?? 0) + 1
    const row = final ? null : await store.row(stream)
    if (row) rows.push(row)
  }
  const [oldest] = await store.overdue(now, [])
  const unseen = rows.flatMap((row) => noDataOf(stateOf(rollouts, row))).map((since) => now - since)
  return {
    rolloutsByPhase,
    eventsTotal: await store.size(),
    oldestOverdueMs: oldest?.nextDue == null ? 0 : now - oldest.nextDue,
    longestNoDataMs: Math.max(0, ...unseen),
    rolloutsNotDriven: all().size,
    environmentsUnwell: await countUnwell(store),
  }
}

/** Since when each part of it has not been seen. */
function noDataOf(state: RolloutState | null): readonly Instant[] {
  return Object.values(state?.unseen ?? {}).flatMap(({ since, looks }) => (looks > 1 ? [since] : []))
}

async function countUnwell(store: Store): Promise<number> {
  const rows = await store.environments()
  const stable = rows.flatMap((row) => environmentFacts(row).stable?.rollout ?? [])
  const states = await Promise.all(stable.map(async (id) => stateOf(rollouts, (await store.row(id)) ?? NO_ROW)))
  return states.filter((state) => state?.unwell && state.unwell.quietSince === null).length
}

const NO_ROW: StreamRow = { stream: '', version: 0, state: null, nextDue: null }
