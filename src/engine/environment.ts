/**
 * The row of an environment, and how it is made again from the log (law L2): who holds it, who waits, what is stable, what
 * may not come back. A row that nobody of us wrote is never believed.
 */
import type { Json } from '../core/json.ts'
import type { Plan, PlannedComponent } from '../core/plan.ts'
import { aftermathOf } from '../core/rollout/aftermath.ts'
import type { StableRelease } from '../core/rollout/inputs.ts'
import { holdsEnvironment, type RolloutState } from '../core/rollout/state.ts'
import type { EnvironmentRow, Store, StoredEvent, StoreTransaction } from '../ports/store.ts'
import { foldOne } from './fold.ts'

/** What the environment row carries beside its holder and queue. */
export type EnvironmentFacts = {
  readonly stable: StableRelease | null
  readonly rollouts: number
  /** Identities that were rolled back here. Absent in rows of earlier versions, which have only the table. */
  readonly barred?: readonly string[]
  /** Every component of which something may be here, by name (`places.ts`); absent before the first request that kept it. */
  readonly places?: readonly PlannedComponent[]
}

export function environmentFacts(row: EnvironmentRow): EnvironmentFacts {
  return (row.facts as EnvironmentFacts | null) ?? { stable: null, rollouts: 0 }
}

/** Locked, and made again from the log where what stood there is not ours. */
export async function lockedEnvironment(
  tx: StoreTransaction,
  service: string,
  environment: string,
): Promise<EnvironmentRow> {
  const row = await tx.lockEnvironment(service, environment)
  if (!row.doubted) return row
  const made = await fromTheLog(tx, service, environment)
  await tx.saveEnvironment(made)
  return made
}

/** Barred by the row, which is sealed, or by the table beside it, from which somebody may have taken it away. */
export async function isBarred(tx: StoreTransaction, row: EnvironmentRow, identity: string): Promise<boolean> {
  if (environmentFacts(row).barred?.includes(identity)) return true
  return tx.isQuarantined(row.service, row.environment, identity)
}

export function barring(facts: EnvironmentFacts, identity: string | null): EnvironmentFacts {
  const barred = facts.barred ?? []
  return identity === null || barred.includes(identity) ? facts : { ...facts, barred: [...barred, identity] }
}

/** Rows that are not ours are made again, so that nobody has to go without them until the next release. */
export async function mendEnvironments(store: Store): Promise<void> {
  for (const { service, environment, doubted } of await store.environments())
    if (doubted) await store.transact((tx) => lockedEnvironment(tx, service, environment))
}

async function fromTheLog(tx: StoreTransaction, service: string, environment: string): Promise<EnvironmentRow> {
  const streams: (readonly StoredEvent[])[] = []
  for (;;) {
    const events = await rolloutOf(tx, service, environment, streams.length + 1)
    if (events === null) break
    streams.push(events)
  }
  const states = new Map<string, RolloutState>()
  let facts: EnvironmentFacts = { stable: null, rollouts: streams.length }
  for (const event of streams.flat().toSorted((left, right) => left.position - right.position)) {
    const before = states.get(event.stream) ?? null
    const state = foldOne(before, event)
    if (state === null) continue
    states.set(event.stream, state)
    if (before === null) facts = { ...facts, places: placesWith(facts.places ?? [], state.plan.components) }
    else if (before.status !== state.status) facts = afterwards(facts, before, state)
  }
  const all = [...states.values()]
  const queue = all.filter(({ status, turn }) => status === 'queued' && !turn).map(({ id }) => id)
  const holder = all.find(holdsEnvironment)?.id ?? null
  // One that begins with a forged event took its number and nothing else.
  return { service, environment, holder, facts: streams.length === 0 ? null : (facts as unknown as Json), queue }
}

/** Every place that was ever asked for: the next look forgets those that are empty. */
function placesWith(known: readonly PlannedComponent[], added: readonly PlannedComponent[]) {
  return [...known.filter(({ name }) => !added.some((each) => each.name === name)), ...added]
}

/** By the name it has usually, or the one it has where that was taken by another service and environment. */
async function rolloutOf(tx: StoreTransaction, service: string, environment: string, number: number) {
  for (const mark of ['-', '_']) {
    const events = await tx.read([service, environment, number].join(mark))
    const plan = (events[0]?.data as { readonly plan?: Partial<Plan> } | undefined)?.plan
    if (events[0]?.forged || (plan?.service === service && plan.environment === environment)) return events
  }
  return null
}

function afterwards(facts: EnvironmentFacts, before: RolloutState, state: RolloutState): EnvironmentFacts {
  const { stable, quarantine } = aftermathOf(before, state)
  const settled = stable === undefined ? facts : { ...facts, stable }
  return barring(settled, quarantine === null ? null : state.identity)
}
