import { z } from '@hono/zod-openapi'
import { type Api, route } from '../route.ts'
import type { HttpOptions } from '../types.ts'
import { EnvironmentBody } from '../view-schemas.ts'
import { within } from '../within.ts'

const Filter = z.object({ service: z.string().optional(), environment: z.string().optional() })

export function statusRoutes(api: Api, { controlPlane }: HttpOptions): void {
  route(
    api,
    {
      method: 'get',
      path: '/status',
      scope: 'read',
      tag: 'status',
      summary: 'What serves now in every environment, looked at just now',
      query: Filter,
      ok: { status: 200, description: 'Environments.', schema: z.array(EnvironmentBody) },
    },
    async ({ c, identity, query: { service, environment } }) =>
      c.json(
        await within(controlPlane, identity).status({
          ...(service && { service }),
          ...(environment && { environment }),
        }),
      ),
  )
}
