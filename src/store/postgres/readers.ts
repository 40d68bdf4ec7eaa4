import type { RunSql } from '../../ports/sql.ts'
import type { Store } from '../../ports/store.ts'
import type { LogGuard } from '../seal.ts'
import { deliveryTable } from './deliveries.ts'
import { recallRequest } from './requests.ts'
import { tokenReaders } from './tokens.ts'
import {
  ENVIRONMENT_COLUMNS,
  EVENT_COLUMNS,
  environmentRow,
  guardedEvent,
  type Reading,
  STREAM_COLUMNS,
  nextDueOf,
  streamRow,
  streamSummary,
} from './rows.ts'

/** What is read outside a transaction: committed, and from the moment of the call. */
export function readers(run: RunSql, reading: Reading): Omit<Store, 'transact' | 'listen'> {
  const { guard } = reading
  return {
    ...eventReaders(run, guard),
    ...rowReaders(run, reading),
    ...tokenReaders(run, guard),
    ...deliveryTable(run),
    recall: (once) => recallRequest(run, once, guard),
    doubts: () => guard.doubts(),
  }
}

function eventReaders(run: RunSql, guard: LogGuard): Pick<Store, 'read' | 'readAll' | 'event' | 'size'> {
  return {
    async read(stream, after = 0) {
      const { rows } = await run(READ_STREAM, [stream, after], 'read')
      return rows.map((row) => guardedEvent(row, guard))
    },
    async readAll(after, limit, stream) {
      const { rows } =
        stream === undefined
          ? await run(READ_ALL, [after, limit], 'read-all')
          : await run(READ_NEWS, [stream, after, limit], 'read-news')
      return rows.map((row) => guardedEvent(row, guard))
    },
    async size() {
      const { rows } = await run(READ_SIZE, [], 'size')
      return Number(rows[0]?.['size'] ?? 0)
    },
    async event(stream, version) {
      const { rows } = await run(READ_EVENT, [stream, version], 'event')
      return rows[0] === undefined ? null : guardedEvent(rows[0], guard)
    },
  }
}

function rowReaders(
  run: RunSql,
  reading: Reading,
): Pick<Store, 'row' | 'environment' | 'environments' | 'list' | 'overdue'> {
  return {
    async row(stream) {
      const { rows } = await run(READ_ROW, [stream], 'row')
      return rows[0] === undefined ? null : streamRow(rows[0], reading)
    },
    async environment(service, environment) {
      const { rows } = await run(READ_ENVIRONMENT, [service, environment], 'environment')
      return rows[0] === undefined ? null : environmentRow(rows[0], reading.guard)
    },
    async environments() {
      const { rows } = await run(READ_ENVIRONMENTS, [], 'environments')
      return rows.map((row) => environmentRow(row, reading.guard))
    },
    async list({ kind = null, service = null, environment = null, final = null, limit = 100 }) {
      const { rows } = await run(LIST, [kind, service, environment, limit, final], 'list')
      return rows.map(streamSummary)
    },
    async overdue(before, named) {
      const { rows } = await run(OVERDUE, [before, named], 'overdue')
      return rows.map((row) => ({ ...streamSummary(row), nextDue: nextDueOf(row) }))
    },
  }
}

const READ_STREAM = /* sql */ `
select ${EVENT_COLUMNS} from stellwerk.events where stream = $1 and version > $2 order by version`

const READ_ALL = /* sql */ `
select ${EVENT_COLUMNS} from stellwerk.events where position > $1 order by position limit $2`

const READ_NEWS = /* sql */ `
select ${EVENT_COLUMNS} from stellwerk.events where stream = $1 and position > $2 order by position limit $3`

const READ_SIZE = /* sql */ `select size from stellwerk.log_head`

const READ_EVENT = /* sql */ `select ${EVENT_COLUMNS} from stellwerk.events where stream = $1 and version = $2`

const READ_ROW = /* sql */ `select ${STREAM_COLUMNS} from stellwerk.streams where stream = $1`

const READ_ENVIRONMENT = /* sql */ `
select ${ENVIRONMENT_COLUMNS} from stellwerk.environments where service = $1 and environment = $2`

const READ_ENVIRONMENTS = /* sql */ `
select ${ENVIRONMENT_COLUMNS} from stellwerk.environments
order by service collate "C", environment collate "C"`

const SUMMARY = 'stream, kind, service, environment, release, phase, final, created_at, updated_at'

const LIST = /* sql */ `
select ${SUMMARY} from stellwerk.streams
where kind is not null and ($1::text is null or kind = $1) and ($2::text is null or service = $2)
  and ($3::text is null or environment = $3) and ($5::boolean is null or final = $5)
order by created_at desc, stream desc limit $4`

const OVERDUE = /* sql */ `
select ${SUMMARY}, next_due from stellwerk.streams where kind is not null and (next_due < $1 or stream = any($2))
order by next_due, stream limit 1000`
