import { z } from '@hono/zod-openapi'
import { answer, refusal } from '../problem.ts'
import { type Api, route, spec } from '../route.ts'
import { Text } from '../schemas.ts'
import type { HttpOptions } from '../types.ts'
import { IncidentBody } from '../view-schemas.ts'
import { within } from '../within.ts'

const tag = 'incidents'
const IncidentId = z.object({
  id: z.string().min(1).max(300).openapi({ example: 'incident-shop-prod-7-1785024000000' }),
})
const name = z.string().min(1).max(100)

const listSpec = spec({
  method: 'get',
  path: '/incidents',
  scope: 'read',
  tag,
  summary: 'List incidents, newest first',
  query: z.object({
    service: name.optional(),
    environment: name.optional(),
    state: z
      .enum(['open', 'resolved', 'all'])
      .default('open')
      .openapi({ description: '`open`: not resolved yet, acknowledged or not.' }),
    limit: z.coerce.number().int().min(1).max(500).default(100),
  }),
  ok: { status: 200, description: 'Incidents.', schema: z.array(IncidentBody) },
  refusals: ['unavailable'],
})

const showSpec = spec({
  method: 'get',
  path: '/incidents/{id}',
  scope: 'read',
  tag,
  summary: 'Show one incident',
  params: IncidentId,
  ok: { status: 200, description: 'The incident.', schema: IncidentBody },
  refusals: ['not-found', 'unavailable'],
})

const REFUSALS = ['unsupported-type', 'not-found', 'conflict', 'invalid', 'unavailable'] as const

const acknowledgeSpec = spec({
  method: 'post',
  path: '/incidents/{id}/acknowledge',
  scope: 'intervene',
  tag,
  summary: 'Say that somebody looks after it; the first who does is named',
  params: IncidentId,
  body: z.strictObject({}),
  ok: { status: 200, description: 'The incident as it is afterwards.', schema: IncidentBody },
  refusals: REFUSALS,
})

const resolveSpec = spec({
  method: 'post',
  path: '/incidents/{id}/resolve',
  scope: 'intervene',
  tag,
  summary: 'Say that it is over, and what was found and done',
  params: IncidentId,
  body: z.strictObject({ note: Text }),
  ok: { status: 200, description: 'The incident as it is afterwards.', schema: IncidentBody },
  refusals: REFUSALS,
})

export function incidentRoutes(api: Api, { controlPlane }: HttpOptions): void {
  route(api, listSpec, async ({ c, identity, query: { service, environment, state, limit } }) => {
    const place = { ...(service && { service }), ...(environment && { environment }) }
    const isOpen = state === 'all' ? {} : { isOpen: state === 'open' }
    return c.json(await within(controlPlane, identity).incidents({ ...place, ...isOpen, limit }))
  })
  route(api, showSpec, async ({ c, identity, params }) => {
    const found = await within(controlPlane, identity).incident(params.id)
    return found.ok ? c.json(found.value) : refusal(c, found)
  })
  route(api, acknowledgeSpec, async ({ c, identity, params, once }) =>
    answer(
      c,
      await within(controlPlane, identity).intendIncident(params.id, { type: 'acknowledge' }, identity.actor, once),
    ),
  )
  route(api, resolveSpec, async ({ c, identity, params, body, once }) =>
    answer(
      c,
      await within(controlPlane, identity).intendIncident(
        params.id,
        { type: 'resolve', ...body },
        identity.actor,
        once,
      ),
    ),
  )
}
