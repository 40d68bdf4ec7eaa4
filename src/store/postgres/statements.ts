/** What a transaction asks of the database before it writes. */
import { ENVIRONMENT_COLUMNS, EVENT_COLUMNS, STREAM_COLUMNS } from './rows.ts'

export const LOCK_STREAM = /* sql */ `select ${STREAM_COLUMNS} from stellwerk.streams where stream = $1 for update`

export const CREATE_STREAM = /* sql */ `
insert into stellwerk.streams (stream, version, created_at, updated_at) values ($1, 0, $2, $2)
on conflict do nothing returning stream`

// Two conditions, each with its own index, so that neither is a scan of all streams.
export const LOCK_DUE = /* sql */ `
with due as (
  select ${STREAM_COLUMNS} from stellwerk.streams where next_due <= $1 and stream <> all($4)
  order by next_due limit $2 for update skip locked
), future as (
  select ${STREAM_COLUMNS} from stellwerk.streams where updated_at > $3 and next_due is not null and stream <> all($4)
  order by updated_at limit $2 for update skip locked
)
select * from (select * from due union all select * from future where stream not in (select stream from due)) as found
order by next_due limit $2`

export const READ_STREAM = /* sql */ `
select ${EVENT_COLUMNS} from stellwerk.events where stream = $1 and version > $2 order by version`

export const LOCK_ENVIRONMENT = /* sql */ `
select ${ENVIRONMENT_COLUMNS} from stellwerk.environments where service = $1 and environment = $2 for update`

export const CREATE_ENVIRONMENT = /* sql */ `
insert into stellwerk.environments (service, environment) values ($1, $2) on conflict do nothing`

export const IS_QUARANTINED = /* sql */ `
select from stellwerk.quarantine where service = $1 and environment = $2 and identity = $3`

export const SET_QUARANTINE = /* sql */ `
insert into stellwerk.quarantine (service, environment, identity, reason) values ($1, $2, $3, $4)
on conflict (service, environment, identity) do update set reason = excluded.reason`

export const LIFT_QUARANTINE = /* sql */ `
delete from stellwerk.quarantine where service = $1 and environment = $2 and identity = $3`
