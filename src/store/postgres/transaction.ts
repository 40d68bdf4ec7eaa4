/**
 * One transaction: rows are locked and read at once, everything that is decided is kept back and written by `flush` at
 * the end. So a pump that drives hundreds of streams needs as many round trips as one that drives a single one.
 */
import type { Json } from '../../core/json.ts'
import type { Instant } from '../../core/time.ts'
import type { StoredToken } from '../../ports/identity.ts'
import type { NewJob } from '../../ports/job.ts'
import type { RunSql } from '../../ports/sql.ts'
import {
  ConcurrencyError,
  type EnvironmentRow,
  type NewEvent,
  type PlacedEvent,
  type StoredEvent,
  type StoreTransaction,
  type StreamFacts,
  type StreamRow,
} from '../../ports/store.ts'
import type { OnceKey, Recalled } from '../../ports/once.ts'
import { type PreparedEvent, prepare } from '../event-data.ts'
import type { Changes } from './flush.ts'
import { environmentRow, guardedEvent, type Reading, streamRow } from './rows.ts'
import {
  CREATE_ENVIRONMENT,
  CREATE_STREAM,
  IS_QUARANTINED,
  LIFT_QUARANTINE,
  LOCK_DUE,
  LOCK_ENVIRONMENT,
  LOCK_STREAM,
  READ_STREAM,
  SET_QUARANTINE,
} from './statements.ts'
import { answerRequest, claimRequest } from './requests.ts'
import { saveToken, tokenById } from './tokens.ts'

/** A row whose last change lies this far in the future was written before the clock was set back: it is due. */
const FUTURE_MS = 5000

/** A stream row that we hold locked. */
type Held = { row: StreamRow; facts: StreamFacts | null; isChanged: boolean }

export class PostgresTransaction implements StoreTransaction {
  readonly #run: RunSql
  readonly #now: Instant
  readonly #reading: Reading
  readonly #streams = new Map<string, Held>()
  readonly #environments = new Map<string, { row: EnvironmentRow; isChanged: boolean }>()
  readonly #events: PreparedEvent[] = []
  readonly #jobs: NewJob[] = []
  #hasEnded = false

  constructor(run: RunSql, now: Instant, reading: Reading) {
    this.#now = now
    this.#reading = reading
    this.#run = (text, values, name) => {
      this.#check()
      return run(text, values, name)
    }
  }

  now(): Instant {
    return this.#now
  }

  doubts(): string | null {
    return this.#reading.guard.doubts()
  }

  async lock(stream: string): Promise<StreamRow | null> {
    this.#check()
    return (await this.#hold(stream))?.row ?? null
  }

  async lockDue(limit: number): Promise<readonly StreamRow[]> {
    const { rows } = await this.#run(LOCK_DUE, [this.#now, limit, this.#now + FUTURE_MS], 'lock-due')
    return rows.map((row) => this.#keep(streamRow(row, this.#reading)).row)
  }

  async read(stream: string, after = 0): Promise<readonly StoredEvent[]> {
    const { rows } = await this.#run(READ_STREAM, [stream, after], 'read-stream')
    return rows.map((row) => guardedEvent(row, this.#reading.guard))
  }

  async lockEnvironment(service: string, environment: string): Promise<EnvironmentRow> {
    this.#check()
    const key = JSON.stringify([service, environment])
    const held = this.#environments.get(key)
    if (held !== undefined) return held.row
    const names = [service, environment]
    const select = () => this.#run(LOCK_ENVIRONMENT, names, 'lock-environment')
    let { rows } = await select()
    if (rows.length === 0) {
      await this.#run(CREATE_ENVIRONMENT, names, 'create-environment')
      rows = (await select()).rows
    }
    const row = environmentRow(rows[0] as Record<string, unknown>, this.#reading.guard)
    this.#environments.set(key, { row, isChanged: false })
    return row
  }

  async saveEnvironment(row: EnvironmentRow): Promise<void> {
    await this.lockEnvironment(row.service, row.environment)
    const { doubted: _, ...kept } = row
    this.#environments.set(JSON.stringify([row.service, row.environment]), { row: kept, isChanged: true })
  }

  async append(stream: string, expected: number, events: readonly NewEvent[]): Promise<readonly PlacedEvent[]> {
    this.#check()
    const at = this.#now
    const prepared = events.map((event, index) => prepare(event, { stream, version: expected + 1 + index, at }))
    const held = (await this.#hold(stream)) ?? (expected === 0 ? await this.#create(stream, prepared.length) : null)
    if ((held?.row.version ?? 0) !== expected) throw new ConcurrencyError(stream, expected)
    if (held === null || prepared.length === 0) return []
    this.#events.push(...prepared)
    this.#streams.set(stream, {
      row: { ...held.row, version: expected + prepared.length, state: null },
      facts: null,
      isChanged: true,
    })
    return prepared.map(({ event }) => event)
  }

  async saveStream(row: StreamRow, facts: StreamFacts): Promise<void> {
    this.#check()
    const held = await this.#hold(row.stream)
    if (held?.row.version !== row.version) {
      throw new Error(`stream ${row.stream} is at version ${held?.row.version ?? 0}: its row cannot say ${row.version}`)
    }
    this.#streams.set(row.stream, { row, facts, isChanged: true })
  }

  async isQuarantined(service: string, environment: string, identity: string): Promise<boolean> {
    const { rows } = await this.#run(IS_QUARANTINED, [service, environment, identity], 'is-quarantined')
    return rows.length > 0
  }

  async setQuarantine(service: string, environment: string, identity: string, reason: string | null): Promise<void> {
    const names = [service, environment, identity]
    if (reason === null) await this.#run(LIFT_QUARANTINE, names, 'lift-quarantine')
    else await this.#run(SET_QUARANTINE, [...names, reason], 'set-quarantine')
  }

  async insertJobs(jobs: readonly NewJob[]): Promise<void> {
    this.#check()
    this.#jobs.push(...jobs)
  }

  claim(once: OnceKey): Promise<Recalled> {
    return claimRequest(this.#run, once, { now: this.#now, guard: this.#reading.guard })
  }

  answer(once: OnceKey, answer: Json): Promise<void> {
    return answerRequest(this.#run, { once, answer, guard: this.#reading.guard })
  }

  token(id: string): Promise<StoredToken | null> {
    return tokenById(this.#run, id, this.#reading.guard)
  }

  saveToken(token: StoredToken): Promise<void> {
    return saveToken(this.#run, token, this.#reading.guard)
  }

  /** Ends the transaction's own part and answers what has to be written before the commit. */
  end(): Changes & { readonly jobs: readonly NewJob[] } {
    this.#hasEnded = true
    return {
      now: this.#now,
      reading: this.#reading,
      events: this.#events,
      streams: [...this.#streams.values()].filter((held) => held.isChanged),
      environments: [...this.#environments.values()].filter((held) => held.isChanged).map((held) => held.row),
      jobs: this.#jobs,
    }
  }

  #check(): void {
    if (this.#hasEnded) throw new Error('this transaction has ended: await everything that uses it')
  }

  async #hold(stream: string): Promise<Held | null> {
    const held = this.#streams.get(stream)
    if (held !== undefined) return held
    const { rows } = await this.#run(LOCK_STREAM, [stream], 'lock-stream')
    return rows[0] === undefined ? null : this.#keep(streamRow(rows[0], this.#reading))
  }

  /** What we changed ourselves in this transaction is newer than what the database says. */
  #keep(row: StreamRow): Held {
    const held = this.#streams.get(row.stream) ?? { row, facts: null, isChanged: false }
    this.#streams.set(row.stream, held)
    return held
  }

  /** The row of a new stream, ours alone; null when somebody else has just begun it. */
  async #create(stream: string, events: number): Promise<Held | null> {
    if (events === 0) return null
    const { rows } = await this.#run(CREATE_STREAM, [stream, this.#now], 'create-stream')
    if (rows.length === 0) throw new ConcurrencyError(stream, 0)
    return this.#keep({ stream, version: 0, state: null, nextDue: null })
  }
}
