import type { Instant } from '../core/time.ts'
import type { Gauges } from '../http/types.ts'
import type { Store } from '../ports/store.ts'

const ROLLOUTS_MAX = 1000

/** What `/metrics` says of the rollouts; the oldest overdue timer is the watchdog of the whole engine (KG-6790). */
export async function gaugesOf(store: Store, now: Instant): Promise<Gauges> {
  const rollouts = await store.list({ kind: 'rollout', limit: ROLLOUTS_MAX })
  const rolloutsByPhase: Record<string, number> = {}
  let oldestOverdueMs = 0
  for (const { phase, stream, final } of rollouts) {
    rolloutsByPhase[phase] = (rolloutsByPhase[phase] ?? 0) + 1
    if (final) continue
    const due = (await store.row(stream))?.nextDue ?? null
    if (due !== null) oldestOverdueMs = Math.max(oldestOverdueMs, now - due)
  }
  return { rolloutsByPhase, eventsTotal: await store.size(), oldestOverdueMs }
}
