/**
 * Makes every row beside the log again from its events (law L2), in the one transaction behind `run`: killed half-way, nothing of
 * it happened. Streams are read one after the other, so that one state at a time is held, however long the log is.
 */
import type { RunSql } from '../../ports/sql.ts'
import {
  type Answered,
  type Barred,
  type Beside,
  type EnvironmentChange,
  NOTHING_BESIDE,
  type ProjectedToken,
  type Projector,
  type StreamProjection,
} from '../../ports/projection.ts'
import type { NewJob } from '../../ports/job.ts'
import type { StoredToken } from '../../ports/identity.ts'
import type { EnvironmentRow, StoredEvent } from '../../ports/store.ts'
import { environmentText, requestText, stateText } from '../seal.ts'
import type { Database } from './pool.ts'
import { EVENT_COLUMNS, guardedEvent, type Reading } from './rows.ts'
import { saveToken, tokenRows } from './tokens.ts'

export type Rebuilt = {
  readonly events: number
  readonly streams: number
  readonly environments: number
  readonly tokens: number
  /** Tokens that the log knows without that by which they are recognised: they have to be issued anew. */
  readonly lostTokens: readonly string[]
  /** Orders without an answer that had no job. */
  readonly jobs: number
  /** Streams that cannot be read to their end, with the reason: each stops alone until a version can read it. */
  readonly unreadable: readonly { readonly stream: string; readonly why: string }[]
}

export type Rebuilding = {
  readonly projectors: readonly Projector[]
  /** Of these jobs those of which none waits in the queue. */
  readonly missing: (jobs: readonly NewJob[], run: RunSql) => Promise<readonly NewJob[]>
}

type Within = Rebuilding & {
  readonly reading: Reading
  readonly insertJobs: (jobs: readonly NewJob[], run: RunSql) => Promise<void>
}

const BEGIN = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'].reduce(
  (begin, limit) => `${begin}; set local ${limit} = 0`,
  'begin',
)

/** Whoever drives waits meanwhile. */
export function rebuildIn(database: Database, how: Within): Promise<Rebuilt> {
  return database.transact(BEGIN, async (run) => ({ result: await rebuild(run, how), after: null }))
}

async function rebuild(run: RunSql, rebuilding: Within): Promise<Rebuilt> {
  await run('truncate stellwerk.streams, stellwerk.environments, stellwerk.quarantine')
  const found = new Found()
  const rows = new StreamRows(run, rebuilding.reading)
  let events = 0
  for await (const stream of streamsOf(run, rebuilding)) {
    events += stream.events
    found.add(stream)
    await rows.add(stream)
  }
  await rows.flush()
  const environments = await saveEnvironments(run, rebuilding.reading, found.changes)
  await saveQuarantine(run, found.barred)
  const tokens = await saveTokens(run, rebuilding.reading, found.tokens)
  for (const answered of found.answered) await saveAnswer(run, rebuilding.reading, answered)
  const jobs = await rebuilding.missing(found.jobs, run)
  if (jobs.length > 0) await rebuilding.insertJobs(jobs, run)
  const { unreadable } = found
  return { events, streams: rows.saved, environments, ...tokens, jobs: jobs.length, unreadable }
}

type Stream = {
  readonly last: StoredEvent
  readonly createdAt: number
  readonly events: number
  readonly beside: Beside
}

type Begun = {
  readonly first: StoredEvent
  readonly last: StoredEvent
  readonly events: number
  readonly projection: StreamProjection | null
}

const BATCH = 1000

async function* streamsOf(run: RunSql, { projectors, reading }: Within): AsyncGenerator<Stream> {
  let begun = null as Begun | null
  for await (const event of byStream(run, reading)) {
    if (begun !== null && begun.last.stream !== event.stream) yield ended(begun)
    begun = begun?.last.stream === event.stream ? onward(begun, event) : beginning(event, projectors)
    begun.projection?.see(event)
  }
  if (begun !== null) yield ended(begun)
}

function beginning(first: StoredEvent, projectors: readonly Projector[]): Begun {
  return { first, last: first, events: 1, projection: projectionOf(first, projectors) }
}

function onward(begun: Begun, event: StoredEvent): Begun {
  return { ...begun, last: event, events: begun.events + 1 }
}

function ended({ first, last, events, projection }: Begun): Stream {
  return { last, createdAt: first.at, events, beside: projection?.beside() ?? NOTHING_BESIDE }
}

function projectionOf(first: StoredEvent, projectors: readonly Projector[]): StreamProjection | null {
  return projectors.reduce<StreamProjection | null>((known, project) => known ?? project(first), null)
}

async function* byStream(run: RunSql, { guard }: Reading): AsyncGenerator<StoredEvent> {
  let [stream, version] = ['', 0]
  for (;;) {
    const { rows } = await run(READ, [stream, version, BATCH], 'rebuild-read')
    for (const row of rows) yield guardedEvent(row, guard)
    const last = rows.at(-1)
    if (last === undefined || rows.length < BATCH) return
    ;[stream, version] = [last['stream'] as string, Number(last['version'])]
  }
}

/** What is written when all streams are known: small beside their states. */
class Found {
  readonly changes: EnvironmentChange[] = []
  readonly barred: Barred[] = []
  readonly tokens: ProjectedToken[] = []
  readonly answered: Answered[] = []
  readonly jobs: NewJob[] = []
  readonly unreadable: { readonly stream: string; readonly why: string }[] = []

  add({ last: { stream }, beside }: Stream): void {
    this.changes.push(...beside.changes)
    this.barred.push(...beside.barred)
    if (beside.token) this.tokens.push(beside.token)
    if (beside.answered) this.answered.push(beside.answered)
    this.jobs.push(...beside.jobs)
    if (beside.problem !== null) this.unreadable.push({ stream, why: beside.problem })
  }
}

const WRITTEN_AT_ONCE = 200
const NOT_LISTED = { version: null }

class StreamRows {
  readonly #run: RunSql
  readonly #reading: Reading
  #waiting: unknown[] = []
  saved = 0

  constructor(run: RunSql, reading: Reading) {
    this.#run = run
    this.#reading = reading
  }

  async add({ last: { stream, version, at }, createdAt, beside: { row } }: Stream): Promise<void> {
    const { guard } = this.#reading
    const state = row === null || row.state === null ? null : JSON.stringify(row.state)
    const mac = state === null ? null : guard.seal(stateText({ stream, version }, state))
    const { version: release, ...facts } = row === null ? NOT_LISTED : row.facts
    const times = { created_at: createdAt, updated_at: at, next_due: row?.nextDue ?? null }
    this.#waiting.push({ ...facts, ...times, stream, version, state, mac, release })
    if (this.#waiting.length >= WRITTEN_AT_ONCE) await this.flush()
  }

  async flush(): Promise<void> {
    await this.#run(SAVE_STREAMS, [JSON.stringify(this.#waiting)], 'rebuild-streams')
    this.saved += this.#waiting.length
    this.#waiting = []
  }
}

async function saveEnvironments(run: RunSql, { guard }: Reading, changes: EnvironmentChange[]): Promise<number> {
  const rows = new Map<string, EnvironmentRow>()
  for (const { service, environment, change } of changes.sort(byPosition)) {
    const key = JSON.stringify([service, environment])
    rows.set(key, change(rows.get(key) ?? { service, environment, holder: null, facts: null, queue: [] }))
  }
  const sealed = [...rows.values()].map((row) => ({ ...row, mac: guard.seal(environmentText(row)) }))
  await run(SAVE_ENVIRONMENTS, [JSON.stringify(sealed)])
  return rows.size
}

async function saveQuarantine(run: RunSql, barred: Barred[]): Promise<void> {
  const last = new Map<string, Barred>()
  for (const one of barred.sort(byPosition)) last.set(JSON.stringify([one.service, one.environment, one.identity]), one)
  await run(SAVE_QUARANTINE, [JSON.stringify([...last.values()].filter(({ reason }) => reason !== null))])
}

function byPosition(left: { readonly position: number }, right: { readonly position: number }): number {
  return left.position - right.position
}

/**
 * What the log does not hold is taken from the row that is there, if it is ours: the name, the last use, and of tokens of earlier
 * versions that by which they are recognised. Without the row, a token has the name of its person.
 */
async function saveTokens(run: RunSql, { guard }: Reading, tokens: readonly ProjectedToken[]) {
  const kept = new Map((await tokenRows(run, guard)).map((token) => [token.id, token]))
  await run('delete from stellwerk.tokens')
  const lostTokens: string[] = []
  for (const { hash: logged, ...token } of tokens) {
    const { name, lastUsedAt, hash } = kept.get(token.id) ?? { name: token.person, lastUsedAt: null, hash: null }
    const recognised = logged ?? hash
    if (recognised === null) lostTokens.push(token.id)
    else await saveToken(run, { ...token, name, lastUsedAt, hash: recognised } satisfies StoredToken, guard)
  }
  return { tokens: tokens.length - lostTokens.length, lostTokens }
}

/** An answer that is kept is what was said. */
async function saveAnswer(run: RunSql, { guard }: Reading, { once, answer, at }: Answered): Promise<void> {
  const text = JSON.stringify(answer)
  const { owner, key, fingerprint } = once
  await run(SAVE_ANSWER, [owner, key, fingerprint, text, at, guard.seal(requestText(once, text))], 'rebuild-answer')
}

const READ = /* sql */ `select ${EVENT_COLUMNS} from stellwerk.events where (stream, version) > ($1, $2)
order by stream, version limit $3`

// The text of a state is kept as it is written here, since the seal is over that text.
const SAVE_STREAMS = /* sql */ `
insert into stellwerk.streams (stream, version, state, mac, next_due, kind, service, environment, release,
  phase, final, created_at, updated_at)
select stream, version, state::json, decode(mac, 'hex'), next_due, kind,
  service, environment, release, phase, final, created_at, updated_at
from json_to_recordset($1::json) as new (stream text, version int, state text, mac text, next_due bigint, kind text,
  service text, environment text, release text, phase text, final boolean, created_at bigint, updated_at bigint)`

const SAVE_ENVIRONMENTS = /* sql */ `
insert into stellwerk.environments (service, environment, holder, facts, queue, mac)
select service, environment, holder, facts, array(select jsonb_array_elements_text(queue)), decode(mac, 'hex')
from jsonb_to_recordset($1::jsonb)
  as new (service text, environment text, holder text, facts jsonb, queue jsonb, mac text)`

const SAVE_QUARANTINE = /* sql */ `
insert into stellwerk.quarantine (service, environment, identity, reason)
select service, environment, identity, reason
from jsonb_to_recordset($1::jsonb) as barred (service text, environment text, identity text, reason text)`

const SAVE_ANSWER = /* sql */ `
insert into stellwerk.requests (owner, key, fingerprint, answer, at, mac) values ($1, $2, $3, $4::json, $5, decode($6, 'hex'))
on conflict do nothing`
