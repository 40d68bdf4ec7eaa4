/** A new rollout enters its environment: at once when that is free, else behind the one that holds it. */
import { decide } from '../core/rollout/decide.ts'
import type { Actor } from '../core/rollout/inputs.ts'
import type { RolloutState } from '../core/rollout/state.ts'
import type { Json } from '../core/json.ts'
import type { StoreTransaction } from '../ports/store.ts'
import type { PlannedRollout } from './control-plane.ts'
import { fitInput } from './fit.ts'
import type { Engine, EngineOptions } from './running.ts'
import { commit, environmentFacts, stateFrom } from './rollouts.ts'

export type NewRollout = PlannedRollout & { readonly by: Actor; readonly requestKey: string | null }

/** How far back an idempotency key is remembered, in rollouts of the environment. */
const REMEMBERED = 50

export async function requestRollout(
  options: EngineOptions & { readonly engine: Engine },
  wanted: NewRollout,
): Promise<RolloutState> {
  const known = wanted.requestKey === null ? null : await findByKey(options, wanted)
  if (known) return known
  const decision = await options.store.transact((tx) => enter(tx, wanted))
  await options.engine.follow({ state: decision.state, decision })
  await supersedeHolder(options, wanted, decision.state)
  return decision.state
}

async function enter(tx: StoreTransaction, { plan, planHash, identity, by, requestKey }: NewRollout) {
  const row = await tx.lockEnvironment(plan.service, plan.environment)
  const facts = environmentFacts(row)
  const number = facts.rollouts + 1
  const id = `${plan.service}-${plan.environment}-${number}`
  const quarantined = await tx.isQuarantined(plan.service, plan.environment, identity)
  const behind = row.holder ?? row.queue.at(-1) ?? null
  const asked = {
    type: 'request-rollout',
    id,
    plan,
    planHash,
    identity,
    by,
    requestKey,
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

async function findByKey({ store }: EngineOptions, { plan, requestKey }: NewRollout): Promise<RolloutState | null> {
  const recent = await store.list({
    kind: 'rollout',
    service: plan.service,
    environment: plan.environment,
    limit: REMEMBERED,
  })
  for (const { stream } of recent) {
    const row = await store.row(stream)
    const state = row && (await stateFrom(store, row))
    if (state?.requestKey === requestKey) return state
  }
  return null
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
