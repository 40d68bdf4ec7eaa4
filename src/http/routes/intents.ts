import { z } from '@hono/zod-openapi'
import type { Intent } from '../../engine/control-plane.ts'
import type { Scope } from '../../ports/identity.ts'
import { within } from '../within.ts'
import { answer } from '../problem.ts'
import { type Api, route } from '../route.ts'
import { Text } from '../schemas.ts'
import type { HttpOptions } from '../types.ts'
import { RolloutBody } from '../view-schemas.ts'
import { RolloutId } from './rollouts.ts'

type IntentRoute<B extends z.ZodType = z.ZodType> = {
  readonly scope: Scope
  readonly summary: string
  readonly body: B
  readonly intent: (body: z.output<B>) => Intent
}

function intent<B extends z.ZodType>(
  scope: Scope,
  summary: string,
  body: B,
  intent: (body: z.output<B>) => Intent,
): IntentRoute {
  return { scope, summary, body, intent: intent as IntentRoute['intent'] }
}

const Reason = z.strictObject({ reason: Text })
const Nothing = z.strictObject({})

const Seen = z
  .strictObject({ rollout: z.string().min(1), identity: z.string().min(1), planHash: z.string().min(1) })
  .openapi('Seen', {
    description: 'What the approver was shown (`GET /rollouts/{id}/plan`). Anything but what waits is refused.',
  })
const Cause = z.enum(['person', 'incident', 'security-finding'])

/** What a person may want of a rollout (R-D13), by the last part of its address. */
const INTENTS: Readonly<Record<string, IntentRoute>> = {
  approve: intent(
    'approve',
    'Give an approval of exactly what was shown: this rollout, artifact and plan',
    z.strictObject({ approval: z.string().min(1).nullable().default(null), seen: Seen }),
    ({ approval, seen }) => ({ type: 'approve', approval, seen }),
  ),
  reject: intent('approve', 'Refuse the release; it is aborted', Reason, ({ reason }) => ({
    type: 'reject',
    reason,
  })),
  pause: intent('intervene', 'Stop advancing; triggers stay armed', Reason, ({ reason }) => ({
    type: 'pause',
    reason,
  })),
  resume: intent('intervene', 'Continue after a pause', Nothing, () => ({ type: 'resume' })),
  promote: intent('intervene', 'End the hold under way', Nothing, () => ({ type: 'promote' })),
  abort: intent('intervene', 'Give up; users return to live', Reason, ({ reason }) => ({ type: 'abort', reason })),
  'roll-back': intent(
    'intervene',
    'Return users to the previous version',
    z.strictObject({ reason: Text, cause: Cause.default('person') }),
    ({ reason, cause }) => ({ type: 'roll-back', reason, cause }),
  ),
  resolve: intent(
    'intervene',
    'Say that a person has put things right after needs-human',
    z.strictObject({ note: Text }),
    ({ note }) => ({ type: 'resolve', note }),
  ),
}

export function intentRoutes(api: Api, { controlPlane }: HttpOptions): void {
  for (const [verb, { scope, summary, body, intent }] of Object.entries(INTENTS)) {
    route(
      api,
      {
        method: 'post',
        path: `/rollouts/{id}/${verb}`,
        scope,
        tag: 'intents',
        summary,
        params: RolloutId,
        body,
        ok: { status: 200, description: 'The rollout as it is afterwards.', schema: RolloutBody },
        refusals: ['unsupported-type', 'not-found', 'conflict', 'invalid', 'unavailable'],
      },
      async ({ c, params, body, identity, once }) =>
        answer(c, await within(controlPlane, identity).intend(params.id, intent(body), identity.actor, once)),
    )
  }
}
