import { z } from '@hono/zod-openapi'
import type { TestedRoute } from '../../engine/control-plane.ts'
import { DELIVERY_STATES, type Delivery } from '../../ports/deliveries.ts'
import { TOPICS } from '../../stellwerk-yaml/notify.ts'
import { Moment } from '../schema-parts.ts'
import { answer } from '../problem.ts'
import { type Api, route, spec } from '../route.ts'
import type { HttpOptions } from '../types.ts'
import { within } from '../within.ts'

const tag = 'notifications'

const EventName = z.string() as unknown as z.ZodType<Delivery['event']>

const DeliveryBody: z.ZodType<Delivery> = z
  .object({
    id: z.string().openapi({ example: 'shop-prod-7/12/0', description: 'Stream, version and route of the message.' }),
    stream: z.string(),
    version: z.number().int(),
    route: z.number().int().openapi({ description: 'Place in `notify` of the plan, from 0.' }),
    channel: z.string(),
    kind: z.string(),
    to: z.string().openapi({ description: 'Where it goes, for people; never a secret.' }),
    service: z.string(),
    environment: z.string(),
    event: EventName,
    priority: z.enum(['info', 'P1', 'P2', 'P3']),
    title: z.string(),
    position: z.number().int(),
    until: Moment,
    state: z.enum(DELIVERY_STATES).openapi({ description: '`dead`: given up; it can be sent again, or dismissed.' }),
    attempts: z.number().int(),
    failure: z.string().nullable().openapi({ description: 'Why the last attempt failed.' }),
    receipt: z.string().nullable().openapi({ description: 'What the channel answered that took it.' }),
    dismissed: z
      .object({ by: z.string(), reason: z.string() })
      .nullable()
      .openapi({ description: 'Who said that it is not needed any more, and why.' }),
    createdAt: Moment,
    at: Moment,
  })
  .openapi('Delivery', {
    description:
      'What became of one message at one route. `at`: not tried again before; of what does not wait, when it ended.',
  })

const TestedRouteBody: z.ZodType<TestedRoute> = z
  .object({
    route: z.number().int(),
    on: z.array(z.string()),
    kind: z.string(),
    to: z.string(),
    event: EventName,
    outcome: z.enum(['delivered', 'failed']),
    detail: z.string().openapi({ description: 'The receipt, or why not.' }),
  })
  .openapi('TestedRoute')

const name = z.string().min(1).max(100)

const listSpec = spec({
  method: 'get',
  path: '/notifications',
  scope: 'read',
  tag,
  summary: 'What became of messages at each route, newest first',
  query: z.object({
    service: name.optional(),
    environment: name.optional(),
    state: z.enum(DELIVERY_STATES).optional(),
    limit: z.coerce.number().int().min(1).max(1000).default(100),
  }),
  ok: { status: 200, description: 'Deliveries.', schema: z.array(DeliveryBody) },
  refusals: ['unavailable'],
})

const replaySpec = spec({
  method: 'post',
  path: '/notifications/replay',
  scope: 'intervene',
  tag,
  summary: 'Send dead letters again',
  description: 'All of those named or none; or, with `ids` null, all of a place.',
  body: z.strictObject({
    ids: z.array(z.string().min(1).max(300)).min(1).max(1000).nullable(),
    service: name.optional(),
    environment: name.optional(),
  }),
  ok: { status: 200, description: 'What is sent again.', schema: z.array(DeliveryBody) },
  refusals: ['unsupported-type', 'too-large', 'not-found', 'conflict', 'invalid', 'unavailable'],
})

const dismissSpec = spec({
  method: 'post',
  path: '/notifications/dismiss',
  scope: 'intervene',
  tag,
  summary: 'Dismiss dead letters that nobody needs any more',
  description:
    'All of those named or none; or, with `ids` null, all of a place. They are no alarm any more, and cannot be sent again.',
  body: z.strictObject({
    ids: z.array(z.string().min(1).max(300)).min(1).max(1000).nullable(),
    service: name.optional(),
    environment: name.optional(),
    reason: z.string().trim().min(1).max(500).openapi({ description: 'Why; shown with the message.' }),
  }),
  ok: { status: 200, description: 'What was dismissed.', schema: z.array(DeliveryBody) },
  refusals: ['unsupported-type', 'too-large', 'not-found', 'conflict', 'invalid', 'unavailable'],
})

const testSpec = spec({
  method: 'post',
  path: '/notifications/test',
  readOnly: true,
  scope: 'deploy',
  tag,
  summary: 'Send a test message by the routes of a spec, and say what became of it at each',
  body: z.strictObject({
    source: z.strictObject({ text: z.string(), file: z.string(), folder: z.string() }),
    environment: name,
    on: z
      .enum(TOPICS)
      .nullable()
      .default(null)
      .openapi({ description: 'Only routes that ask for this event or priority; null: every route.' }),
  }),
  ok: { status: 200, description: 'The routes that were tried.', schema: z.array(TestedRouteBody) },
  refusals: ['unsupported-type', 'too-large', 'invalid', 'unavailable'],
})

export function notificationRoutes(api: Api, { controlPlane }: HttpOptions): void {
  route(api, listSpec, async ({ c, identity, query: { service, environment, state, limit } }) => {
    const filter = { ...(service && { service }), ...(environment && { environment }), ...(state && { state }), limit }
    return c.json(await within(controlPlane, identity).notifications(filter))
  })
  route(api, replaySpec, async ({ c, identity, body, once }) =>
    answer(c, await within(controlPlane, identity).replayNotifications(body, once)),
  )
  route(api, dismissSpec, async ({ c, identity, body, once }) =>
    answer(c, await within(controlPlane, identity).dismissNotifications(body, identity.actor, once)),
  )
  route(api, testSpec, async ({ c, identity, body }) =>
    answer(c, await within(controlPlane, identity).testNotifications(body)),
  )
}
