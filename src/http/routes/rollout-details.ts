import { z } from '@hono/zod-openapi'
import { answer, refusal } from '../problem.ts'
import { type Api, route, spec } from '../route.ts'
import { LogLineBody, planPreview, StoredEventBody } from '../schemas.ts'
import { RolloutBody } from '../view-schemas.ts'
import { within } from '../within.ts'
import type { RolloutPlan } from '../../engine/control-plane.ts'
import type { HttpOptions } from '../types.ts'
import { RolloutId } from './rollouts.ts'

const tag = 'rollouts'

const Page = z.object({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
})

const LogsQuery = z.object({
  component: z.string().optional().openapi({ description: 'Of this component only.' }),
  lines: z.coerce.number().int().min(1).max(5000).default(100),
  since: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .openapi({ description: 'Only lines of this moment or later: milliseconds since the Unix epoch.' }),
})

const eventsSpec = spec({
  method: 'get',
  path: '/rollouts/{id}/events',
  scope: 'read',
  tag,
  summary: 'Events of one rollout, oldest first',
  params: RolloutId,
  query: Page,
  ok: { status: 200, description: 'Events with `position > after`.', schema: z.array(StoredEventBody) },
  refusals: ['not-found', 'unavailable'],
})

const RolloutPlanBody: z.ZodType<RolloutPlan> = z
  .object({ ...planPreview, rollout: RolloutBody })
  .openapi('RolloutPlan', { description: 'What an approver has to see, and then to name in what he approves.' })

const planSpec = spec({
  method: 'get',
  path: '/rollouts/{id}/plan',
  scope: 'read',
  tag,
  summary: 'The plan of a rollout as it runs, with its hash and how it stands to the policy in force',
  params: RolloutId,
  ok: { status: 200, description: 'The plan.', schema: RolloutPlanBody },
  refusals: ['not-found', 'unavailable'],
})

const logsSpec = spec({
  method: 'get',
  path: '/rollouts/{id}/logs',
  scope: 'read',
  tag,
  summary: 'The newest lines that the instances of a rollout printed; also after they were stopped',
  params: RolloutId,
  query: LogsQuery,
  ok: { status: 200, description: 'Lines, the newest last.', schema: z.array(LogLineBody) },
  refusals: ['not-found', 'unavailable'],
})

export function rolloutDetailRoutes(api: Api, { controlPlane }: HttpOptions): void {
  route(api, eventsSpec, async ({ c, identity, params, query }) => {
    const there = within(controlPlane, identity)
    const found = await there.rollout(params.id)
    return found.ok ? c.json(await there.events({ rollout: params.id, ...query })) : refusal(c, found)
  })
  route(api, planSpec, async ({ c, identity, params }) =>
    answer(c, await within(controlPlane, identity).rolloutPlan(params.id)),
  )
  route(api, logsSpec, async ({ c, identity, params, query: { component = null, lines, since = null } }) =>
    answer(c, await within(controlPlane, identity).logs({ rollout: params.id, component, lines, since })),
  )
}
