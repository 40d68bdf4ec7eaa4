/**
 * Streams as states: as the row beside the log keeps one where it is of our format, else folded from the log. What somebody
 * else wrote between the events takes its place and changes nothing.
 */
import type { Aggregate, StreamEvent, StreamInput, StreamState } from '../core/aggregate.ts'
import type { Json } from '../core/json.ts'
import type { Store, StoredEvent, StoreTransaction, StreamFacts, StreamRow } from '../ports/store.ts'
import { kinds } from './kinds.ts'

/** Where events are read: the store, or a transaction. */
export type Log = Pick<Store, 'read'>

export type Loaded<
  S extends StreamState = StreamState,
  I extends StreamInput = StreamInput,
  E extends StreamEvent = StreamEvent,
> = { readonly kind: Aggregate<S, I, E>; readonly row: StreamRow; readonly state: S }

type Kept = { readonly kind?: string; readonly format: number; readonly state: StreamState }

/** What the row keeps of a stream of this kind; null: it is of another kind, or has to be folded again. */
export function stateOf<S extends StreamState>(kind: Aggregate<S>, row: StreamRow): S | null {
  const kept = row.state as Kept | null
  return kept?.kind === kind.kind && kept.format === kind.format ? (kept.state as S) : null
}

/** Null: there is no such stream, or it is of another kind. */
export async function load<S extends StreamState>(
  kind: Aggregate<S>,
  store: Pick<Store, 'row' | 'read'>,
  stream: string | null | undefined,
): Promise<S | null> {
  const row = stream == null ? null : await store.row(stream)
  return row && stateFrom(kind, store, row)
}

export async function stateFrom<S extends StreamState>(
  kind: Aggregate<S>,
  log: Log,
  row: StreamRow,
): Promise<S | null> {
  return stateOf(kind, row) ?? folded(kind, row.stream, await log.read(row.stream))
}

/** As `load`, and the row stays locked until the transaction ends. */
export async function lockStream<S extends StreamState, I extends StreamInput, E extends StreamEvent>(
  kind: Aggregate<S, I, E>,
  tx: StoreTransaction,
  stream: string,
): Promise<Loaded<S, I, E> | null> {
  const row = await tx.lock(stream)
  const state = row && (await stateFrom(kind, tx, row))
  return row && state ? { kind, row, state } : null
}

/** Of whatever kind it is. Throws where nobody here knows its kind: it was written by a later version. */
export async function loadedFrom(log: Log, row: StreamRow): Promise<Loaded> {
  for (const kind of kinds) {
    const state = stateOf(kind, row)
    if (state) return { kind, row, state }
  }
  const events = await log.read(row.stream)
  const kind = kindOf(events)
  const state = kind && folded(kind, row.stream, events)
  if (!state) throw new Error(`nobody here knows what kind of stream begins with ${events[0]?.type ?? 'no event'}`)
  return { kind, row, state }
}

/** By its first event; null for streams that nobody drives, such as a policy or a token. */
export function kindOf(events: readonly StoredEvent[]): Aggregate | null {
  const [first] = events
  return kinds.find(({ begins }) => first && !first.forged && first.type === begins.event) ?? null
}

export function kindNamed(name: string): Aggregate {
  const kind = kinds.find((each) => each.kind === name)
  if (!kind) throw new Error(`there is no kind of stream "${name}"`)
  return kind
}

function folded<S extends StreamState>(kind: Aggregate<S>, stream: string, events: readonly StoredEvent[]): S | null {
  try {
    return fold(kind, events)
  } catch (error) {
    throw new Error(`the log of ${stream} cannot be folded: ${messageOf(error)}`, { cause: error })
  }
}

export function fold<S extends StreamState>(kind: Aggregate<S>, events: readonly StoredEvent[]): S | null {
  return events.reduce<S | null>((state, event) => foldOne(kind, state, event), null)
}

/** Null for a stream of another kind; one that begins with a forged event never began. */
export function foldOne<S extends StreamState>(kind: Aggregate<S>, state: S | null, event: StoredEvent): S | null {
  if (event.forged) return state && { ...state, version: event.version }
  if (state === null && event.type !== kind.begins.event) return null
  return kind.evolve(state, event)
}

/** What stands beside the log of a stream: made of its state alone, so that it can be made again (law L2). */
export function rowOf<S extends StreamState>(kind: Aggregate<S>, stream: string, state: S): StreamRow {
  const kept: Kept = { kind: kind.kind, format: kind.format, state }
  return { stream, version: state.version, state: kept as unknown as Json, nextDue: kind.due(state) }
}

export function factsOf<S extends StreamState>(kind: Aggregate<S>, state: S): StreamFacts {
  return { kind: kind.kind, ...kind.listed(state) }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
