/** How a CI job gets in: the one route under /api that no token of ours comes with. */
import { createRoute, z } from '@hono/zod-openapi'
import { PROBLEMS } from '../../errors.ts'
import { addressOf, tooMany } from '../auth.ts'
import type { FailureLimiter } from '../limiter.ts'
import { problem, refusal } from '../problem.ts'
import type { Api } from '../route.ts'
import { IssuedTokenBody, ProblemBody } from '../schemas.ts'
import type { HttpOptions } from '../types.ts'
import { say } from '../../core/say.ts'

const LoginBody = z
  .object({
    token: z
      .string()
      .min(1)
      .max(16_384)
      .openapi({ description: "The forge's token of the job, for the audience `stellwerk`." }),
    service: z.string().min(1).max(100),
    environment: z
      .string()
      .min(1)
      .max(100)
      .nullable()
      .default(null)
      .openapi({ description: 'Null: every environment whose policy lets the job in.' }),
  })
  .openapi('CiLogin')

const refused = (kind: 'malformed' | 'not-allowed' | 'rate-limited' | 'unavailable') => ({
  description: PROBLEMS[kind].title,
  content: { 'application/problem+json': { schema: ProblemBody } },
})

const LOGIN = createRoute({
  method: 'post',
  path: '/api/v1/login/ci',
  tags: ['tokens'],
  summary: 'Exchange the token that a forge gave a CI job for a short-lived one',
  description:
    'Needs no token of ours: the job is known by the forge’s signature, and let in as `ci` of the policies in force says. Each token of a forge lets in once.',
  security: [],
  request: { body: { required: true, content: { 'application/json': { schema: LoginBody } } } },
  responses: {
    201: { description: 'A token for this job.', content: { 'application/json': { schema: IssuedTokenBody } } },
    400: refused('malformed'),
    403: refused('not-allowed'),
    429: refused('rate-limited'),
    503: refused('unavailable'),
  },
})

/** Of what a stranger's token says of itself, characters in the log. */
const WHY_MAX = 1000

/** Failures count as failed attempts of an address, as those with a wrong token do. */
export function loginRoutes(api: Api, { ciLogin, log, now = Date.now }: HttpOptions, limiter: FailureLimiter): void {
  const handle = async (c: Parameters<typeof refusal>[0], asked: z.output<typeof LoginBody>) => {
    if (ciLogin === undefined) return problem(c, 'not-allowed', say`No CI job is let in here.`)
    // Before anything is read or asked for: whoever failed too often costs nothing more.
    const limited = limiter.isLimited(addressOf(c), now()) ? tooMany(c, limiter, now()) : null
    if (limited) return limited
    const answered = await ciLogin(asked, c.req.raw.signal)
    if (answered.ok) return c.json(answered.value, 201)
    const { service, environment } = asked
    const why = answered.message.slice(0, WHY_MAX)
    log.warn('a CI job was not let in', { requestId: c.get('requestId'), service, environment, why })
    return tooMany(c, limiter, now()) ?? refusal(c, answered)
  }
  api.openapi(LOGIN, (async (c: Parameters<typeof refusal>[0]) => handle(c, c.req.valid('json' as never))) as never)
}
