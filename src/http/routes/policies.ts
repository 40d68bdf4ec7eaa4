import { say } from '../../core/say.ts'
import { z } from '@hono/zod-openapi'
import { answer, problem } from '../problem.ts'
import { HeldPolicyBody, PolicyProposalBody, PolicySourceBody, SetPolicyBody } from '../policy-schemas.ts'
import { type Api, route, spec } from '../route.ts'
import type { HttpOptions } from '../types.ts'
import { within } from '../within.ts'

const tag = 'policies'

const Place = z.object({ service: z.string().min(1).max(100), environment: z.string().min(1).max(100) })

const listSpec = spec({
  method: 'get',
  path: '/policies',
  scope: 'read',
  tag,
  summary: 'The policies held, by service and environment',
  ok: { status: 200, description: 'Policies.', schema: z.array(HeldPolicyBody) },
  refusals: ['unavailable'],
})

const showSpec = spec({
  method: 'get',
  path: '/policies/{service}/{environment}',
  scope: 'read',
  tag,
  summary: 'The policy in force for one environment',
  params: Place,
  ok: { status: 200, description: 'The policy.', schema: HeldPolicyBody },
  refusals: ['not-found', 'unavailable'],
})

const historySpec = spec({
  method: 'get',
  path: '/policies/{service}/{environment}/history',
  scope: 'read',
  tag,
  summary: 'Every policy that was ever held for one environment, oldest first',
  params: Place,
  ok: { status: 200, description: 'Policies; empty where none was ever held.', schema: z.array(HeldPolicyBody) },
  refusals: ['unavailable'],
})

const diffSpec = spec({
  method: 'post',
  path: '/policies/diff',
  scope: 'read',
  tag,
  summary: 'What the policy of a spec would change of the one held',
  body: PolicySourceBody,
  ok: { status: 200, description: 'The proposed policy and its changes.', schema: PolicyProposalBody },
  refusals: ['unsupported-type', 'too-large', 'invalid', 'unavailable'],
})

const setSpec = spec({
  method: 'post',
  path: '/policies',
  scope: 'policy',
  tag,
  summary: 'Hold the policy of a spec from now on',
  description: 'Of exactly the difference that was shown: `expected` is the hash of the policy held then.',
  body: SetPolicyBody,
  ok: { status: 201, description: 'The policy as it is held now.', schema: HeldPolicyBody },
  refusals: ['unsupported-type', 'too-large', 'invalid', 'conflict', 'unavailable'],
})

export function policyRoutes(api: Api, { controlPlane }: HttpOptions): void {
  route(api, listSpec, async ({ c, identity }) => c.json(await within(controlPlane, identity).policies()))
  route(api, showSpec, async ({ c, identity, params: { service, environment } }) => {
    const held = (await within(controlPlane, identity).policyHistory(service, environment)).at(-1)
    if (held) return c.json(held)
    const detail = say`No policy is in force for ${`${service} in ${environment}`}; the first one comes with a release, or by "stellwerk policy set -e ${environment}".`
    return problem(c, 'not-found', detail)
  })
  route(api, historySpec, async ({ c, identity, params: { service, environment } }) =>
    c.json(await within(controlPlane, identity).policyHistory(service, environment)),
  )
  route(api, diffSpec, async ({ c, identity, body }) =>
    answer(c, await within(controlPlane, identity).proposePolicy(body)),
  )
  route(api, setSpec, async ({ c, identity, body }) =>
    answer(c, await within(controlPlane, identity).setPolicy(body, identity.actor), 201),
  )
}
