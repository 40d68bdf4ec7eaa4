/**
 * The store without a database, for tests and rehearsals on a virtual clock: the same contract, real transactions (locks,
 * conflicts, roll-back), no file and no process. Held to it by the same suite as the one on PostgreSQL.
 */
import { earliest, type Instant } from '../core/time.ts'
import type { Json } from '../core/json.ts'
import type { Clock } from '../ports/clock.ts'
import type { StoredToken } from '../ports/identity.ts'
import type { NewJob } from '../ports/job.ts'
import {
  ConcurrencyError,
  type EnvironmentRow,
  type NewEvent,
  type PlacedEvent,
  type Store,
  type StoredEvent,
  type StoreTransaction,
  type StreamFacts,
  type StreamRow,
} from '../ports/store.ts'
import type { OnceKey, Recalled } from '../ports/identity.ts'
import { prepare } from '../store/event-data.ts'
import { memoryDeliveries } from './memory-deliveries.ts'
import { type Locks, memoryLocks } from './memory-locks.ts'
import {
  type Answered,
  emptyTables,
  key,
  ofStream,
  readers,
  recalled,
  type Row,
  streamRow,
  type Tables,
} from './memory-tables.ts'

export interface MemoryStore extends Store {
  /** Names who takes the jobs of a transaction when it is committed. */
  useJobs(insert: (jobs: readonly NewJob[]) => void): void
  /** When the first stream wants to be driven; null: none does. */
  nextDue(): Instant | null
}

export type MemoryStoreOptions = {
  readonly clock: Clock
  /**
   * True keeps what it is given as it is, without copy and check: for rehearsals, which are long and whose only writer is
   * the engine, which never changes what it gave. Default: false.
   */
  readonly trusting?: boolean
}

/** A row whose last change lies this far in the future was written before the clock was set back: it is due. */
const FUTURE_MS = 5000

export function memoryStore({ clock, trusting = false }: MemoryStoreOptions): MemoryStore {
  const tables = emptyTables()
  const locks = memoryLocks()
  const listeners = new Set<(position: number) => void>()
  let insertJobs: (jobs: readonly NewJob[]) => void = () => {
    throw new Error('this store has no job queue: pass it to memoryQueue first')
  }

  async function transact<T>(work: (tx: StoreTransaction) => Promise<T>): Promise<T> {
    const tx = new MemoryTransaction({ tables, locks, trusting }, clock.now())
    try {
      const result = await work(tx)
      const before = tables.log.length
      tx.commit(insertJobs)
      if (tables.log.length > before) for (const seen of listeners) queueMicrotask(() => seen(tables.log.length))
      return result
    } finally {
      tx.end()
    }
  }

  return {
    transact,
    doubts: () => null,
    useJobs: (insert) => {
      insertJobs = insert
    },
    nextDue: () => earliest(...[...tables.rows.values()].map((row) => row.nextDue)),
    ...readers(tables),
    ...memoryDeliveries(),
    async listen(seen) {
      const own = (position: number) => seen(position)
      listeners.add(own)
      return async () => void listeners.delete(own)
    },
  }
}

class MemoryTransaction implements StoreTransaction {
  readonly #tables: Tables
  readonly #locks: Locks
  readonly #trusting: boolean
  readonly #now: Instant
  readonly #events: PlacedEvent[] = []
  readonly #rows = new Map<string, Row>()
  readonly #environments = new Map<string, EnvironmentRow>()
  readonly #quarantine = new Map<string, string | null>()
  readonly #requests = new Map<string, Answered>()
  readonly #tokens = new Map<string, StoredToken>()
  readonly #jobs: NewJob[] = []
  readonly #hooks: (() => void)[] = []
  #ended = false

  constructor({ tables, locks, trusting }: { tables: Tables; locks: Locks; trusting: boolean }, now: Instant) {
    this.#tables = tables
    this.#locks = locks
    this.#trusting = trusting
    this.#now = now
  }

  now(): Instant {
    return this.#now
  }

  doubts(): string | null {
    return null
  }

  async lock(stream: string): Promise<StreamRow | null> {
    await this.#hold(`stream ${stream}`)
    return streamRow(this.#row(stream))
  }

  async apart<T>(work: () => Promise<T>): Promise<T> {
    this.#check()
    const undo = this.#kept()
    try {
      return await work()
    } catch (error) {
      undo()
      throw error
    }
  }

  onWritten(hook: () => void): void {
    this.#check()
    this.#hooks.push(hook)
  }

  async lockDue(limit: number, except: readonly string[] = []): Promise<readonly StreamRow[]> {
    this.#check()
    const due = [...this.#tables.rows.values()]
      .filter((row) => row.nextDue !== null && !except.includes(row.stream))
      .filter((row) => (row.nextDue as number) <= this.#now || row.updatedAt > this.#now + FUTURE_MS)
      .toSorted((left, right) => (left.nextDue as number) - (right.nextDue as number))
    const taken: StreamRow[] = []
    for (const { stream } of due) {
      if (taken.length >= limit) break
      if (this.#locks.tryLock(this, `stream ${stream}`)) taken.push(streamRow(this.#row(stream)) as StreamRow)
    }
    return taken
  }

  read(stream: string, after = 0): Promise<readonly StoredEvent[]> {
    this.#check()
    return Promise.resolve(ofStream(this.#tables, stream, after))
  }

  async lockEnvironment(service: string, environment: string): Promise<EnvironmentRow> {
    await this.#hold(`environment ${key(service, environment)}`)
    const row = this.#environment(service, environment)
    this.#environments.set(key(service, environment), row)
    return row
  }

  async saveEnvironment(row: EnvironmentRow): Promise<void> {
    await this.lockEnvironment(row.service, row.environment)
    this.#environments.set(key(row.service, row.environment), frozen(structuredClone(row)))
  }

  async append(stream: string, expected: number, events: readonly NewEvent[]): Promise<readonly PlacedEvent[]> {
    const at = this.#now
    const placed = events.map((event, index) => this.#placed(event, { stream, version: expected + 1 + index, at }))
    await this.#hold(`stream ${stream}`)
    const row = this.#row(stream)
    if ((row?.version ?? 0) !== expected) throw new ConcurrencyError(stream, expected)
    const before: Row = row ?? {
      stream,
      version: 0,
      state: null,
      nextDue: null,
      facts: null,
      createdAt: at,
      updatedAt: at,
    }
    if (placed.length > 0)
      this.#rows.set(stream, { ...before, version: expected + placed.length, state: null, updatedAt: at })
    this.#events.push(...placed)
    return placed
  }

  async saveStream(row: StreamRow, facts: StreamFacts): Promise<void> {
    await this.#hold(`stream ${row.stream}`)
    const before = this.#row(row.stream)
    if (before === undefined || before.version !== row.version) {
      throw new Error(`stream ${row.stream} is at version ${before?.version ?? 0}: its row cannot say ${row.version}`)
    }
    const { state, nextDue } = this.#frozen(row)
    this.#rows.set(row.stream, { ...before, state, nextDue, facts: { ...facts }, updatedAt: this.#now })
  }

  async isQuarantined(service: string, environment: string, identity: string): Promise<boolean> {
    this.#check()
    const name = JSON.stringify([service, environment, identity])
    const own = this.#quarantine.get(name)
    return own === undefined ? this.#tables.quarantine.has(name) : own !== null
  }

  async setQuarantine(service: string, environment: string, identity: string, reason: string | null): Promise<void> {
    this.#check()
    this.#quarantine.set(JSON.stringify([service, environment, identity]), reason)
  }

  async insertJobs(jobs: readonly NewJob[]): Promise<void> {
    this.#check()
    this.#jobs.push(...(this.#trusting ? jobs : structuredClone(jobs)))
  }

  async claim(once: OnceKey): Promise<Recalled> {
    await this.#hold(`request ${key(once.owner, once.key)}`)
    return recalled(this.#tables, once)
  }

  async answer({ owner, key: name, fingerprint }: OnceKey, answer: Json): Promise<void> {
    await this.#hold(`request ${key(owner, name)}`)
    this.#requests.set(key(owner, name), { fingerprint, answer: frozen(structuredClone(answer)) })
  }

  async token(id: string): Promise<StoredToken | null> {
    await this.#hold(`token ${id}`)
    return this.#tokens.get(id) ?? this.#tables.tokens.get(id) ?? null
  }

  async saveToken(token: StoredToken): Promise<void> {
    await this.#hold(`token ${token.id}`)
    const others = [...this.#tables.tokens.values(), ...this.#tokens.values()]
    if (others.some(({ id, hash }) => hash === token.hash && id !== token.id))
      throw new Error('the token exists already')
    const lastUsedAt = this.#tables.tokens.get(token.id)?.lastUsedAt ?? token.lastUsedAt
    this.#tokens.set(token.id, frozen(structuredClone({ ...token, lastUsedAt })))
  }

  commit(insertJobs: (jobs: readonly NewJob[]) => void): void {
    if (this.#jobs.length > 0) insertJobs(this.#jobs)
    const { log, streams, rows, environments, quarantine, tokens, requests } = this.#tables
    for (const event of this.#events) {
      const stored = Object.freeze({ ...event, position: log.length + 1 })
      log.push(stored)
      const stream = streams.get(stored.stream)
      if (stream) stream.push(stored)
      else streams.set(stored.stream, [stored])
    }
    for (const [stream, row] of this.#rows) rows.set(stream, row)
    for (const [name, row] of this.#environments) environments.set(name, row)
    for (const [name, answered] of this.#requests) requests.set(name, answered)
    for (const [id, token] of this.#tokens) tokens.set(id, token)
    for (const [name, reason] of this.#quarantine) {
      if (reason === null) quarantine.delete(name)
      else quarantine.set(name, reason)
    }
    for (const hook of this.#hooks) hook()
  }

  end(): void {
    this.#ended = true
    this.#locks.releaseAll(this)
  }

  #placed(event: NewEvent, at: Pick<PlacedEvent, 'stream' | 'version' | 'at'>): PlacedEvent {
    return this.#trusting ? { ...event, ...at } : frozen(prepare(event, at).event)
  }

  #frozen(row: StreamRow): StreamRow {
    return this.#trusting ? row : frozen(structuredClone(row))
  }

  /** What stands in this transaction now, to return to. */
  #kept(): () => void {
    const restore = [
      restoring(this.#rows),
      restoring(this.#environments),
      restoring(this.#quarantine),
      restoring(this.#requests),
      restoring(this.#tokens),
    ]
    const [events, jobs] = [this.#events.length, this.#jobs.length]
    return () => {
      for (const each of restore) each()
      this.#events.length = events
      this.#jobs.length = jobs
    }
  }

  async #hold(name: string): Promise<void> {
    this.#check()
    await this.#locks.lock(this, name)
  }

  #check(): void {
    if (this.#ended) throw new Error('this transaction has ended: await everything that uses it')
  }

  #row(stream: string): Row | undefined {
    return this.#rows.get(stream) ?? this.#tables.rows.get(stream)
  }

  #environment(service: string, environment: string): EnvironmentRow {
    const name = key(service, environment)
    const known = this.#environments.get(name) ?? this.#tables.environments.get(name)
    return known ?? { service, environment, holder: null, facts: null, queue: [] }
  }
}

function restoring<K, V>(map: Map<K, V>): () => void {
  const entries = [...map]
  return () => {
    map.clear()
    for (const [key, value] of entries) map.set(key, value)
  }
}

function frozen<T>(value: T): T {
  if (value === null || typeof value !== 'object' || Object.isFrozen(value)) return value
  for (const member of Object.values(value)) frozen(member)
  return Object.freeze(value)
}
