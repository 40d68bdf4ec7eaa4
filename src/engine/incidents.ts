import type { RolloutState } from '../core/rollout/state.ts'
import type { Instant } from '../core/time.ts'
import { ConcurrencyError, type Store } from '../ports/store.ts'

/** One incident per rollback, or per time that live is not well, in a stream of its own; opening it twice is opening it once (R-F07). */
export async function openIncident(
  store: Store,
  state: RolloutState,
  { priority, title, since }: { readonly priority: string; readonly title: string; readonly since?: Instant },
): Promise<string> {
  const attempt = since ?? state.back?.startedAt ?? state.lastAt
  const stream = `incident-${state.id}-${attempt}`
  const { service, environment, artifact } = state.plan
  try {
    await store.transact(async (tx) => {
      const data = { id: stream, rollout: state.id, service, environment, version: artifact.version, priority, title }
      await tx.append(stream, 0, [{ type: 'IncidentOpened', data, actor: 'system' }])
      const facts = {
        kind: 'incident',
        service,
        environment,
        version: artifact.version,
        phase: 'open',
        final: false,
      } as const
      await tx.saveStream({ stream, version: 1, state: { priority, title }, nextDue: null }, facts)
    })
  } catch (error) {
    if (!(error instanceof ConcurrencyError)) throw error
  }
  return stream
}
