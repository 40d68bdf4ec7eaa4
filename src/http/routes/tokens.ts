import { listed, quote, say } from '../../core/say.ts'
import { z } from '@hono/zod-openapi'
import type { Caller, Identity } from '../../ports/identity.ts'
import { problem } from '../problem.ts'
import { type Api, route, spec } from '../route.ts'
import { IssuedTokenBody, TokenBody, NewTokenBody } from '../schemas.ts'
import type { HttpOptions } from '../types.ts'

const tag = 'tokens'

const createSpec = spec({
  method: 'post',
  path: '/tokens',
  scope: 'admin',
  everywhere: true,
  tag,
  summary: 'Create a token; its secret is in this answer and nowhere else',
  body: NewTokenBody,
  ok: { status: 201, description: 'The token and its secret.', schema: IssuedTokenBody },
  refusals: ['unsupported-type', 'invalid'],
})

const listSpec = spec({
  method: 'get',
  path: '/tokens',
  scope: 'admin',
  everywhere: true,
  tag,
  summary: 'List tokens, revoked and expired ones too',
  ok: { status: 200, description: 'Tokens without their secrets.', schema: z.array(TokenBody) },
})

const revokeSpec = spec({
  method: 'delete',
  path: '/tokens/{id}',
  scope: 'admin',
  everywhere: true,
  tag,
  summary: 'Revoke a token, at once and for ever',
  params: z.object({ id: z.string().min(1).max(200) }),
  ok: { status: 200, description: 'It is revoked.', schema: z.object({ revoked: z.string() }) },
  refusals: ['not-found'],
})

export function tokenRoutes(api: Api, { tokens }: HttpOptions): void {
  route(api, createSpec, async ({ c, body, identity, once }) => {
    const issued = await tokens.issue(body, callerOf(identity), once)
    if (issued.ok) return c.json(issued.value, 201)
    const detail = listed(issued.problems.map(({ where, message }) => say`${where}: ${quote(message)}`))
    return problem(c, 'invalid', detail, issued.problems)
  })
  route(api, listSpec, async ({ c }) => c.json(await tokens.list()))
  route(api, revokeSpec, async ({ c, params, identity }) =>
    (await tokens.revoke(params.id, callerOf(identity)))
      ? c.json({ revoked: params.id })
      : problem(c, 'not-found', say`There is no token "${params.id}"; "stellwerk token list" shows all.`),
  )
}

function callerOf({ actor, token }: Identity): Caller {
  return { actor: actor.id, token }
}
