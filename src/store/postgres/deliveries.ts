/** The table of deliveries. Every method is one statement: what two replicas do at once, one of them does first. */
import { type Instant, instant } from '../../core/time.ts'
import {
  CLOCK_SET_BACK_MS,
  type DeadLetters,
  type Deliveries,
  type Delivery,
  deliveryId,
} from '../../ports/deliveries.ts'
import type { RunSql } from '../../ports/sql.ts'
import type { SqlRow } from './rows.ts'

type OfChannels = 'holdChannel' | 'releaseChannel' | 'channelDue' | 'dueChannels' | 'wakeDeliveries'
type Sending =
  | 'addDeliveries'
  | 'nextDelivery'
  | 'recordDelivery'
  | 'expireDeliveries'
  | 'replayDeliveries'
  | 'dismissDeliveries'
type Telling = 'untoldMessages' | 'markTold' | 'pruneDeliveries'
type Listing = 'deliveriesOf' | 'deliveries' | 'deadLetters'

export function deliveryTable(run: RunSql): Deliveries {
  return { ...channels(run), ...sending(run), ...telling(run), ...listing(run) }
}

function channels(run: RunSql): Pick<Deliveries, OfChannels> {
  return {
    async holdChannel(channel, now, until) {
      const { rows } = await run(HOLD, [channel, now, until], 'hold-channel')
      const [row] = rows
      if (row !== undefined) return { held: true, failures: Number(row['failures']) }
      const { rows: others } = await run(HELD, [channel], 'channel-held')
      return { held: false, until: moment(others[0]?.['not_before'] ?? now) }
    },
    async releaseChannel(channel, failures, until, pause = 'own') {
      await run(RELEASE, [channel, failures, until, pause === 'asked'], 'release-channel')
    },
    async channelDue(channel) {
      const { rows } = await run(CHANNEL_DUE, [channel], 'channel-due')
      return rows[0] === undefined ? null : moment(rows[0]['at'])
    },
    async dueChannels(now) {
      const { rows } = await run(DUE_CHANNELS, [now], 'due-channels')
      return rows.map((row) => row['channel'] as string)
    },
    async wakeDeliveries(channel, now) {
      await run(WAKE, [channel, now], 'wake-deliveries')
    },
  }
}

function sending(run: RunSql): Pick<Deliveries, Sending> {
  return {
    async addDeliveries(deliveries, now) {
      const rows = deliveries.map((each) => ({ ...each, id: deliveryId(each) }))
      await run(ADD, [JSON.stringify(rows), now], 'add-deliveries')
    },
    async nextDelivery(channel, now) {
      const { rows } = await run(NEXT, [channel, now], 'next-delivery')
      return rows[0] === undefined ? null : delivery(rows[0])
    },
    async recordDelivery(id, { state, attempts, failure, receipt, at }) {
      await run(RECORD, [id, state, attempts, failure, receipt, at], 'record-delivery')
    },
    async expireDeliveries(now, limit) {
      const { rows } = await run(EXPIRE, [now, limit], 'expire-deliveries')
      return rows.map(delivery)
    },
    async replayDeliveries(ids, now, until) {
      const { rows } = await run(REPLAY, [ids, now, until], 'replay-deliveries')
      return rows.map(delivery)
    },
    async dismissDeliveries(ids, now, { by, reason }) {
      const { rows } = await run(DISMISS, [ids, now, by, reason], 'dismiss-deliveries')
      return rows.map(delivery)
    },
  }
}

function telling(run: RunSql): Pick<Deliveries, Telling> {
  return {
    async untoldMessages(limit) {
      const { rows } = await run(UNTOLD, [limit], 'untold-messages')
      return rows.map((row) => ({ stream: row['stream'] as string, version: Number(row['version']) }))
    },
    async markTold({ stream, version }) {
      await run(TOLD, [stream, version], 'mark-told')
    },
    async pruneDeliveries(deliveredBefore, deadBefore) {
      await run(PRUNE, [deliveredBefore, deadBefore], 'prune-deliveries')
      await run(PRUNE_CHANNELS, [deadBefore], 'prune-channels')
    },
  }
}

/** What an `integer` holds; the version comes from an id that somebody typed. */
const VERSION_MAX = 2 ** 31 - 1

function listing(run: RunSql): Pick<Deliveries, Listing> {
  return {
    async deliveriesOf({ stream, version }) {
      if (version > VERSION_MAX) return []
      const { rows } = await run(OF_MESSAGE, [stream, version], 'deliveries-of')
      return rows.map(delivery)
    },
    async deliveries({ service = null, environment = null, state = null, limit = 100 }) {
      const { rows } = await run(LIST, [service, environment, state, limit], 'list-deliveries')
      return rows.map(delivery)
    },
    async deadLetters() {
      const { rows } = await run(DEAD, [], 'dead-letters')
      return rows.map(deadLetters)
    },
  }
}

function moment(value: unknown): Instant {
  return instant(Number(value))
}

function delivery(row: SqlRow): Delivery {
  const text = (name: string) => row[name] as string
  return {
    id: text('id'),
    stream: text('stream'),
    version: Number(row['version']),
    route: Number(row['route']),
    channel: text('channel'),
    kind: text('kind'),
    to: text('destination'),
    service: text('service'),
    environment: text('environment'),
    event: text('event') as Delivery['event'],
    priority: text('priority') as Delivery['priority'],
    title: text('title'),
    position: Number(row['position']),
    until: moment(row['until']),
    state: text('state') as Delivery['state'],
    attempts: Number(row['attempts']),
    failure: row['failure'] as string | null,
    receipt: row['receipt'] as string | null,
    dismissed: row['dismissed_by'] === null ? null : { by: text('dismissed_by'), reason: text('dismissed_reason') },
    createdAt: moment(row['created_at']),
    at: moment(row['at']),
  }
}

function deadLetters(row: SqlRow): DeadLetters {
  return {
    service: row['service'] as string,
    environment: row['environment'] as string,
    count: Number(row['count']),
    since: moment(row['since']),
    failure: (row['failure'] as string | null) ?? '',
    to: row['destination'] as string,
  }
}

const COLUMNS =
  'id, stream, version, route, channel, kind, destination, service, environment, event, priority, title, position, until, state, attempts, failure, receipt, dismissed_by, dismissed_reason, created_at, at'

/** The channel first: whoever finds a delivery finds its channel. */
const ADD = /* sql */ `
with new as (
  select * from jsonb_to_recordset($1::jsonb) as new (id text, stream text, version int, route int, channel text,
    kind text, "to" text, service text, environment text, event text, priority text, title text, position bigint, until bigint)
), channels as (
  insert into stellwerk.channels (channel, not_before) select distinct channel, $2::bigint from new
  on conflict (channel) do update set not_before = least(channels.not_before, excluded.not_before) where not channels.held
)
insert into stellwerk.deliveries (id, stream, version, route, channel, kind, destination, service, environment, event,
  priority, title, position, until, created_at, at)
select id, stream, version, route, channel, kind, "to", service, environment, event, priority, title, position, until, $2, $2
from new on conflict do nothing`

const HOLD = /* sql */ `
insert into stellwerk.channels as ours (channel, held, not_before) values ($1, true, $3)
on conflict (channel) do update set held = true, not_before = excluded.not_before where ours.not_before <= $2 or ours.not_before > $2 + ${CLOCK_SET_BACK_MS}
returning failures`

const HELD = /* sql */ `select not_before from stellwerk.channels where channel = $1`

const RELEASE = /* sql */ `update stellwerk.channels set failures = $2, held = $4, not_before = $3 where channel = $1`

const NEXT = /* sql */ `
select ${COLUMNS} from stellwerk.deliveries where channel = $1 and state = 'waiting' and (at <= $2 or at > $2 + ${CLOCK_SET_BACK_MS})
order by position, route limit 1`

const CHANNEL_DUE = /* sql */ `
select at from stellwerk.deliveries where channel = $1 and state = 'waiting' order by at limit 1`

const DUE_CHANNELS = /* sql */ `
select channel from stellwerk.channels
where (not_before <= $1 or not_before > $1 + ${CLOCK_SET_BACK_MS}) and exists (
  select from stellwerk.deliveries where deliveries.channel = channels.channel and state = 'waiting'
    and (at <= $1 or at > $1 + ${CLOCK_SET_BACK_MS})
)`

const RECORD = /* sql */ `
update stellwerk.deliveries set state = $2, attempts = $3, failure = $4, receipt = $5, at = $6
where id = $1 and state = 'waiting'`

const WAKE = /* sql */ `
update stellwerk.deliveries set at = $2 where channel = $1 and state = 'waiting' and at > $2`

const EXPIRE = /* sql */ `
update stellwerk.deliveries set state = 'dead', at = $1, failure = coalesce(failure, 'its channel took nothing in its time')
where id in (
  select id from stellwerk.deliveries where state = 'waiting' and until <= $1 order by until limit $2 for update skip locked
) returning ${COLUMNS}`

const OF_MESSAGE = /* sql */ `
select ${COLUMNS} from stellwerk.deliveries where stream = $1 and version = $2 order by route`

const LIST = /* sql */ `
select ${COLUMNS} from stellwerk.deliveries
where ($1::text is null or service = $1) and ($2::text is null or environment = $2) and ($3::text is null or state = $3)
order by created_at desc, id desc limit $4`

const DEAD = /* sql */ `
select distinct on (service, environment) service, environment, failure, destination,
  count(*) over place as count, min(at) over place as since
from stellwerk.deliveries where state = 'dead'
window place as (partition by service, environment)
order by service, environment, at desc, id desc`

const REPLAY = /* sql */ `
update stellwerk.deliveries set state = 'waiting', at = $2, until = $3
where id = any($1::text[]) and state = 'dead' returning ${COLUMNS}`

const DISMISS = /* sql */ `
update stellwerk.deliveries set state = 'dismissed', at = $2, dismissed_by = $3, dismissed_reason = $4
where id = any($1::text[]) and state = 'dead' returning ${COLUMNS}`

const UNTOLD = /* sql */ `
select distinct stream, version from stellwerk.deliveries as one where not told and not exists (
  select from stellwerk.deliveries as other
  where other.stream = one.stream and other.version = one.version and other.state = 'waiting'
) limit $1`

const TOLD = /* sql */ `update stellwerk.deliveries set told = true where stream = $1 and version = $2 and not told`

const PRUNE = /* sql */ `
delete from stellwerk.deliveries where (state = 'delivered' and at < $1) or (state in ('dead', 'dismissed') and at < $2)`

const PRUNE_CHANNELS = /* sql */ `
delete from stellwerk.channels where not_before < $1 and not exists (
  select from stellwerk.deliveries where deliveries.channel = channels.channel
)`
