import { z } from '@hono/zod-openapi'
import { english } from '../../core/say.ts'
import { intent, INTENT_NAMES, type IntentFields, type IntentName, SAYS, type Says } from '../../core/rollout/inputs.ts'
import { INTENTS } from '../../core/rollout/intents.ts'
import { within } from '../within.ts'
import { answer } from '../problem.ts'
import { type Api, route } from '../route.ts'
import { Text } from '../schemas.ts'
import type { HttpOptions } from '../types.ts'
import { RolloutBody } from '../view-schemas.ts'
import { RolloutId } from './rollouts.ts'

const FIELDS: { readonly [F in keyof IntentFields]: z.ZodType<IntentFields[F]> } = {
  reason: Text,
  note: Text,
  cause: z.enum(['person', 'incident', 'security-finding']).default('person'),
  approval: z.string().min(1).nullable().default(null),
  seen: z
    .strictObject({ rollout: z.string().min(1), identity: z.string().min(1), planHash: z.string().min(1) })
    .openapi('Seen', {
      description: 'What the approver was shown (`GET /rollouts/{id}/plan`). Anything but what waits is refused.',
    }),
}

/** What the body of an intent holds: zod cannot know that what is picked by name is what the type picks by name. */
function bodyOf<K extends IntentName>(name: K): z.ZodType<Says<K>> {
  const shape = Object.fromEntries(SAYS[name].map((field) => [field, FIELDS[field]]))
  return z.strictObject(shape) as unknown as z.ZodType<Says<K>>
}

/** What a person may want of a rollout (R-D13), each under its own name. */
export function intentRoutes(api: Api, options: HttpOptions): void {
  for (const name of INTENT_NAMES) intentRoute(api, options, name)
}

function intentRoute<K extends IntentName>(api: Api, { controlPlane }: HttpOptions, name: K): void {
  const { scope, summary, description } = INTENTS[name]
  route(
    api,
    {
      method: 'post',
      path: `/rollouts/{id}/${name}`,
      scope,
      tag: 'intents',
      summary: english(summary),
      ...(description && { description: english(description) }),
      params: RolloutId,
      body: bodyOf(name),
      ok: { status: 200, description: 'The rollout as it is afterwards.', schema: RolloutBody },
      refusals: ['unsupported-type', 'not-found', 'conflict', 'invalid', 'unavailable'],
    },
    async ({ c, params, body, identity, once }) => {
      const wanted = intent(name, body)
      return answer(c, await within(controlPlane, identity).intend(params.id, wanted, identity.actor, once))
    },
  )
}
