import { Pool, type QueryResultRow } from 'pg'
import type { Histogram } from './metrics.ts'

export type Stamp = { readonly code: string; readonly card: string }
type Paused = { readonly paused: boolean }
export type Card = { readonly claimed: number; readonly redeemed: number }

/** Everything the service keeps, in PostgreSQL. Every call may reject; the server turns that into 503. */
export interface Store {
  /** Creates schema and tables where missing; safe to run by many instances and versions at once. */
  prepare(): Promise<void>
  /** False when the code was claimed before. */
  claim(stamp: Stamp, account: string): Promise<boolean>
  redeem(stamp: Stamp, account: string): Promise<boolean>
  find(stamp: Stamp): Promise<'unknown' | 'claimed' | 'redeemed'>
  card(id: string): Promise<Card>
  /** Claims and redemptions booked by an account. */
  bookings(account: string): Promise<number>
  /** Claims are switched off for a while (`mitigate.ts`); looked up at most once a second. */
  claimsPaused(): Promise<boolean>
  pauseClaims(minutes: number): Promise<void>
  /** Marks rewards as sent and answers how many; two workers never take the same one. */
  sendRewards(): Promise<number>
  close(): Promise<void>
}

/** How long an answer about pauses is believed. */
const PAUSED_FOR_MS = 1000

// The lock makes "if not exists" true: two instances starting together would otherwise collide in the catalogue.
const SCHEMA = `
  begin;
  select pg_advisory_xact_lock(hashtext('lokaltreu.schema'));
  create schema if not exists lokaltreu;
  create table if not exists lokaltreu.stamps (
    code        text primary key,
    card        text not null,
    claimed_by  text not null,
    claimed_at  timestamptz not null default now(),
    redeemed_by text,
    redeemed_at timestamptz
  );
  create index if not exists stamps_card on lokaltreu.stamps (card);
  create index if not exists stamps_claimed_by on lokaltreu.stamps (claimed_by);
  create table if not exists lokaltreu.rewards (
    code    text primary key references lokaltreu.stamps,
    due_at  timestamptz not null default now(),
    sent_at timestamptz
  );
  create table if not exists lokaltreu.paused (what text primary key, until timestamptz not null);
  create index if not exists stamps_redeemed_by on lokaltreu.stamps (redeemed_by);
  commit`

export function openStore(databaseUrl: string, latency: Histogram, onError: (error: Error) => void): Store {
  const pool = new Pool({ connectionString: databaseUrl, max: 10, connectionTimeoutMillis: 2000, query_timeout: 5000 })
  pool.on('error', onError)

  async function query<T extends QueryResultRow>(sql: string, values: readonly string[]): Promise<T[]> {
    const started = performance.now()
    try {
      return (await pool.query<T>(sql, [...values])).rows
    } finally {
      latency.observe((performance.now() - started) / 1000)
    }
  }

  return {
    prepare: async () => void (await pool.query(SCHEMA)),
    claim: async ({ code, card }, account) => (await query(CLAIM, [code, card, account])).length === 1,
    redeem: async ({ code, card }, account) => (await query(REDEEM, [code, card, account])).length === 1,
    async find({ code, card }) {
      const [row] = await query<{ redeemed: boolean }>(FIND, [code, card])
      if (!row) return 'unknown'
      return row.redeemed ? 'redeemed' : 'claimed'
    },
    card: async (id) => (await query<Card>(CARD, [id]))[0] ?? { claimed: 0, redeemed: 0 },
    bookings: async (account) => (await query<{ bookings: number }>(BOOKINGS, [account]))[0]?.bookings ?? 0,
    claimsPaused: remembered(PAUSED_FOR_MS, async () => (await query<Paused>(PAUSED, []))[0]?.paused ?? false),
    pauseClaims: async (minutes) => void (await query(PAUSE, [String(minutes)])),
    sendRewards: async () => (await query(SEND, [])).length,
    close: () => pool.end(),
  }
}

/** Asks again once the last answer is older than `forMs`. */
function remembered<T>(forMs: number, ask: () => Promise<T>): () => Promise<T> {
  let last: { readonly at: number; readonly value: T } | null = null
  return async () => {
    if (last === null || performance.now() - last.at >= forMs) last = { at: performance.now(), value: await ask() }
    return last.value
  }
}

const CLAIM = `insert into lokaltreu.stamps (code, card, claimed_by) values ($1, $2, $3)
  on conflict (code) do nothing returning code`
const REDEEM = `with redeemed as (
    update lokaltreu.stamps set redeemed_by = $3, redeemed_at = now()
    where code = $1 and card = $2 and redeemed_at is null returning code)
  insert into lokaltreu.rewards (code) select code from redeemed on conflict do nothing returning code`
const FIND = `select redeemed_at is not null as redeemed from lokaltreu.stamps where code = $1 and card = $2`
const CARD = `select count(*)::int as claimed, count(redeemed_at)::int as redeemed from lokaltreu.stamps where card = $1`
const BOOKINGS = `select ((select count(*) from lokaltreu.stamps where claimed_by = $1)
  + (select count(*) from lokaltreu.stamps where redeemed_by = $1))::int as bookings`
const PAUSED = `select exists (select from lokaltreu.paused where what = 'claims' and until > now()) as paused`
const PAUSE = `insert into lokaltreu.paused (what, until) values ('claims', now() + make_interval(mins => $1::int))
  on conflict (what) do update set until = excluded.until returning what`
const SEND = `update lokaltreu.rewards set sent_at = now() where code in (
    select code from lokaltreu.rewards where sent_at is null order by due_at limit 50 for update skip locked)
  returning code`
