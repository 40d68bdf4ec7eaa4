/** Rows of the database as the port's types, and back. bigint arrives as text from some drivers: `Number` takes both. */
import type { Json } from '../../core/json.ts'
import { instant } from '../../core/time.ts'
import type { EnvironmentRow, StoredEvent, StreamRow, StreamSummary } from '../../ports/store.ts'
import { environmentText, eventText, type LogGuard, stateText } from '../seal.ts'

export type SqlRow = Readonly<Record<string, unknown>>

export const EVENT_COLUMNS = 'position, stream, version, at, actor, type, data, token, mac'

/** As it stands there, whoever wrote it. */
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

export function guardedEvent(row: SqlRow, guard: LogGuard): StoredEvent {
  const event = storedEvent(row)
  const mac = row['mac'] as Uint8Array | null
  if (event.position <= guard.sealedAfter() || guard.holds(eventText(event), mac)) return event
  if (event.position > guard.acceptedUpTo())
    guard.forged(`event ${event.position} (${event.type} in ${event.stream}) was not written by the control plane`)
  return { ...event, forged: true }
}

export const STREAM_COLUMNS = 'stream, version, state::text as state, next_due, mac'

/** What a program that reads rows goes by. */
export type Reading = { readonly guard: LogGuard }

/** A state that nobody of us folded is null: it has to be folded again. */
export function streamRow(row: SqlRow, reading: Reading): StreamRow {
  return {
    stream: row['stream'] as string,
    version: Number(row['version']),
    state: keptState(row, reading),
    nextDue: nextDueOf(row),
  }
}

export function nextDueOf(row: SqlRow): StreamRow['nextDue'] {
  return row['next_due'] === null ? null : instant(Number(row['next_due']))
}

function keptState(row: SqlRow, { guard }: Reading): Json {
  const [text, mac] = [row['state'] as string | null, row['mac'] as Uint8Array | null]
  if (text === null) return null
  const place = { stream: row['stream'] as string, version: Number(row['version']) }
  if (guard.holds(stateText(place, text), mac)) return JSON.parse(text) as Json
  if (mac !== null) guard.forged(`the state kept of ${place.stream} was not written by the control plane`)
  return null
}

export function streamSummary(row: SqlRow): StreamSummary {
  return {
    stream: row['stream'] as string,
    kind: row['kind'] as string,
    service: row['service'] as string,
    environment: row['environment'] as string | null,
    version: row['release'] as string | null,
    phase: row['phase'] as string,
    final: row['final'] as boolean,
    createdAt: instant(Number(row['created_at'])),
    updatedAt: instant(Number(row['updated_at'])),
  }
}

export const ENVIRONMENT_COLUMNS = 'service, environment, holder, facts, queue, mac'

/** One that nobody of us wrote says nothing, and says so: it has to be made again from the log. */
export function environmentRow(row: SqlRow, guard: LogGuard): EnvironmentRow {
  const [service, environment] = [row['service'] as string, row['environment'] as string]
  const kept = {
    service,
    environment,
    holder: row['holder'] as string | null,
    facts: row['facts'] as Json,
    queue: row['queue'] as readonly string[],
  }
  const mac = row['mac'] as Uint8Array | null
  if (guard.holds(environmentText(kept), mac)) return kept
  if (mac !== null) guard.forged(`the row of ${service} ${environment} was not written by the control plane`)
  return { service, environment, holder: null, facts: null, queue: [], doubted: true }
}
