import { createHash } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import { answer, refusal } from '../problem.ts'
import { type Api, CREATED, route, spec } from '../route.ts'
import { PlanPreviewBody, PlanRequestBody, StartBody } from '../schemas.ts'
import type { HttpContext, HttpOptions } from '../types.ts'
import { RolloutBody } from '../view-schemas.ts'
import { within } from '../within.ts'

const tag = 'rollouts'

export const RolloutId = z.object({ id: z.string().min(1).max(200).openapi({ example: 'r-20260725-1' }) })

const Filter = z.object({
  service: z.string().optional(),
  environment: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
})

const planSpec = spec({
  method: 'post',
  path: '/plan',
  readOnly: true,
  scope: 'read',
  tag,
  summary: 'Compile the plan of a rollout without starting it',
  body: PlanRequestBody,
  ok: {
    status: 200,
    description: 'The plan, its hash, the identity of its artifact, and what its steps will see.',
    schema: PlanPreviewBody,
  },
  refusals: ['unsupported-type', 'too-large', 'invalid', 'unavailable'],
})

const startSpec = spec({
  method: 'post',
  path: '/rollouts',
  scope: 'deploy',
  tag,
  summary: 'Start a rollout, or queue it behind the one that holds the environment',
  body: StartBody,
  ok: { status: 201, description: 'The rollout; its place is in `Location`.', schema: RolloutBody },
  refusals: CREATED,
})

const listSpec = spec({
  method: 'get',
  path: '/rollouts',
  scope: 'read',
  tag,
  summary: 'List rollouts, newest first',
  query: Filter,
  ok: { status: 200, description: 'Rollouts.', schema: z.array(RolloutBody) },
})

const showSpec = spec({
  method: 'get',
  path: '/rollouts/{id}',
  scope: 'read',
  tag,
  summary: 'Show one rollout',
  description: 'Answers an `ETag`; with `If-None-Match` of the same value, 304 without a body.',
  params: RolloutId,
  ok: { status: 200, description: 'The rollout.', schema: RolloutBody },
  refusals: ['not-found', 'unavailable'],
})

export function rolloutRoutes(api: Api, { controlPlane }: HttpOptions): void {
  route(api, planSpec, async ({ c, body, identity }) => answer(c, await within(controlPlane, identity).plan(body)))
  route(api, startSpec, async ({ c, body, identity, once }) => {
    const { expectedPlanHash, run, ...request } = body
    const terms = { expectedPlanHash, run }
    const started = await within(controlPlane, identity).request(request, identity.actor, once, terms)
    if (started.ok) c.header('Location', `/api/v1/rollouts/${encodeURIComponent(started.value.id)}`)
    return answer(c, started, 201)
  })
  route(api, listSpec, async ({ c, identity, query: { service, environment, limit } }) =>
    c.json(
      await within(controlPlane, identity).rollouts({
        ...(service && { service }),
        ...(environment && { environment }),
        limit,
      }),
    ),
  )
  route(api, showSpec, async ({ c, identity, params }) => {
    const found = await within(controlPlane, identity).rollout(params.id)
    return found.ok ? withEtag(c, JSON.stringify(found.value)) : refusal(c, found)
  })
}

function withEtag(c: HttpContext, body: string): Response {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`
  c.header('ETag', etag)
  c.header('Cache-Control', 'no-cache')
  const known = (c.req.header('if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  if (known.includes(etag) || known.includes('*')) return c.body(null, 304)
  return c.body(body, 200, { 'Content-Type': 'application/json' })
}
