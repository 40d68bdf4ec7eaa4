import { z } from '@hono/zod-openapi'
import type { KeptRehearsal, RehearsalRecord } from '../../core/rollback-path.ts'
import { Moment } from '../schema-parts.ts'
import { answer } from '../problem.ts'
import { type Api, route, spec } from '../route.ts'
import type { HttpOptions } from '../types.ts'
import { within } from '../within.ts'

const tag = 'rehearsals'

/** As the spec has them: with a slash in it, one could be taken for another. */
const name = z.string().regex(/^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/)

const RehearsalRecordBody: z.ZodType<RehearsalRecord> = z
  .strictObject({
    format: z.literal(1),
    service: name,
    environment: name,
    path: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .openapi({ description: 'SHA-256 of the way back: the same for the same components, steps, times and rules.' }),
    at: Moment,
    scenario: z.string().min(1).max(200),
    seed: z.number().int().min(0).max(999_999_999),
    result: z.literal('rolled-back'),
    trafficBackMs: z.number().min(0),
  })
  .openapi('RehearsalRecord', { description: "What a rehearsal proved of an environment's way back." })

const KeptRehearsalBody: z.ZodType<KeptRehearsal> = z
  .object({ record: RehearsalRecordBody, by: z.string(), keptAt: Moment })
  .openapi('KeptRehearsal')

const keepSpec = spec({
  method: 'post',
  path: '/rehearsals',
  scope: 'deploy',
  tag,
  summary: 'Hand over the record of a rehearsed rollback',
  description: 'For the gate `rollback-rehearsed`. It stands in the log under the name of whoever hands it over.',
  body: RehearsalRecordBody,
  ok: { status: 201, description: 'It is kept.', schema: KeptRehearsalBody },
  refusals: ['unsupported-type', 'too-large', 'invalid', 'unavailable'],
})

const listSpec = spec({
  method: 'get',
  path: '/rehearsals/{service}/{environment}',
  scope: 'read',
  tag,
  summary: 'What was rehearsed of the ways back of one environment: the newest of each, the newest last',
  params: z.object({ service: name, environment: name }),
  ok: { status: 200, description: 'Records; empty where none was handed over.', schema: z.array(KeptRehearsalBody) },
  refusals: ['unavailable'],
})

export function rehearsalRoutes(api: Api, { controlPlane }: HttpOptions): void {
  route(api, keepSpec, async ({ c, identity, body, once }) =>
    answer(c, await within(controlPlane, identity).recordRehearsal(body, identity.actor, once), 201),
  )
  route(api, listSpec, async ({ c, identity, params: { service, environment } }) =>
    c.json(await within(controlPlane, identity).rehearsals(service, environment)),
  )
}
