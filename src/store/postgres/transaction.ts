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
import type { OnceKey, Recalled } from '../../ports/identity.ts'
import { type PreparedEvent, prepare } from '../event-data.ts'
import { storeError } from './errors.ts'
import type { QuarantineChange } from './flush.ts'
import { type Part, Parts, rootOf } from './parts.ts'
import { environmentRow, guardedEvent, type Reading, streamRow } from './rows.ts'
import {
  CREATE_ENVIRONMENT,
  CREATE_STREAM,
  IS_QUARANTINED,
  LOCK_DUE,
  LOCK_ENVIRONMENT,
  LOCK_STREAM,
  READ_STREAM,
} from './statements.ts'
import { answerRequest, claimRequest } from './requests.ts'
import { saveToken, tokenById } from './tokens.ts'
import type { Unit } from './write.ts'

/** A row whose last change lies this far in the future was written before the clock was set back: it is due. */
const FUTURE_MS = 5000

/** A stream row that we hold locked; `by`: whose change it is, null: nobody's. */
type Held = { readonly row: StreamRow; readonly facts: StreamFacts | null; readonly by: Part | null }
type HeldEnvironment = { readonly row: EnvironmentRow; readonly by: Part | null }
type Barred = QuarantineChange & { readonly by: Part }

export class PostgresTransaction implements StoreTransaction {
  readonly #run: RunSql
  readonly #now: Instant
  readonly #reading: Reading
  readonly #parts: Parts
  readonly #streams = new Map<string, Held>()
  readonly #environments = new Map<string, HeldEnvironment>()
  readonly #quarantine = new Map<string, Barred>()
  readonly #events: { readonly event: PreparedEvent; readonly by: Part }[] = []
  readonly #jobs: { readonly job: NewJob; readonly by: Part }[] = []
  readonly #hooks: (() => void)[] = []
  #hasEnded = false

  constructor(run: RunSql, now: Instant, reading: Reading) {
    this.#now = now
    this.#reading = reading
    const known: RunSql = (...statement) =>
      run(...statement).catch((error) => Promise.reject(storeError(error, 'work')))
    this.#parts = new Parts(known)
    this.#run = async (...statement) => {
      this.#check()
      await this.#parts.beforeStatement()
      return known(...statement)
    }
  }

  now(): Instant {
    return this.#now
  }

  doubts(): string | null {
    return this.#reading.guard.doubts()
  }

  apart<T>(work: () => Promise<T>, refused?: (error: unknown) => void): Promise<T> {
    this.#check()
    return this.#parts.run(work, refused)
  }

  onWritten(hook: () => void): void {
    this.#check()
    this.#hooks.push(hook)
  }

  written(): void {
    for (const hook of this.#hooks) hook()
  }

  async lock(stream: string): Promise<StreamRow | null> {
    this.#check()
    const row = (await this.#hold(stream))?.row
    // At version 0 somebody began it in a part that was left out.
    return row && row.version > 0 ? row : null
  }

  async lockDue(limit: number, except: readonly string[] = []): Promise<readonly StreamRow[]> {
    const { rows } = await this.#run(LOCK_DUE, [this.#now, limit, this.#now + FUTURE_MS, except], 'lock-due')
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
    if (held?.by) this.#parts.buildOn(held.by)
    if (held !== undefined) return held.row
    const names = [service, environment]
    const select = () => this.#run(LOCK_ENVIRONMENT, names, 'lock-environment')
    let { rows } = await select()
    if (rows.length === 0) {
      await this.#run(CREATE_ENVIRONMENT, names, 'create-environment')
      rows = (await select()).rows
    }
    const row = environmentRow(rows[0] as Record<string, unknown>, this.#reading.guard)
    this.#set(this.#environments, key, { row, by: null })
    return row
  }

  async saveEnvironment(row: EnvironmentRow): Promise<void> {
    await this.lockEnvironment(row.service, row.environment)
    const { doubted: _, ...kept } = row
    const key = JSON.stringify([row.service, row.environment])
    this.#set(this.#environments, key, { row: kept, by: this.#parts.current() })
  }

  async append(stream: string, expected: number, events: readonly NewEvent[]): Promise<readonly PlacedEvent[]> {
    this.#check()
    const at = this.#now
    const prepared = events.map((event, index) => prepare(event, { stream, version: expected + 1 + index, at }))
    const held = (await this.#hold(stream)) ?? (expected === 0 ? await this.#create(stream, prepared.length) : null)
    if ((held?.row.version ?? 0) !== expected) throw new ConcurrencyError(stream, expected)
    if (held === null || prepared.length === 0) return []
    const by = this.#parts.current()
    this.#add(
      this.#events,
      prepared.map((event) => ({ event, by })),
    )
    const row = { ...held.row, version: expected + prepared.length, state: null }
    this.#set(this.#streams, stream, { row, facts: null, by })
    return prepared.map(({ event }) => event)
  }

  async saveStream(row: StreamRow, facts: StreamFacts): Promise<void> {
    this.#check()
    const held = await this.#hold(row.stream)
    if (held?.row.version !== row.version) {
      throw new Error(`stream ${row.stream} is at version ${held?.row.version ?? 0}: its row cannot say ${row.version}`)
    }
    this.#set(this.#streams, row.stream, { row, facts, by: this.#parts.current() })
  }

  async isQuarantined(service: string, environment: string, identity: string): Promise<boolean> {
    const own = this.#quarantine.get(JSON.stringify([service, environment, identity]))
    if (own) {
      this.#parts.buildOn(own.by)
      return own.reason !== null
    }
    const { rows } = await this.#run(IS_QUARANTINED, [service, environment, identity], 'is-quarantined')
    return rows.length > 0
  }

  async setQuarantine(service: string, environment: string, identity: string, reason: string | null): Promise<void> {
    this.#check()
    const key = JSON.stringify([service, environment, identity])
    const by = this.#parts.current()
    const own = this.#quarantine.get(key)
    if (own) this.#parts.buildOn(own.by)
    this.#set(this.#quarantine, key, { service, environment, identity, reason, by })
  }

  async insertJobs(jobs: readonly NewJob[]): Promise<void> {
    this.#check()
    const by = this.#parts.current()
    this.#add(
      this.#jobs,
      jobs.map((job) => ({ job, by })),
    )
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

  /** Ends the transaction's own work and answers what has to be written before the commit: what is in no part, then each part. */
  end(): readonly Unit[] {
    this.#hasEnded = true
    const { base } = this.#parts
    const units = new Map([[base, gathering(true)]])
    const unitOf = ({ by }: { readonly by: Part }) => {
      const root = rootOf(by)
      const unit = units.get(root) ?? gathering(root === base)
      units.set(root, unit)
      unit.parts.add(by)
      return unit
    }
    for (const each of this.#events) unitOf(each).events.push(each.event)
    for (const each of this.#jobs) unitOf(each).jobs.push(each.job)
    for (const each of changed(this.#streams)) unitOf(each).streams.push(each)
    for (const each of changed(this.#environments)) unitOf(each).environments.push(each.row)
    for (const each of this.#quarantine.values()) unitOf(each).quarantine.push(each)
    return [...units.values()].map(({ parts, ...unit }) => ({
      ...unit,
      refused: (error) => parts.forEach(({ refused }) => refused?.(error)),
    }))
  }

  /** Whoever still uses it is told so. */
  close(): void {
    this.#hasEnded = true
  }

  /** Taken back when the part that is done now throws. */
  #set<V>(map: Map<string, V>, key: string, value: V): void {
    const before = map.get(key)
    this.#parts.onUndo(() => void (before === undefined ? map.delete(key) : map.set(key, before)))
    map.set(key, value)
  }

  #add<T>(list: T[], added: readonly T[]): void {
    const before = list.length
    this.#parts.onUndo(() => void (list.length = before))
    list.push(...added)
  }

  #check(): void {
    if (this.#hasEnded) throw new Error('this transaction has ended: await everything that uses it')
  }

  async #hold(stream: string): Promise<Held | null> {
    const held = this.#streams.get(stream)
    if (held?.by) this.#parts.buildOn(held.by)
    if (held !== undefined) return held
    const { rows } = await this.#run(LOCK_STREAM, [stream], 'lock-stream')
    return rows[0] === undefined ? null : this.#keep(streamRow(rows[0], this.#reading))
  }

  /** What we changed ourselves in this transaction is newer than what the database says. */
  #keep(row: StreamRow): Held {
    const known = this.#streams.get(row.stream)
    if (known) return known
    const held = { row, facts: null, by: null }
    this.#set(this.#streams, row.stream, held)
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

type Gathering = {
  readonly isBase: boolean
  readonly parts: Set<Part>
  readonly events: PreparedEvent[]
  readonly jobs: NewJob[]
  readonly streams: Held[]
  readonly environments: EnvironmentRow[]
  readonly quarantine: QuarantineChange[]
}

function gathering(isBase: boolean): Gathering {
  return { isBase, parts: new Set(), events: [], jobs: [], streams: [], environments: [], quarantine: [] }
}

function changed<T extends { readonly by: Part | null }>(all: ReadonlyMap<string, T>): readonly (T & { by: Part })[] {
  return [...all.values()].filter((each): each is T & { by: Part } => each.by !== null)
}
