/** What a person wants of a rollout: judged by the core, and answered with the rollout as it is then. */
import { quote, saidOr, say } from '../core/say.ts'
import { rollouts } from '../core/rollout/aggregate.ts'
import type { Recorded } from '../core/rollout/events.ts'
import type { Actor, Input, Intent, PersonRequest } from '../core/rollout/inputs.ts'
import { INTENTS } from '../core/rollout/intents.ts'
import type { RolloutState } from '../core/rollout/state.ts'
import { viewOf } from '../core/rollout/view.ts'
import type { Instant } from '../core/time.ts'
import type { RolloutView } from '../core/views.ts'
import type { StoreTransaction } from '../ports/store.ts'
import type { OnceKey } from '../ports/identity.ts'
import type { Answer, Refusal } from './control-plane.ts'
import { drive, type Driven, type Others } from './drive.ts'
import { lockedEnvironment } from './environment.ts'
import { environmentFacts } from './environment-row.ts'
import { insisting } from './give.ts'
import { answerOnce } from './once.ts'
import { policyStands } from './policies.ts'
import { notFound, refusal } from './refusals.ts'
import type { Engine, EngineOptions } from './running.ts'
import { type Loaded, lockStream } from './streams.ts'

type IntendOptions = EngineOptions & { readonly engine: Engine }

export async function intend(
  options: IntendOptions,
  rollout: string,
  { intent, by, once }: { intent: Intent; by: Actor; once: OnceKey | null },
): Promise<Answer<RolloutView>> {
  const { store, engine, clock } = options
  const doubts = INTENTS[intent.type].advances ? store.doubts() : null
  if (doubts !== null) return doubted(doubts)
  const intended = await insisting((others) =>
    store.transact((tx) =>
      answerOnce<RolloutView, Intended>(tx, once, async () => {
        const loaded = await lockStream(rollouts, tx, rollout)
        if (!loaded) return { driven: null, answer: notFound(rollout) }
        const stands = intent.type !== 'approve' || (await policyStands((stream) => tx.read(stream), loaded.state.plan))
        const driven = await driveRequest(tx, loaded, personRequest(intent, by, stands), others)
        return { driven, answer: intendedAnswer(intent, driven, clock.now()) }
      }),
    ),
  )
  if ('driven' in intended) await engine.follow(intended.driven)
  return intended.answer
}

export function doubted(why: string): Refusal {
  return refusal(
    'unavailable',
    say`the log cannot be trusted: ${quote(why)}; nothing is released until that is explained; what serves goes on, and rollbacks do. See "stellwerk audit verify"; tables beside the log are made again by "stellwerk rebuild"`,
  )
}

type DrivenRollout = Driven<RolloutState, Recorded>
type Intended = { readonly driven: DrivenRollout | null; readonly answer: Answer<RolloutView> }

function intendedAnswer(intent: Intent, driven: DrivenRollout, now: Instant): Answer<RolloutView> {
  const refused = driven.events.find((event) => event.type === 'RequestRefused')
  if (refused?.type !== 'RequestRefused') return { ok: true, value: viewOf(driven.state, now) }
  return refusal(intent.type === 'approve' ? 'not-allowed' : 'conflict', saidOr(refused.data.said, refused.data.reason))
}

/** A rollback of a finalized release takes the environment again, so it asks first whether it is free. */
async function driveRequest(
  tx: StoreTransaction,
  loaded: Loaded<RolloutState, Input, Recorded>,
  request: PersonRequest,
  others: Others,
): Promise<DrivenRollout> {
  if (request.type !== 'roll-back') return drive(tx, loaded, request, others)
  const { service, environment } = loaded.state.plan
  const row = await lockedEnvironment(tx, service, environment)
  const stands = environmentFacts(row).stable?.rollout === loaded.state.id
  const environmentFree = row.holder === loaded.state.id || (row.holder === null && stands)
  return drive(tx, loaded, { ...request, environmentFree }, others)
}

function personRequest(intent: Intent, by: Actor, policyStands: boolean): PersonRequest {
  if (intent.type === 'approve') return { type: 'approve', by, approval: intent.approval, ...intent.seen, policyStands }
  if (intent.type === 'roll-back') return { ...intent, by, environmentFree: false }
  return { ...intent, by }
}
