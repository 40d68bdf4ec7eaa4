/**
 * The data of the API as zod schemas: requests are checked by them, and the OpenAPI description comes out of them. Each is
 * declared as the type it describes, so that a view and its description cannot drift apart.
 */
import type { Forecast } from '../core/forecast/detectable-effect.ts'
import { z } from '@hono/zod-openapi'
import type { Artifact } from '../core/artifact.ts'
import type { Json } from '../core/json.ts'
import type { Plan } from '../core/plan.ts'
import type { AuditReport, ComponentLogLine, PlanPreview, PlanRequest } from '../engine/control-plane.ts'
import type { Problem } from '../errors.ts'
import { SCOPES, type TokenFacts } from '../ports/identity.ts'
import type { StoredEvent } from '../ports/store.ts'
import { StandingBody } from './policy-schemas.ts'
import { Moment, SaidBody, SentenceBody } from './schema-parts.ts'

export { Moment } from './schema-parts.ts'

export const Text = z.string().min(1).max(2000)

export const ProblemBody: z.ZodType<Problem> = z
  .object({
    type: z.string().openapi({ example: 'urn:stellwerk:problem:conflict' }),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    said: SaidBody.optional(),
    problems: z.array(z.object({ where: z.string(), message: z.string(), said: SaidBody.optional() })),
    requestId: z.string(),
  })
  .openapi('Problem', { description: 'RFC 9457 problem; `problems` names every single offending thing.' })

export const ArtifactBody: z.ZodType<Artifact> = z
  .strictObject({
    version: z.string().min(1).max(100),
    commit: z.string().openapi({ description: 'The full hash.' }),
    buildUrl: z.string(),
    authors: z.array(z.string()),
    components: z.record(
      z.string(),
      z.strictObject({ ref: z.string(), digest: z.string().openapi({ description: '`sha256:` and 64 hex digits.' }) }),
    ),
  })
  .openapi('Artifact')

const planRequest = {
  spec: z.strictObject({
    text: z.string().openapi({ description: 'The text of stellwerk.yaml.' }),
    file: z.string(),
    folder: z.string().openapi({ description: "Absolute folder that the spec's relative paths start from." }),
  }),
  environment: z.string().min(1),
  artifact: ArtifactBody,
  flags: z.record(z.string(), z.string()).openapi({ description: 'Release inputs beside the artifact.' }),
}

export const PlanRequestBody: z.ZodType<PlanRequest> = z.strictObject(planRequest).openapi('PlanRequest')

export const StartBody = z
  .strictObject({
    ...planRequest,
    expectedPlanHash: z
      .string()
      .nullable()
      .default(null)
      .openapi({ description: 'Hash of the plan that was shown: another one is refused, and nothing is started.' }),
    run: z
      .url({ protocol: /^https?$/ })
      .max(1000)
      .nullable()
      .default(null)
      .openapi({ description: 'Where the CI run that asks can be looked at; it stands on the record.' }),
  })
  .openapi('StartRequest')

const PlanBody = z
  .looseObject({
    format: z.literal(1),
    service: z.string(),
    environment: z.string(),
    steps: z.array(z.looseObject({ kind: z.string() })),
  })
  .openapi('Plan', { description: 'The explicit list of steps; see src/core/plan.ts.' }) as unknown as z.ZodType<Plan>

const ForecastBody: z.ZodType<Forecast> = z
  .object({
    components: z.array(
      z.object({
        component: z.string(),
        traffic: z
          .object({ requestsPerSecond: z.number(), errorRate: z.number(), source: z.string(), said: SentenceBody })
          .nullable()
          .openapi({ description: 'Measured or declared; null where nobody knows it.' }),
        steps: z.array(
          z.object({
            step: z.number().int().openapi({ description: 'Place among the steps of the plan, from 0.' }),
            weight: z.number(),
            holdMs: z.number(),
            effects: z.array(
              z.object({ rule: z.string(), smallest: z.number().nullable(), text: z.string(), said: SentenceBody }),
            ),
          }),
        ),
      }),
    ),
    warnings: z.array(z.object({ text: z.string(), said: SentenceBody })),
  })
  .openapi('Forecast', { description: 'What each step is likely to see at this traffic, and what is worth a look.' })

export const planPreview = {
  plan: PlanBody,
  planHash: z.string(),
  identity: z.string(),
  forecast: ForecastBody,
  previous: z.string().nullable().optional(),
  changes: z
    .array(
      z.object({
        component: z.string(),
        kind: z.enum(['new', 'late', 'takes-over', 'moves', 'route-goes', 'removed', 'instances', 'platform']),
        from: z.string().nullable(),
        to: z.string().nullable(),
      }),
    )
    .optional()
    .openapi({ description: 'What changes in the set of components against what is live.' }),
  standing: StandingBody.nullable().openapi({ description: 'Null where the control plane holds no policies.' }),
}

export const PlanPreviewBody: z.ZodType<PlanPreview> = z.object(planPreview).openapi('PlanPreview')

export const StoredEventBody: z.ZodType<StoredEvent> = z
  .object({
    position: z.number().int().openapi({ description: 'Place in the whole log, from 1 without a hole.' }),
    stream: z.string(),
    version: z.number().int().openapi({ description: 'Place in its own stream, from 1.' }),
    at: Moment,
    actor: z.string(),
    type: z.string(),
    data: z.unknown().openapi({ description: 'The facts of this type of event; any JSON.' }) as z.ZodType<Json>,
    token: z
      .string()
      .exactOptional()
      .openapi({ description: 'Id of the token by whose request it came about; absent for what came of itself.' }),
    forged: z
      .literal(true)
      .exactOptional()
      .openapi({ description: 'Somebody else wrote it into the database; it counts for nothing.' }),
  })
  .openapi('StoredEvent')

export const LogLineBody: z.ZodType<ComponentLogLine> = z
  .object({
    at: z.number(),
    component: z.string(),
    release: z.string().openapi({ description: 'Id of the rollout whose instance printed it.' }),
    version: z.string(),
    slot: z.enum(['blue', 'green']),
    instance: z.string(),
    stream: z.enum(['out', 'err']),
    text: z.string().openapi({ description: 'One line, printable, without secrets.' }),
  })
  .openapi('LogLine')

export const AuditReportBody: z.ZodType<AuditReport> = z
  .object({
    ok: z.boolean().openapi({ description: 'Intact, held against the key of the control plane.' }),
    verdict: z.enum(['intact', 'not-intact', 'unproven']),
    proven: z.array(z.string()),
    unproven: z.array(z.string()),
    events: z.number().int(),
    root: z.string(),
    problems: z.array(z.object({ position: z.number().int().nullable(), message: z.string() })),
    checkpoints: z.number().int(),
  })
  .openapi('AuditReport')

const newTokenShape = {
  name: z.string().min(1).max(100),
  person: z.string().openapi({ example: 'person:alex' }),
  roles: z.array(z.string()),
  scopes: z.array(z.enum(SCOPES)).min(1),
  expiresAt: Moment.nullable(),
}

const Reach = z.array(z.string().min(1).max(200)).min(1).nullable()

export const NewTokenBody = z
  .strictObject({
    ...newTokenShape,
    services: Reach.default(null).openapi({ description: 'Services for which it counts; null is every one.' }),
    environments: Reach.default(null).openapi({ description: 'Environments for which it counts; null is every one.' }),
  })
  .openapi('NewToken')

export const TokenBody: z.ZodType<TokenFacts> = z
  .object({
    id: z.string(),
    ...newTokenShape,
    services: z.array(z.string()).nullable(),
    environments: z.array(z.string()).nullable(),
    createdAt: Moment,
    lastUsedAt: Moment.nullable(),
    revokedAt: Moment.nullable(),
  })
  .openapi('Token')

export const IssuedTokenBody = z
  .object({ secret: z.string().openapi({ description: 'Shown this once.' }), token: TokenBody })
  .openapi('IssuedToken')
