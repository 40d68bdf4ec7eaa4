import { english, listed, quote, saidOr, say, type Told } from '../core/say.ts'
import { HTTPException } from 'hono/http-exception'
import type { ZodError } from 'zod'
import type { Answer, Refusal } from '../engine/control-plane.ts'
import { type Problem, PROBLEM_TYPE_PREFIX, type ProblemDetail, type ProblemKind, PROBLEMS } from '../errors.ts'
import { StoreUnavailableError } from '../ports/store.ts'
import type { Log } from '../ports/log.ts'
import type { HttpContext } from './types.ts'

/** The one way in which the API says no (RFC 9457). */
export function problem(
  c: HttpContext,
  kind: ProblemKind,
  said: Told,
  problems: readonly ProblemDetail[] = [],
): Response {
  const { status, title } = PROBLEMS[kind]
  const requestId = c.get('requestId')
  const detail = english(said)
  const body: Problem = { type: PROBLEM_TYPE_PREFIX + kind, title, status, detail, said, problems, requestId }
  return c.body(JSON.stringify(body), status, { 'Content-Type': 'application/problem+json' })
}

export function refusal(c: HttpContext, { kind, message, said, problems }: Refusal): Response {
  return problem(c, kind, saidOr(said, message), problems)
}

/** The value as JSON, or the refusal as a problem. */
export function answer<T>(c: HttpContext, result: Answer<T>, status: 200 | 201 = 200): Response {
  return result.ok ? c.json(result.value, status) : refusal(c, result)
}

/** Every issue with its place: `{ where: "body.artifact.commit", message: "…" }`. */
export function unreadable(c: HttpContext, target: string, error: ZodError): Response {
  const problems = error.issues.map(({ path, message }) => ({
    where: [target === 'json' ? 'body' : target, ...path.map(String)].join('.'),
    message,
  }))
  const detail = listed(problems.map(({ where, message }) => say`${where}: ${quote(message)}`))
  return problem(c, 'malformed', say`The request does not have the form this route takes. ${detail}`, problems)
}

const KIND_OF_STATUS: Readonly<Record<number, ProblemKind>> = {
  400: 'malformed',
  413: 'too-large',
  415: 'unsupported-type',
}

const RETRY_AFTER_S = 2

/** The moment is wrong, not the request. What has begun is in the log or it is not; nothing is lost. */
function databaseAway(c: HttpContext, error: StoreUnavailableError, log: Log): Response {
  log.warn('the database is away', { err: error, requestId: c.get('requestId'), path: c.req.path })
  c.header('Retry-After', String(RETRY_AFTER_S))
  const detail = say`The control plane runs, but its database is down: ${quote(error.message)}. What serves users goes on. Try again.`
  return problem(c, 'unavailable', detail)
}

/** What nobody caught: the cause goes to the log, the client gets the request's id (never a stack trace). */
export function unexpected(c: HttpContext, error: unknown, log: Log): Response {
  if (error instanceof HTTPException) {
    const kind = KIND_OF_STATUS[error.status]
    if (kind) return problem(c, kind, quote(error.message))
  }
  if (error instanceof StoreUnavailableError) return databaseAway(c, error, log)
  const requestId = c.get('requestId')
  log.error('request failed', { err: error, requestId, method: c.req.method, path: c.req.path })
  return problem(c, 'internal', say`Something failed inside the control plane; its log says what under ${requestId}.`)
}
