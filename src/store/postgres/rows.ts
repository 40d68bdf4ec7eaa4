/** Rows of the database as the port's types, and back. bigint arrives as text from some drivers: `Number` takes both. */
import type { Json } from '../../core/json.ts'
import { instant } from '../../core/time.ts'
import type { EnvironmentRow, StoredEvent, StreamFacts, StreamRow, StreamSummary } from '../../ports/store.ts'

export type SqlRow = Readonly<Record<string, unknown>>

export const EVENT_COLUMNS = 'position, stream, version, at, actor, type, data, token'

export function storedEvent(row: SqlRow): StoredEvent {
  return {
    position: Number(row['position']),
    stream: row['stream'] as string,
    version: Number(row['version']),
    at: instant(Number(row['at'])),
    actor: row['actor'] as string,
    type: row['type'] as string,
    data: row['data'] as Json,
    ...(row['token'] === null ? {} : { token: row['token'] as string }),
  }
}

export const STREAM_COLUMNS = 'stream, version, state, state_format, next_due'

/** A state that was folded by another version of us is null: it has to be folded again. */
export function streamRow(row: SqlRow, stateFormat: number): StreamRow {
  return {
    stream: row['stream'] as string,
    version: Number(row['version']),
    state: row['state_format'] === stateFormat ? (row['state'] as Json) : null,
    nextDue: row['next_due'] === null ? null : instant(Number(row['next_due'])),
  }
}

export function streamSummary(row: SqlRow): StreamSummary {
  return {
    stream: row['stream'] as string,
    kind: row['kind'] as StreamFacts['kind'],
    service: row['service'] as string,
    environment: row['environment'] as string | null,
    version: row['release'] as string | null,
    phase: row['phase'] as string,
    final: row['final'] as boolean,
    createdAt: instant(Number(row['created_at'])),
    updatedAt: instant(Number(row['updated_at'])),
  }
}

export const ENVIRONMENT_COLUMNS = 'service, environment, holder, facts, queue'

export function environmentRow(row: SqlRow): EnvironmentRow {
  return {
    service: row['service'] as string,
    environment: row['environment'] as string,
    holder: row['holder'] as string | null,
    facts: row['facts'] as Json,
    queue: row['queue'] as readonly string[],
  }
}
