import type { RolloutState } from '../core/rollout/state.ts'
import type { Instant } from '../core/time.ts'
import { ConcurrencyError, type Store, type StreamFacts, type StreamRow } from '../ports/store.ts'

/** One incident per rollback, or per time that live is not well, in a stream of its own; opening it twice is opening it once (R-F07). */
export async function openIncident(
  store: Store,
  state: RolloutState,
  { priority, title, since }: { readonly priority: string; readonly title: string; readonly since?: Instant },
): Promise<string> {
  const attempt = since ?? state.rollback?.startedAt ?? state.lastAt
  const stream = `incident-${state.id}-${attempt}`
  const { service, environment, artifact } = state.plan
  try {
    await store.transact(async (tx) => {
      const data = { id: stream, rollout: state.id, service, environment, version: artifact.version, priority, title }
      await tx.append(stream, 0, [{ type: 'IncidentOpened', data, actor: 'system' }])
      const { row, facts } = incidentRow(data)
      await tx.saveStream(row, facts)
    })
  } catch (error) {
    if (!(error instanceof ConcurrencyError)) throw error
  }
  return stream
}

export type OpenedIncident = {
  readonly id: string
  readonly rollout: string
  readonly service: string
  readonly environment: string
  readonly version: string
  readonly priority: string
  readonly title: string
}

/** What stands beside the log of an incident: made of its event alone, so that it can be made again (law L2). */
export function incidentRow({ id, service, environment, version, priority, title }: OpenedIncident): {
  readonly row: StreamRow
  readonly facts: StreamFacts
} {
  return {
    row: { stream: id, version: 1, state: { priority, title }, nextDue: null },
    facts: { kind: 'incident', service, environment, version, phase: 'open', final: false },
  }
}
