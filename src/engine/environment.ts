/** The row of an environment, locked; made again from the log where nobody of us wrote what stands there (law L2). */
import type { EnvironmentChange } from '../core/aggregate.ts'
import type { Plan } from '../core/plan.ts'
import { rollouts } from '../core/rollout/aggregate.ts'
import { changeOf } from '../core/rollout/environment.ts'
import type { RolloutState } from '../core/rollout/state.ts'
import type { EnvironmentRow, Store, StoredEvent, StoreTransaction } from '../ports/store.ts'
import { afterChange, environmentFacts } from './environment-row.ts'
import { foldOne } from './streams.ts'

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

/** What a rollout has become, for its environment. */
export async function changeEnvironment(tx: StoreTransaction, change: EnvironmentChange): Promise<void> {
  const { service, environment, barred } = change
  await tx.saveEnvironment(afterChange(await lockedEnvironment(tx, service, environment), change))
  if (barred !== null) await tx.setQuarantine(service, environment, barred.identity, barred.reason)
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
  let row: EnvironmentRow = { service, environment, holder: null, facts: null, queue: [] }
  for (const event of streams.flat().toSorted((left, right) => left.position - right.position)) {
    const before = states.get(event.stream) ?? null
    const state = foldOne(rollouts, before, event)
    if (state === null) continue
    states.set(event.stream, state)
    const change = changeOf(before, state)
    if (change) row = afterChange(row, change)
  }
  return row
}

/** By the name it has usually, or the one it has where that was taken by another service and environment. */
async function rolloutOf(tx: StoreTransaction, service: string, environment: string, number: number) {
  let taken: readonly StoredEvent[] | null = null
  for (const mark of ['-', '_']) {
    const events = await tx.read([service, environment, number].join(mark))
    const plan = (events[0]?.data as { readonly plan?: Partial<Plan> } | undefined)?.plan
    // One that begins with a forged event took its number and nothing else.
    if (events[0]?.forged) taken = events
    else if (plan?.service === service && plan.environment === environment) return events
  }
  return taken
}
