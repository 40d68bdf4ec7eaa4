/** Every table beside the log can be made again from it (law L2): after a change of their shape, or of doubt. */
import type { RunSql } from '../../ports/sql.ts'
import type { EnvironmentRow, StoredEvent, StreamFacts, StreamRow } from '../../ports/store.ts'
import type { Outcome } from './pool.ts'
import { EVENT_COLUMNS, type SqlRow, storedEvent } from './rows.ts'

/** What an event has changed; written together after each batch of events, the last word on a row wins. */
export interface ProjectionWriter {
  /** `row.version` is the event's version. An event after which nobody saves the row voids its state. */
  saveStream(row: StreamRow, facts: StreamFacts): void
  saveEnvironment(row: EnvironmentRow): void
  setQuarantine(service: string, environment: string, identity: string, reason: string | null): void
}

/** Called with every event of the log in order; may keep what it folds between the calls. */
export type Projector = (event: StoredEvent, write: ProjectionWriter) => void

export const BEGIN_REBUILD =
  'begin; set local statement_timeout = 0; set local lock_timeout = 0; set local idle_in_transaction_session_timeout = 0'

export async function truncateProjections(run: RunSql): Promise<void> {
  await run('truncate stellwerk.streams, stellwerk.environments, stellwerk.quarantine')
}

const BATCH = 1000

/** Everything in the transaction behind `run`; readers and writers wait. Answers how many events it has read. */
export async function rebuild(run: RunSql, projector: Projector, stateFormat: number): Promise<Outcome<number>> {
  await truncateProjections(run)
  let last = 0
  for (;;) {
    const { rows } = await run(READ, [last, BATCH])
    if (rows.length === 0) return { result: last, after: null }
    const batch = new Batch()
    for (const row of rows) batch.project(storedEvent(row), projector)
    await batch.write(run, stateFormat)
    last = Number((rows.at(-1) as SqlRow)['position'])
  }
}

type Row = StreamRow & { readonly facts: StreamFacts | null; readonly createdAt: number; readonly updatedAt: number }

class Batch {
  readonly #streams = new Map<string, Row>()
  readonly #environments = new Map<string, EnvironmentRow>()
  readonly #quarantine = new Map<string, readonly (string | null)[]>()

  project(event: StoredEvent, projector: Projector): void {
    const { stream, version, at } = event
    const before = this.#streams.get(stream)
    const nextDue = before?.nextDue ?? null
    const base = { stream, version, createdAt: before?.createdAt ?? at, updatedAt: at }
    this.#streams.set(stream, { ...base, state: null, nextDue, facts: before?.facts ?? null })
    projector(event, {
      saveStream: (row, facts) => {
        if (row.stream !== stream || row.version !== version) {
          throw new Error(`at version ${version} of ${stream}, the projector saved ${row.stream} at ${row.version}`)
        }
        this.#streams.set(stream, { ...base, ...row, facts })
      },
      saveEnvironment: (row) => void this.#environments.set(JSON.stringify([row.service, row.environment]), row),
      setQuarantine: (...names) => void this.#quarantine.set(JSON.stringify(names.slice(0, 3)), names),
    })
  }

  async write(run: RunSql, stateFormat: number): Promise<void> {
    // The facts have a version of their own, the release's.
    const streams = this.#streams.values().map(({ facts, ...row }) => ({ ...facts, release: facts?.version, ...row }))
    await run(SAVE_STREAMS, [JSON.stringify([...streams]), stateFormat])
    await run(SAVE_ENVIRONMENTS, [JSON.stringify([...this.#environments.values()])])
    const barred = [...this.#quarantine.values()]
    await run(LIFT_QUARANTINE, [JSON.stringify(barred)])
    await run(SET_QUARANTINE, [JSON.stringify(barred.filter(([, , , reason]) => reason !== null))])
  }
}

const READ = /* sql */ `select ${EVENT_COLUMNS} from stellwerk.events where position > $1 order by position limit $2`

const SAVE_STREAMS = /* sql */ `
insert into stellwerk.streams (stream, version, state, state_format, next_due, kind, service, environment, release,
  phase, final, created_at, updated_at)
select stream, version, nullif(state, 'null')::json, case when nullif(state, 'null') is null then null else $2::int end,
  "nextDue", kind, service, environment, release, phase, final, "createdAt", "updatedAt"
from jsonb_to_recordset($1::jsonb) as new (stream text, version int, state jsonb, "nextDue" bigint, kind text,
  service text, environment text, release text, phase text, final boolean, "createdAt" bigint, "updatedAt" bigint)
on conflict (stream) do update set version = excluded.version, state = excluded.state,
  state_format = excluded.state_format, next_due = excluded.next_due,
  kind = coalesce(excluded.kind, streams.kind), service = coalesce(excluded.service, streams.service),
  environment = case when excluded.kind is null then streams.environment else excluded.environment end,
  release = case when excluded.kind is null then streams.release else excluded.release end,
  phase = coalesce(excluded.phase, streams.phase), final = coalesce(excluded.final, streams.final),
  updated_at = excluded.updated_at`

const SAVE_ENVIRONMENTS = /* sql */ `
insert into stellwerk.environments (service, environment, holder, facts, queue)
select service, environment, holder, facts, array(select jsonb_array_elements_text(queue))
from jsonb_to_recordset($1::jsonb) as new (service text, environment text, holder text, facts jsonb, queue jsonb)
on conflict (service, environment) do update set holder = excluded.holder, facts = excluded.facts, queue = excluded.queue`

const LIFT_QUARANTINE = /* sql */ `
delete from stellwerk.quarantine using jsonb_array_elements($1::jsonb) as lifted
where service = lifted ->> 0 and environment = lifted ->> 1 and identity = lifted ->> 2`

const SET_QUARANTINE = /* sql */ `
insert into stellwerk.quarantine (service, environment, identity, reason)
select barred ->> 0, barred ->> 1, barred ->> 2, barred ->> 3 from jsonb_array_elements($1::jsonb) as barred`
