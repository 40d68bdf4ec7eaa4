/**
 * What stands beside the log of a stream, made of its events alone (law L2). The store reads the log and writes the tables; what an
 * event means is said by projectors, each of which knows one kind of stream.
 */
import type { Json } from '../core/json.ts'
import type { Instant } from '../core/time.ts'
import type { StoredToken } from './identity.ts'
import type { NewJob } from './job.ts'
import type { EnvironmentRow, StoredEvent, StreamFacts, StreamRow } from './store.ts'
import type { OnceKey } from './identity.ts'

/** The projection of a stream that begins with this event; null: it is of another kind. */
export type Projector = (first: StoredEvent) => StreamProjection | null

/** One stream, event by event and from its first one; forged ones come as well, marked. */
export interface StreamProjection {
  see(event: StoredEvent): void
  beside(): Beside
}

export type Beside = {
  /** Null: the stream is in no list and keeps no state. */
  readonly row: (Pick<StreamRow, 'state' | 'nextDue'> & { readonly facts: StreamFacts }) | null
  readonly changes: readonly EnvironmentChange[]
  readonly barred: readonly Barred[]
  readonly token: ProjectedToken | null
  readonly answered: Answered | null
  /** Of orders that nobody has answered: whoever finds such a job waiting already leaves it. */
  readonly jobs: readonly NewJob[]
  /** Why not every event could be read; null: each was. */
  readonly problem: string | null
}

export const NOTHING_BESIDE: Beside = {
  row: null,
  changes: [],
  barred: [],
  token: null,
  answered: null,
  jobs: [],
  problem: null,
}

/** What the event at `position` makes of the row of an environment; changes of all streams are applied in that order. */
export type EnvironmentChange = {
  readonly position: number
  readonly service: string
  readonly environment: string
  readonly change: (row: EnvironmentRow) => EnvironmentRow
}

/** `reason` null: it may come back. */
export type Barred = {
  readonly position: number
  readonly service: string
  readonly environment: string
  readonly identity: string
  readonly reason: string | null
}

/** `hash` null: the log, of another version, does not say by what the token is recognised. The name never stands there. */
export type ProjectedToken = Omit<StoredToken, 'hash' | 'name' | 'lastUsedAt'> & { readonly hash: string | null }

/** What a request was told that its sender may repeat. */
export type Answered = { readonly once: OnceKey; readonly answer: Json; readonly at: Instant }
