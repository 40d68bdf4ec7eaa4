/**
 * The HTTP API over a control plane. Everything under /api needs a token; what it may do is the route's scope. Nothing
 * here judges a release: refusals come from the control plane and are passed on as problems.
 */
import { say } from '../core/say.ts'
import { randomUUID } from 'node:crypto'
import { OpenAPIHono } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { authenticate } from './auth.ts'
import { createBudget, withinBudget } from './budget.ts'
import { createFailureLimiter } from './limiter.ts'
import type { Log } from '../ports/log.ts'
import { openApiConfig } from './openapi.ts'
import { ownHost } from './own-host.ts'
import { problem, unexpected, unreadable } from './problem.ts'
import type { Api } from './route.ts'
import { artifactRoutes } from './routes/artifacts.ts'
import { auditRoutes } from './routes/audit.ts'
import { eventRoutes } from './routes/events.ts'
import { loginRoutes } from './routes/login.ts'
import { incidentRoutes } from './routes/incidents.ts'
import { intentRoutes } from './routes/intents.ts'
import { notificationRoutes } from './routes/notifications.ts'
import { countRequests, operationRoutes } from './routes/operations.ts'
import { policyRoutes } from './routes/policies.ts'
import { rehearsalRoutes } from './routes/rehearsals.ts'
import { rolloutDetailRoutes } from './routes/rollout-details.ts'
import { rolloutRoutes } from './routes/rollouts.ts'
import { statusRoutes } from './routes/status.ts'
import { tokenRoutes } from './routes/tokens.ts'
import { VERSION_HEADER } from '../version.ts'
import { HTTP_LIMITS, type HttpContext, type HttpEnv, type HttpOptions } from './types.ts'

const ROUTES = [
  rolloutRoutes,
  rolloutDetailRoutes,
  intentRoutes,
  incidentRoutes,
  eventRoutes,
  statusRoutes,
  policyRoutes,
  artifactRoutes,
  rehearsalRoutes,
  notificationRoutes,
  auditRoutes,
  tokenRoutes,
]

export function createApp(options: HttpOptions): Api {
  const { bodyBytes, authFailuresPerMinute, readsPerMinute } = { ...HTTP_LIMITS, ...options.limits }
  const { tokens, log, now = Date.now } = options
  const counts = new Map<string, number>()
  const app: Api = new OpenAPIHono<HttpEnv>({
    defaultHook: (result, c) => (result.success ? undefined : unreadable(c, result.target, result.error)),
  })
  app.use(identify(options.version), countRequests(counts), logRequests(log, now))
  app.use(ownHost(options.hosts ?? []))
  const limiter = createFailureLimiter(authFailuresPerMinute)
  app.use('/api/*', smallBody(bodyBytes))
  loginRoutes(app, options, limiter)
  app.use('/api/*', authenticate(tokens, limiter, now))
  app.use('/api/*', withinBudget(createBudget(readsPerMinute), now))
  for (const routes of ROUTES) routes(app, options)
  operationRoutes(app, options, counts)
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' })
  app.doc31('/openapi.json', openApiConfig(options.version))
  app.notFound((c) => nothingThere(app, c))
  app.onError((error, c) => unexpected(c, error, log))
  return app
}

function identify(version: string): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    c.set('requestId', randomUUID())
    c.set('version', version)
    c.header(VERSION_HEADER, version)
    c.header('X-Content-Type-Options', 'nosniff')
    if (c.req.path.startsWith('/api/')) c.header('Cache-Control', 'no-store')
    await next()
  }
}

function logRequests(log: Log, now: () => number): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const from = now()
    await next()
    if (!c.req.path.startsWith('/api/')) return
    const { requestId, identity } = c.var
    const { method, path } = c.req
    const who = (identity as typeof identity | undefined)?.actor.id ?? null
    log.info('request', { requestId, method, path, status: c.res.status, ms: now() - from, who })
  }
}

/** Content has a limit of its own, and is never in memory. */
function smallBody(bodyBytes: number): MiddlewareHandler<HttpEnv> {
  const limited = bodyLimit({ maxSize: bodyBytes, onError: (c) => tooLarge(c as HttpContext, bodyBytes) })
  return (c, next) => (c.req.path.startsWith('/api/v1/contents/') ? next() : limited(c, next))
}

function tooLarge(c: HttpContext, maxBytes: number): Response {
  return problem(c, 'too-large', say`The body may have at most ${maxBytes} bytes.`)
}

/** 405 with `Allow` where the path exists for another method, 404 otherwise. */
function nothingThere(app: Api, c: HttpContext): Response {
  const allowed = app.routes.filter(({ method, path }) => method !== 'ALL' && patternOf(path).test(c.req.path))
  const methods = [...new Set(allowed.map(({ method }) => method))]
  if (methods.length === 0)
    return problem(c, 'not-found', say`There is nothing at ${c.req.path}; /openapi.json lists all.`)
  c.header('Allow', methods.join(', '))
  return problem(c, 'method-not-allowed', say`${c.req.path} takes ${methods.join(', ')}, not ${c.req.method}.`)
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/:[^/]+/g, '[^/]+')}$`)
}
