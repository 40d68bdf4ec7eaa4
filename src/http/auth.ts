import { say } from '../core/say.ts'
import type { MiddlewareHandler } from 'hono'
import { includesScope, type Scope, type Tokens } from '../ports/identity.ts'
import type { FailureLimiter } from './limiter.ts'
import { problem } from './problem.ts'
import type { HttpContext, HttpEnv } from './types.ts'
import { isEverywhere, NOT_EVERYWHERE } from './within.ts'

/**
 * Default deny: nothing under /api is reached without a valid token.
 *
 * Failures are limited per address, but a valid token is always let in: behind a proxy or on loopback everybody shares one
 * address, and a stranger's guesses must not keep the on-call person from rolling back. Guessing 256 bits stays hopeless.
 */
export function authenticate(tokens: Tokens, limiter: FailureLimiter, now: () => number): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const secret = bearer(c.req.header('authorization'))
    const identity = secret === null ? null : await tokens.authenticate(secret)
    if (identity === null) return refuse(c, limiter, now(), secret !== null)
    c.set('identity', identity)
    return await next()
  }
}

export function requireScope(scope: Scope): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const { scopes } = c.get('identity')
    if (includesScope(scopes, scope)) return await next()
    const message = say`This needs a token with the scope "${scope}"; yours has ${scopes.join(', ')}.`
    return problem(c, 'not-allowed', message)
  }
}

export const requireEverywhere: MiddlewareHandler<HttpEnv> = async (c, next) => {
  return isEverywhere(c.get('identity').reach) ? await next() : problem(c, 'not-allowed', NOT_EVERYWHERE)
}

/** The answer to one failed attempt too many of an address; null while it may try on. */
export function tooMany(c: HttpContext, limiter: FailureLimiter, now: number): Response | null {
  const address = addressOf(c)
  const { limited, retryAfterMs } = limiter.failed(address, now)
  if (!limited) return null
  c.header('Retry-After', String(Math.ceil(retryAfterMs / 1000)))
  return problem(c, 'rate-limited', say`Too many failed attempts from your address; wait, or use a valid token.`)
}

export function addressOf(c: HttpContext): string {
  return c.env?.incoming?.socket.remoteAddress ?? 'unknown'
}

/** A request without any token is no guess, and does not count. */
function refuse(c: HttpContext, limiter: FailureLimiter, now: number, guessed: boolean): Response {
  const limited = guessed ? tooMany(c, limiter, now) : null
  if (limited) return limited
  c.header('WWW-Authenticate', 'Bearer realm="stellwerk"')
  const detail = guessed
    ? say`The token is unknown, expired or revoked; an administrator makes a new one with "stellwerk token create".`
    : say`Send "Authorization: Bearer TOKEN"; an administrator makes one with "stellwerk token create".`
  return problem(c, 'unauthenticated', detail)
}

function bearer(header: string | undefined): string | null {
  return /^bearer +(?<secret>\S+) *$/i.exec(header ?? '')?.groups?.['secret'] ?? null
}
