/** A new rollout enters its environment: at once when that is free, else behind the one that holds it. */
import { decide, type Decision } from '../core/rollout/decide.ts'
import type { Actor } from '../core/rollout/inputs.ts'
import type { Plan } from '../core/plan.ts'
import type { RolloutState } from '../core/rollout/state.ts'
import { viewOf } from '../core/rollout/view.ts'
import type { RolloutView } from '../core/views.ts'
import type { Json } from '../core/json.ts'
import { policyStream } from '../core/policy/policy.ts'
import { ConcurrencyError, type OnceKey, type StoredEvent, type StoreTransaction } from '../ports/store.ts'
import type { Answer, PlannedRollout } from './control-plane.ts'
import { fitInput } from './fit.ts'
import { answerOnce } from './once.ts'
import type { Engine, EngineOptions } from './running.ts'
import { commit, environmentFacts, stateFrom } from './rollouts.ts'

export type NewRollout = PlannedRollout & {
  readonly by: Actor
  readonly once: OnceKey | null
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
  const entered = await retried(() =>
    store.transact((tx) => answerOnce<RolloutView, Entered>(tx, wanted.once, () => enterGoverned(options, tx, wanted))),
  )
  const decision = 'decision' in entered ? entered.decision : null
  if (decision) {
    await engine.follow({ state: decision.state, decision })
    await supersedeHolder(options, wanted, decision.state)
  }
  return entered.answer
}

type Entered = { readonly decision: Decision | null; readonly answer: Answer<RolloutView> }

/** The environment first, then its policy: everybody locks in this order. */
async function enterGoverned({ clock }: EngineOptions, tx: StoreTransaction, wanted: NewRollout): Promise<Entered> {
  const { service, environment } = wanted.plan
  await tx.lockEnvironment(service, environment)
  await tx.lock(policyStream(service, environment))
  const governed = await wanted.govern((stream) => tx.read(stream))
  if (!governed.ok) return { decision: null, answer: governed }
  const decision = await enter(tx, { ...wanted, ...governed.value })
  return { decision, answer: { ok: true, value: viewOf(decision.state, clock.now()) } }
}

const ATTEMPTS = 3

/** Two who bring the first policy of an environment at the same moment: one of them begins again and finds it there. */
async function retried<T>(work: () => Promise<T>, attempt = 1): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ConcurrencyError) || attempt >= ATTEMPTS) throw error
    return retried(work, attempt + 1)
  }
}

async function enter(tx: StoreTransaction, { plan, planHash, identity, by, once }: NewRollout) {
  const row = await tx.lockEnvironment(plan.service, plan.environment)
  const facts = environmentFacts(row)
  const number = facts.rollouts + 1
  const id = await freshId(tx, plan, number)
  const quarantined = await tx.isQuarantined(plan.service, plan.environment, identity)
  const behind = row.holder ?? row.queue.at(-1) ?? null
  const asked = {
    type: 'request-rollout',
    id,
    plan,
    planHash,
    identity,
    by,
    requestKey: once && `${once.owner} ${once.key}`,
    stable: facts.stable,
    quarantined,
    behind,
  } as const
  const decision = decide(null, fitInput(asked), tx.now())
  const queued = decision.state.status === 'queued'
  await tx.saveEnvironment({
    ...row,
    holder: behind === null && decision.state.status === 'running' ? id : row.holder,
    queue: queued ? [...row.queue, id] : row.queue,
    facts: { ...facts, rollouts: number } as unknown as Json,
  })
  await commit(tx, id, null, decision)
  return decision
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
  const held = row?.holder ? await store.row(row.holder) : null
  const holder = held && (await stateFrom(store, held))
  if (!holder || holder.exposed) return
  await engine.give(holder.id, { type: 'abort', by, reason: `superseded by ${state.id}` })
}
