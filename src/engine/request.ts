/** A new rollout enters its environment: at once when that is free, else behind the one that holds it. */
import { decide, type Decision } from '../core/rollout/decide.ts'
import type { Actor } from '../core/rollout/inputs.ts'
import type { RolloutState } from '../core/rollout/state.ts'
import { viewOf } from '../core/rollout/view.ts'
import type { RolloutView } from '../core/views.ts'
import type { Json } from '../core/json.ts'
import type { OnceKey, StoreTransaction } from '../ports/store.ts'
import type { Answer, PlannedRollout } from './control-plane.ts'
import { isBarred, lockedEnvironment } from './environment.ts'
import { fitInput } from './fit.ts'
import { answerOnce } from './once.ts'
import type { Engine, EngineOptions } from './running.ts'
import { commit, environmentFacts, stateFrom } from './rollouts.ts'

export type NewRollout = PlannedRollout & { readonly by: Actor; readonly once: OnceKey | null }

export async function requestRollout(
  options: EngineOptions & { readonly engine: Engine },
  wanted: NewRollout,
): Promise<Answer<RolloutView>> {
  const { store, engine, clock } = options
  const entered = await store.transact((tx) =>
    answerOnce<RolloutView, Entered>(tx, wanted.once, async () => {
      const decision = await enter(tx, wanted)
      return { decision, answer: { ok: true, value: viewOf(decision.state, clock.now()) } }
    }),
  )
  if ('decision' in entered) {
    const { decision } = entered
    await engine.follow({ state: decision.state, decision })
    await supersedeHolder(options, wanted, decision.state)
  }
  return entered.answer
}

type Entered = { readonly decision: Decision; readonly answer: Answer<RolloutView> }

async function enter(tx: StoreTransaction, { plan, planHash, identity, by, once }: NewRollout) {
  const row = await lockedEnvironment(tx, plan.service, plan.environment)
  const facts = environmentFacts(row)
  const number = facts.rollouts + 1
  const id = `${plan.service}-${plan.environment}-${number}`
  const quarantined = await isBarred(tx, row, identity)
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
  const decision = decide(null, fitInput(asked), tx.now(), tx.doubts() !== null)
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
