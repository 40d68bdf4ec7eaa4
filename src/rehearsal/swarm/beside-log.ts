/** Law L2 of a whole world: what stands beside the log is what its events alone make of it. */
import { isDeepStrictEqual } from 'node:util'
import { environmentFacts } from '../../engine/environment-row.ts'
import { ENGINE_PROJECTORS } from '../../engine/projection.ts'
import { type Beside, type EnvironmentChange, NOTHING_BESIDE } from '../../ports/projection.ts'
import type { EnvironmentRow, Store, StoredEvent, StreamFacts } from '../../ports/store.ts'

/** Every row that the log does not make, as a sentence. */
export async function unlikeLog(store: Store): Promise<readonly string[]> {
  const streams = Map.groupBy(await store.readAll(0, Number.MAX_SAFE_INTEGER), ({ stream }) => stream)
  const made = [...streams].map(([stream, events]) => [stream, besideOf(events)] as const)
  const facts = await factsKept(store)
  const rows = await Promise.all(
    made.map(([stream, beside]) => unlikeRow(store, facts.get(stream), { stream, beside })),
  )
  const changes = made.flatMap(([, { changes }]) => changes)
  return [...rows.flat(), ...(await unlikeEnvironments(store, changes)), ...(await notBarred(store, made))]
}

export function besideOf(events: readonly StoredEvent[]): Beside {
  const projection = ENGINE_PROJECTORS.map((project) => project(events[0]!)).find((one) => one !== null)
  for (const event of events) projection?.see(event)
  return projection?.beside() ?? NOTHING_BESIDE
}

async function factsKept(store: Store): Promise<ReadonlyMap<string, StreamFacts>> {
  const kept = await store.list({ limit: Number.MAX_SAFE_INTEGER })
  return new Map(kept.map(({ stream, createdAt: _createdAt, updatedAt: _updatedAt, ...facts }) => [stream, facts]))
}

type Made = { readonly stream: string; readonly beside: Beside }

async function unlikeRow(store: Store, kept: StreamFacts | undefined, { stream, beside }: Made) {
  if (beside.problem !== null) return [`${stream} cannot be folded: ${beside.problem}`]
  const row = await store.row(stream)
  const { state = null, nextDue = null, facts } = beside.row ?? {}
  return [
    ...(isDeepStrictEqual(plain(row?.state), plain(state))
      ? []
      : [`the state of ${stream} is not what its events fold to`]),
    ...(row?.nextDue === nextDue ? [] : [`${stream} is due at ${row?.nextDue}, by its events at ${nextDue}`]),
    ...(isDeepStrictEqual(kept, facts) ? [] : [`what is listed of ${stream} does not follow from its events`]),
  ]
}

/** Members that are `undefined` are none, as in every table. */
function plain(value: unknown): unknown {
  return value === undefined ? null : JSON.parse(JSON.stringify(value))
}

async function unlikeEnvironments(store: Store, changes: readonly EnvironmentChange[]): Promise<readonly string[]> {
  const kept = await store.environments()
  return kept.flatMap((row) => {
    const { service, environment } = row
    const own = changes.filter((one) => one.service === service && one.environment === environment)
    const made = own
      .toSorted((left, right) => left.position - right.position)
      .reduce((before, { change }) => change(before), emptyRow(service, environment))
    return isDeepStrictEqual(comparable(row), comparable(made))
      ? []
      : [`the row of ${service} ${environment} is not what the log makes: ${JSON.stringify([row, made])}`]
  })
}

function emptyRow(service: string, environment: string): EnvironmentRow {
  return { service, environment, holder: null, facts: null, queue: [] }
}

/** Places that were seen empty are forgotten, and stand in the log again until the next look. */
function comparable(row: EnvironmentRow): unknown {
  const { places: _, ...facts } = environmentFacts(row)
  return plain({ ...row, facts })
}

async function notBarred(store: Store, made: readonly (readonly [string, Beside])[]): Promise<readonly string[]> {
  const barred = made.flatMap(([, beside]) => beside.barred)
  const found = await store.transact((tx) =>
    Promise.all(barred.map((one) => tx.isQuarantined(one.service, one.environment, one.identity))),
  )
  return barred.flatMap(({ identity }, index) => (found[index] ? [] : [`${identity} is barred by the log alone`]))
}
