import type { Listed } from '../core/aggregate.ts'
import type { Json } from '../core/json.ts'
import type { Instant } from '../core/time.ts'
import type { Deliveries } from './deliveries.ts'
import type { StoredToken } from './identity.ts'
import type { NewJob } from './job.ts'
import type { OnceKey, Recalled } from './identity.ts'

/**
 * An event to be appended: plain data, already decided. `token`: the id of the token by whose request it came about; absent
 * for what came of itself, and in logs of earlier versions.
 */
export type NewEvent = { readonly type: string; readonly data: Json; readonly actor: string; readonly token?: string }

/** An event with its place in its stream: `version` counts from 1. `data` is as every later reader sees it. */
export type PlacedEvent = NewEvent & { readonly stream: string; readonly version: number; readonly at: Instant }

/** An event of the log. `position` counts all events of all streams from 1 without a hole. */
export type StoredEvent = PlacedEvent & {
  readonly position: number
  /** Not written by the control plane, but by somebody who can write to its database: it counts for nothing. */
  readonly forged?: true
}

/** A row of the projection that lets a stream be driven without folding all of it again. */
export type StreamRow = {
  readonly stream: string
  readonly version: number
  /** The folded state, or null when it has to be folded from the events (new, or written by another version of us). */
  readonly state: Json
  /** When the stream wants to be driven next; null: only by an input. */
  readonly nextDue: Instant | null
}

export type EnvironmentRow = {
  readonly service: string
  readonly environment: string
  /** The rollout that may move traffic here now. */
  readonly holder: string | null
  /** What the engine keeps about the environment (the stable release, a counter); null before the first rollout. */
  readonly facts: Json
  /** Rollouts waiting, oldest first. */
  readonly queue: readonly string[]
  /** Nobody of us wrote what stood there, so nothing of it is here: it has to be made again from the log. */
  readonly doubted?: true
}

/**
 * One unit of work on the log. Everything in it becomes true together or not at all: events, stream rows, environment
 * rows and jobs.
 */
export interface StoreTransaction {
  /** The database's clock, read once per transaction: the only `now` that replicas agree on. */
  now(): Instant
  /** Why the log cannot be trusted now: nothing may advance on what it says. Null: it can. */
  doubts(): string | null
  /** Locks the stream's row until the end of the transaction; null when there is no such stream. */
  lock(stream: string): Promise<StreamRow | null>
  /**
   * Does `work` as a part of its own. Where it throws, nothing of it is kept, the error comes out, and the transaction can go
   * on. Where the database refuses at the end what a part has written, that part is left out together with parts that built on
   * it, `refused` hears why, and the rest is committed: so `work` answers what will be true unless `refused` is called.
   *
   * A part within a part is one with it once its work is done. Two parts at the same time are a programmer error.
   */
  apart<T>(work: () => Promise<T>, refused?: (error: unknown) => void): Promise<T>
  /** `hook` is called when everything is written and only the commit is left; not at all where writing fails. */
  onWritten(hook: () => void): void
  /**
   * Locks up to `limit` rows that are due, that nobody else holds, and that are none of `except`, oldest first; others are
   * skipped, not awaited.
   */
  lockDue(limit: number, except?: readonly string[]): Promise<readonly StreamRow[]>
  /** Locks and reads one environment; created empty when it is new. */
  lockEnvironment(service: string, environment: string): Promise<EnvironmentRow>
  saveEnvironment(row: EnvironmentRow): Promise<void>
  /** Events of one stream with `version > after` that are committed, in order; over this transaction's connection. */
  read(stream: string, after?: number): Promise<readonly StoredEvent[]>
  /**
   * Appends after `expectedVersion` (0: a new stream) and answers the events as they will be read back. Positions in the
   * whole log are given at the commit, so that no writer waits for another one's work; read the log for them.
   *
   * Throws `ConcurrencyError` when the stream is elsewhere: somebody else has driven it. Throws a plain `Error` on data
   * which a database cannot keep as it is (NaN, U+0000, half a surrogate pair): a programmer error.
   */
  append(stream: string, expectedVersion: number, events: readonly NewEvent[]): Promise<readonly PlacedEvent[]>
  /** `row.version` has to be the stream's version after this transaction's appends: the row never runs ahead of the log. */
  saveStream(row: StreamRow, facts: StreamFacts): Promise<void>
  /** Is this identity barred from this environment (it was rolled back there)? */
  isQuarantined(service: string, environment: string, identity: string): Promise<boolean>
  setQuarantine(service: string, environment: string, identity: string, reason: string | null): Promise<void>
  insertJobs(jobs: readonly NewJob[]): Promise<void>
  /**
   * Takes the key until the end of the transaction, after whoever takes it at the same time. `first`: it is ours, and
   * `answer` keeps what it was told with everything else that this transaction writes.
   */
  claim(once: OnceKey): Promise<Recalled>
  answer(once: OnceKey, answer: Json): Promise<void>
  /** One token by its id, with what this transaction saved of it. */
  token(id: string): Promise<StoredToken | null>
  /** Inserts the token or replaces what is kept under its id; `lastUsedAt` is left as it is. Throws when its hash is another token's. */
  saveToken(token: StoredToken): Promise<void>
}

/** `kind`: of the streams that the engine runs, or `service`, `policy`, `rehearsal`, `artifact`, `content`. */
export type StreamFacts = Listed & { readonly kind: string }

export type StreamSummary = StreamFacts & {
  readonly stream: string
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

export type Overdue = StreamSummary & Pick<StreamRow, 'nextDue'>

/** The event log and what is projected from it (law L2). Every method may throw `StoreUnavailableError`. */
export interface Store extends Deliveries {
  /** As in a transaction. */
  doubts(): string | null
  /** Commits when `work` resolves, rolls back when it rejects; `work` is called once. */
  transact<T>(work: (tx: StoreTransaction) => Promise<T>): Promise<T>
  /** Events of one stream with `version > after`, in order. */
  read(stream: string, after?: number): Promise<readonly StoredEvent[]>
  /** Events of all streams, or of one, with `position > after`, in order, at most `limit`. */
  readAll(after: number, limit: number, stream?: string): Promise<readonly StoredEvent[]>
  /** Events in the log: the position of the newest one. */
  size(): Promise<number>
  event(stream: string, version: number): Promise<StoredEvent | null>
  row(stream: string): Promise<StreamRow | null>
  environment(service: string, environment: string): Promise<EnvironmentRow | null>
  environments(): Promise<readonly EnvironmentRow[]>
  /** Newest first. */
  list(filter: {
    readonly kind?: string
    readonly service?: string
    readonly environment?: string
    readonly final?: boolean
    readonly limit?: number
  }): Promise<readonly StreamSummary[]>
  /** Streams that wanted to be driven before this moment, the oldest first, and those of these names. */
  overdue(before: Instant, named: readonly string[]): Promise<readonly Overdue[]>
  /** What was answered under a key, without waiting for who takes it now. */
  recall(once: OnceKey): Promise<Recalled>
  /** Oldest first. */
  tokens(): Promise<readonly StoredToken[]>
  tokenByHash(hash: string): Promise<StoredToken | null>
  /** Notes when tokens were last used, by their ids; unknown ids are ignored. No fact of the log: lost without harm. */
  touchTokens(uses: ReadonlyMap<string, Instant>): Promise<void>
  /** Calls `seen` soon after new events are committed by anybody; returns a function that ends it. */
  listen(seen: (position: number) => void): Promise<() => Promise<void>>
}

/** Thrown by `append` when the stream's version is not the expected one. */
export class ConcurrencyError extends Error {
  readonly stream: string
  readonly expectedVersion: number
  constructor(stream: string, expectedVersion: number) {
    super(`stream ${stream} is no longer at version ${expectedVersion}`)
    this.stream = stream
    this.expectedVersion = expectedVersion
  }
}

/**
 * Thrown when the database cannot be reached, ended our session, or chose us as the victim of a deadlock. The store
 * recovers by itself as soon as the database is back.
 *
 * - `transient`: nothing of the transaction happened.
 * - `unknown`: the connection broke during the commit; it may have happened. Read before repeating.
 */
export class StoreUnavailableError extends Error {
  readonly kind: 'transient' | 'unknown'
  constructor(kind: 'transient' | 'unknown', message: string, cause?: unknown) {
    super(message, { cause })
    this.kind = kind
  }
}
