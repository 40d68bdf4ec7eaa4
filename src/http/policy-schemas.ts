/** Policies and how a release stands to them, as data of the API. */
import type { PolicyChange } from '../core/plan.ts'
import { z } from '@hono/zod-openapi'
import type { Standing } from '../core/policy/govern.ts'
import type { HeldPolicy, Policy } from '../core/policy/policy.ts'
import type { PolicyProposal } from '../engine/control-plane.ts'
import { Moment, SentenceBody } from './schema-parts.ts'

export const PolicyChangeBody: z.ZodType<PolicyChange> = z
  .object({
    dimension: z.enum(['approvals', 'people', 'gates', 'analysis']),
    direction: z.enum(['weaker', 'stronger']),
    text: z.string(),
    said: SentenceBody.optional(),
  })
  .openapi('PolicyChange')

const PolicyBody = z
  .looseObject({
    format: z.literal(1),
    people: z.record(z.string(), z.array(z.string())),
    approvals: z.array(z.object({ role: z.string(), at: z.enum(['start', 'go-no-go']) })),
    gates: z.array(z.looseObject({ kind: z.string() })),
  })
  .openapi('Policy', {
    description: 'What an environment demands of every release; see src/core/policy/policy.ts.',
  }) as unknown as z.ZodType<Policy>

export const HeldPolicyBody: z.ZodType<HeldPolicy> = z
  .object({
    service: z.string(),
    environment: z.string(),
    version: z.number().int().openapi({ description: 'Counts from 1 with every change.' }),
    hash: z.string(),
    policy: PolicyBody,
    at: Moment,
    by: z.string(),
    how: z.enum(['set', 'adopted', 'changed']),
    rollout: z.string().nullable(),
    note: z.string(),
    changes: z.array(PolicyChangeBody),
  })
  .openapi('HeldPolicy')

export const StandingBody: z.ZodType<Standing> = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('same') }),
    z.object({ kind: z.literal('first'), by: z.enum(['requester', 'consent']) }),
    z.object({ kind: z.literal('changed'), changes: z.array(PolicyChangeBody) }),
    z.object({ kind: z.literal('refused'), changes: z.array(PolicyChangeBody), why: z.string(), said: SentenceBody }),
  ])
  .openapi('PolicyStanding', { description: 'How a release stands to the policy in force for its environment.' })

export const PolicyProposalBody: z.ZodType<PolicyProposal> = z
  .object({
    service: z.string(),
    environment: z.string(),
    policy: PolicyBody,
    hash: z.string(),
    held: HeldPolicyBody.nullable(),
    changes: z.array(PolicyChangeBody),
  })
  .openapi('PolicyProposal')

const source = {
  source: z.strictObject({
    text: z.string().openapi({ description: 'The text of stellwerk.yaml.' }),
    file: z.string(),
    folder: z.string(),
  }),
  environment: z.string().min(1).max(100),
}

export const PolicySourceBody = z.strictObject(source).openapi('PolicySource')

export const SetPolicyBody = z
  .strictObject({
    ...source,
    expected: z
      .string()
      .nullable()
      .openapi({ description: 'Hash of the policy held when the difference was shown; null: none.' }),
    note: z.string().min(1).max(2000),
  })
  .openapi('SetPolicyRequest')
