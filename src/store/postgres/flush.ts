/**
 * Writing down what a transaction has decided, as its last act and in one round trip.
 *
 * The head of the log is the one lock that every writer takes, so it is taken last, by a function in the database: who
 * holds it waits for nobody, not even for us. That, and not luck, is why positions have no holes and no two writers can
 * wait for each other over it.
 */
import type { Instant } from '../../core/time.ts'
import type { RunSql } from '../../ports/sql.ts'
import type { EnvironmentRow, StreamFacts, StreamRow } from '../../ports/store.ts'
import { leafFrame, type PreparedEvent } from '../event-data.ts'
import { environmentText, eventText, type LogGuard, stateText } from '../seal.ts'
import type { Reading } from './rows.ts'
import { LIFT_QUARANTINE, SET_QUARANTINE } from './statements.ts'

/** `facts` null: events were appended and nobody saved the row, so its state has to be folded again. */
export type StreamChange = { readonly row: StreamRow; readonly facts: StreamFacts | null }

/** `reason` null: this identity is barred no longer. */
export type QuarantineChange = {
  readonly service: string
  readonly environment: string
  readonly identity: string
  readonly reason: string | null
}

export type Changes = {
  readonly now: Instant
  readonly reading: Reading
  readonly events: readonly PreparedEvent[]
  readonly streams: readonly StreamChange[]
  readonly environments: readonly EnvironmentRow[]
  readonly quarantine: readonly QuarantineChange[]
}

/**
 * `lazy` lets the commit return, and the head be free again, before the disk has answered. Answers the statement that the
 * caller then has to run on the same connection after the commit, before it tells anybody; null: none.
 */
export async function flush(run: RunSql, changes: Changes, commit: 'lazy' | 'plain'): Promise<string | null> {
  const { events, streams, environments, quarantine } = changes
  for (const { service, environment, identity, reason } of quarantine)
    await (reason === null
      ? run(LIFT_QUARANTINE, [service, environment, identity], 'lift-quarantine')
      : run(SET_QUARANTINE, [service, environment, identity, reason], 'set-quarantine'))
  if (events.length === 0) {
    if (streams.length + environments.length > 0) await run(`${SAVE_ROWS} select`, rowValues(changes), 'save-rows')
    return null
  }
  await run(
    commit === 'lazy' ? APPEND_LAZILY : APPEND,
    [...rowValues(changes), eventRows(events, changes.reading.guard)],
    `append-${commit}`,
  )
  return commit === 'lazy' ? SETTLE : null
}

/**
 * A commit that waits for the disk (and for synchronous standbys, where there are any), and so for everything that was
 * committed before it. Writers wait here together, without a lock: that is what makes them many times faster.
 */
const SETTLE = "select pg_logical_emit_message(true, 'stellwerk', '')"

const SAVE_ROWS = /* sql */ `
with saved_streams as (
  update stellwerk.streams as old set
    version = new.version,
    state = new.state::json,
    mac = decode(new.mac, 'hex'),
    next_due = new.next_due,
    kind = coalesce(new.kind, old.kind),
    service = coalesce(new.service, old.service),
    environment = case when new.kind is null then old.environment else new.environment end,
    release = case when new.kind is null then old.release else new.release end,
    phase = coalesce(new.phase, old.phase),
    final = coalesce(new.final, old.final),
    updated_at = $11
  from unnest($1::text[], $2::int[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::boolean[], $13::text[])
    as new (stream, version, state, next_due, kind, service, environment, release, phase, final, mac)
  where old.stream = new.stream
), saved_environments as (
  update stellwerk.environments as old set holder = new.holder, facts = new.facts, mac = decode(new.mac, 'hex'),
    queue = array(select jsonb_array_elements_text(new.queue))
  from jsonb_to_recordset($12::jsonb)
    as new (service text, environment text, holder text, facts jsonb, queue jsonb, mac text)
  where old.service = new.service and old.environment = new.environment
)`

const APPEND = /* sql */ `${SAVE_ROWS} select stellwerk.append($14::json)`

const APPEND_LAZILY = /* sql */ `${APPEND}, set_config('synchronous_commit', 'off', true)`

function rowValues({ streams, environments, now, reading: { guard } }: Changes): readonly unknown[] {
  const column = <T>(pick: (change: StreamChange) => T) => streams.map(pick)
  const texts = streams.map(({ row }) => (row.state === null ? null : JSON.stringify(row.state)))
  const macs = streams.map(({ row }, index) => {
    const text = texts[index] ?? null
    return text === null ? null : guard.seal(stateText(row, text))
  })
  return [
    column(({ row }) => row.stream),
    column(({ row }) => row.version),
    texts,
    column(({ row }) => row.nextDue),
    column(({ facts }) => facts?.kind ?? null),
    column(({ facts }) => facts?.service ?? null),
    column(({ facts }) => facts?.environment ?? null),
    column(({ facts }) => facts?.version ?? null),
    column(({ facts }) => facts?.phase ?? null),
    column(({ facts }) => facts?.final ?? null),
    now,
    JSON.stringify(environments.map((row) => ({ ...row, mac: guard.seal(environmentText(row)) }))),
    macs,
  ]
}

/** What `stellwerk.append` takes: the columns, and the text around data and position that the leaf is made of. */
function eventRows(events: readonly PreparedEvent[], guard: LogGuard): string {
  const rows = events.map(({ event, dataText }) => {
    return { ...event, ...leafFrame(event), data: dataText, mac: guard.seal(eventText(event)) }
  })
  return JSON.stringify(rows)
}
