/** The tables of the store without a database, and everything that is read of them. */
import type { Json } from '../core/json.ts'
import { type Instant, instant } from '../core/time.ts'
import type { Deliveries } from '../ports/deliveries.ts'
import type { OnceKey, Recalled, StoredToken } from '../ports/identity.ts'
import type { EnvironmentRow, Store, StoredEvent, StreamFacts, StreamRow, StreamSummary } from '../ports/store.ts'

export type Row = {
  readonly stream: string
  readonly version: number
  readonly state: StreamRow['state']
  readonly nextDue: Instant | null
  readonly facts: StreamFacts | null
  readonly createdAt: Instant
  readonly updatedAt: Instant
}

/** What stands in the tables is frozen, so that readers get it without a copy. */
export type Tables = {
  readonly log: StoredEvent[]
  readonly streams: Map<string, StoredEvent[]>
  readonly rows: Map<string, Row>
  readonly environments: Map<string, EnvironmentRow>
  readonly quarantine: Map<string, string>
  readonly tokens: Map<string, StoredToken>
  readonly requests: Map<string, Answered>
}

export type Answered = { readonly fingerprint: string; readonly answer: Json }

export function emptyTables(): Tables {
  return {
    log: [],
    streams: new Map(),
    rows: new Map(),
    environments: new Map(),
    quarantine: new Map(),
    tokens: new Map(),
    requests: new Map(),
  }
}

export function readers(tables: Tables): Omit<Store, 'transact' | 'listen' | 'doubts' | keyof Deliveries> {
  return {
    read: async (stream, after = 0) => ofStream(tables, stream, after),
    readAll: async (after, limit, stream) =>
      stream === undefined
        ? tables.log.slice(after, after + limit)
        : ofStream(tables, stream, 0)
            .filter(({ position }) => position > after)
            .slice(0, limit),
    size: async () => tables.log.length,
    event: async (stream, version) => tables.streams.get(stream)?.[version - 1] ?? null,
    row: async (stream) => streamRow(tables.rows.get(stream)),
    environment: async (service, name) => tables.environments.get(key(service, name)) ?? null,
    environments: async () =>
      [...tables.environments.values()].toSorted(
        (left, right) => compare(left.service, right.service) || compare(left.environment, right.environment),
      ),
    list: async ({ kind, service, environment, final, limit = 100 }) =>
      [...tables.rows.values()]
        .flatMap(summary)
        .filter((row) => (kind ?? row.kind) === row.kind && (service ?? row.service) === row.service)
        .filter((row) => (environment ?? row.environment) === row.environment && (final ?? row.final) === row.final)
        .toSorted((left, right) => right.createdAt - left.createdAt || compare(right.stream, left.stream))
        .slice(0, limit),
    overdue: async (before, named) =>
      [...tables.rows.values()]
        .flatMap((row) => summary(row).map((each) => ({ ...each, nextDue: row.nextDue })))
        .filter(({ nextDue, stream }) => (nextDue !== null && nextDue < before) || named.includes(stream))
        .toSorted((left, right) => (left.nextDue ?? Infinity) - (right.nextDue ?? Infinity)),
    recall: async (once) => recalled(tables, once),
    tokens: async () =>
      [...tables.tokens.values()].toSorted(
        (left, right) => left.createdAt - right.createdAt || compare(left.id, right.id),
      ),
    tokenByHash: async (hash) => [...tables.tokens.values()].find((token) => token.hash === hash) ?? null,
    touchTokens: async (uses) => {
      for (const [id, at] of uses) {
        const token = tables.tokens.get(id)
        if (token) tables.tokens.set(id, { ...token, lastUsedAt: instant(Math.max(token.lastUsedAt ?? 0, at)) })
      }
    },
  }
}

export function recalled({ requests }: Tables, { owner, key: name, fingerprint }: OnceKey): Recalled {
  const answered = requests.get(key(owner, name))
  if (answered === undefined) return { kind: 'first' }
  return answered.fingerprint === fingerprint ? { kind: 'known', answer: answered.answer } : { kind: 'other' }
}

export function ofStream(tables: Tables, stream: string, after: number): readonly StoredEvent[] {
  return (tables.streams.get(stream) ?? []).slice(after)
}

export function streamRow(row: Row | undefined): StreamRow | null {
  if (row === undefined) return null
  const { stream, version, state, nextDue } = row
  return { stream, version, state, nextDue }
}

function summary({ stream, facts, createdAt, updatedAt }: Row): StreamSummary[] {
  return facts === null ? [] : [{ ...facts, stream, createdAt, updatedAt }]
}

export function key(service: string, environment: string): string {
  return JSON.stringify([service, environment])
}

function compare(left: string, right: string): number {
  return left < right ? -1 : Number(left > right)
}
