/** A new rollout enters its environment: at once when that is free, else behind the one that holds it. */
import { rollouts } from '../core/rollout/aggregate.ts'
import type { Recorded } from '../core/rollout/events.ts'
import type { Actor, Input } from '../core/rollout/inputs.ts'
import type { RolloutState } from '../core/rollout/state.ts'
import { viewOf } from '../core/rollout/view.ts'
import type { RolloutView } from '../core/views.ts'
import type { Json } from '../core/json.ts'
import type { Plan, PlannedComponent } from '../core/plan.ts'
import { policyStream } from '../core/policy/policy.ts'
import type { Store, StoredEvent, StoreTransaction } from '../ports/store.ts'
import { retried } from './retried.ts'
import type { OnceKey } from '../ports/identity.ts'
import type { Answer, PlannedRollout } from './control-plane.ts'
import { begin, type Driven } from './drive.ts'
import { isBarred, lockedEnvironment } from './environment.ts'
import { environmentFacts } from './environment-row.ts'
import { answerOnce } from './once.ts'
import { leftIn, otherPlaces, placesOf, withComponents } from './places.ts'
import type { Engine, EngineOptions } from './running.ts'
import { load } from './streams.ts'

export type NewRollout = PlannedRollout & {
  readonly by: Actor
  readonly once: OnceKey | null
  readonly run?: string
  /** Makes the plan one under the policy held, or says why it must not run; asked in the transaction that lets it in. */
  readonly govern: (read: Read) => Promise<Answer<PlannedRollout>>
}

type Read = (stream: string) => Promise<readonly StoredEvent[]>

export async function requestRollout(
  options: EngineOptions & { readonly engine: Engine },
  wanted: NewRollout,
): Promise<Answer<RolloutView>> {
  const { store, engine } = options
  // Asked before as well, so that a refusal leaves no trace of an environment that does not exist.
  const allowed = await wanted.govern((stream) => store.read(stream))
  if (!allowed.ok) return allowed
  const around = await surroundings(options, wanted.plan)
  const enterOnce = (tx: StoreTransaction) =>
    answerOnce<RolloutView, Entered>(tx, wanted.once, () => enterGoverned(options, tx, { ...wanted, ...around }))
  const entered = await retried(() => store.transact(enterOnce))
  const driven = 'driven' in entered ? entered.driven : null
  if (driven) {
    await engine.follow(driven)
    await supersedeHolder(options, wanted, driven.state)
  }
  return entered.answer
}

type Entered = { readonly driven: Driven<RolloutState> | null; readonly answer: Answer<RolloutView> }
type Around = { readonly places: readonly PlannedComponent[]; readonly leftovers: readonly PlannedComponent[] }

/** The environment first, then its policy: everybody locks in this order. */
async function enterGoverned(
  { store, clock }: EngineOptions,
  tx: StoreTransaction,
  { govern, ...wanted }: NewRollout & Around,
): Promise<Entered> {
  const { service, environment } = wanted.plan
  await lockedEnvironment(tx, service, environment)
  await tx.lock(policyStream(service, environment))
  const governed = await govern((stream) => tx.read(stream))
  if (!governed.ok) return { driven: null, answer: governed }
  const driven = await enter(tx, store, { ...wanted, ...governed.value })
  return { driven, answer: { ok: true, value: viewOf(driven.state, clock.now()) } }
}

/** What earlier releases consisted of, and what of it the newest plans do not name although something is left. */
async function surroundings({ store, adapters }: EngineOptions, plan: Plan): Promise<Around> {
  const row = await store.environment(plan.service, plan.environment)
  if (!row) return { places: [], leftovers: [] }
  const stable = await withComponents(store, environmentFacts(row).stable)
  const places = await placesOf(store, row)
  const others = otherPlaces(places, plan.components, stable?.components ?? [])
  return { places, leftovers: await leftIn(adapters, plan, others) }
}

async function enter(tx: StoreTransaction, store: Store, wanted: Omit<NewRollout, 'govern'> & Around) {
  const { plan, leftovers, places: known, once, ...asking } = wanted
  const row = await lockedEnvironment(tx, plan.service, plan.environment)
  const facts = environmentFacts(row)
  const id = await freshId(tx, plan, facts.rollouts + 1)
  const asked = {
    ...asking,
    type: 'request-rollout',
    id,
    plan,
    requestKey: once && `${once.owner} ${once.key}`,
    ...(once ? { requestFingerprint: once.fingerprint } : {}),
    stable: await withComponents(store, facts.stable),
    ...(leftovers.length > 0 ? { leftovers } : {}),
    quarantined: await isBarred(tx, row, asking.identity),
    behind: row.holder ?? row.queue.at(-1) ?? null,
  } as const
  // Rows of before places were kept get those that were found.
  await tx.saveEnvironment({ ...row, facts: { ...facts, places: facts.places ?? known } as unknown as Json })
  return begin<RolloutState, Input, Recorded>(tx, rollouts, id, asked)
}

/**
 * `shop-prod-7`. Of `shop` in `eu-prod` and `shop-eu` in `prod` the first one that is released has that name, and the other
 * one's is spelt so that nobody takes one for the other: no name of a service holds an underscore.
 */
async function freshId(tx: StoreTransaction, { service, environment }: Plan, number: number): Promise<string> {
  const plain = `${service}-${environment}-${number}`
  return (await tx.read(plain)).length === 0 ? plain : `${service}_${environment}_${number}`
}

/** `concurrency: supersede`: what holds the environment gives way, but only while no user has met it. */
async function supersedeHolder(
  { store, engine }: EngineOptions & { readonly engine: Engine },
  { plan, by }: NewRollout,
  state: RolloutState,
) {
  if (plan.concurrency !== 'supersede' || state.status !== 'queued') return
  const row = await store.environment(plan.service, plan.environment)
  const holder = await load(rollouts, store, row?.holder)
  if (!holder || holder.exposed) return
  await engine.give(rollouts, holder.id, { type: 'abort', by, reason: `superseded by ${state.id}` })
}
