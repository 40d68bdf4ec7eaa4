/**
 * Every text of a request, looked at once for all routes, before anything is made of it: what a database cannot keep is refused
 * with its place, and so is what could forge a line of ours on somebody's screen.
 */
import { listed, quote, say } from '../core/say.ts'
import type { MiddlewareHandler, Next } from 'hono'
import { foreignLine, whyNoLine, whyNoText } from '../core/foreign-text.ts'
import type { ProblemDetail } from '../errors.ts'
import { problem } from './problem.ts'
import type { HttpContext, HttpEnv } from './types.ts'

/** Deeper than any body of ours. */
const DEPTH_MAX = 32
/** One wrong member tells as much as a thousand. */
const LISTED = 20
const NAME_SHOWN = 80

/** What may have several lines: the text of a spec, and the values of flags. */
const LINES = /^body\.(?:spec\.text|source\.text|flags\.[^.]+)$/

export const plainTexts: MiddlewareHandler<HttpEnv> = async (c, next) => check(c, next, await bodyOf(c))

/** For a route whose body is bytes: whatever type it says it has, it may be gigabytes, and is the route's to read. */
export const plainTextsBesides: MiddlewareHandler<HttpEnv> = (c, next) => check(c, next, undefined)

async function check(c: HttpContext, next: Next, body: unknown): Promise<Response | void> {
  const key = c.req.header('idempotency-key')
  const given = {
    param: c.req.param(),
    query: queryOf(c),
    header: key === undefined ? {} : { 'idempotency-key': key },
    body,
  }
  const problems = problemsOf(given)
  if (problems.length === 0) return await next()
  const detail = listed(problems.map(({ where, message }) => say`${where} ${quote(message)}`))
  return problem(c, 'malformed', say`${detail}. Nothing was done; send it without.`, problems)
}

function queryOf(c: HttpContext): object {
  return Object.fromEntries(
    Object.entries(c.req.queries()).map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  )
}

/** Undefined for what is no JSON: the route says so itself. */
async function bodyOf(c: HttpContext): Promise<unknown> {
  if (!c.req.header('content-type')?.includes('json')) return undefined
  const text = await c.req.text()
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

type Place = { readonly where: string; readonly value: unknown; readonly depth: number }

/** Without recursion: a megabyte of brackets is deeper than any stack. */
function problemsOf(given: object): readonly ProblemDetail[] {
  const problems: ProblemDetail[] = []
  const waiting: Place[] = membersOf({ where: '', value: given, depth: 0 }, problems)
  for (let place = waiting.pop(); place !== undefined && problems.length < LISTED; place = waiting.pop()) {
    if (typeof place.value === 'string') problems.push(...problemOf(place.where, place.value))
    else if (place.depth > DEPTH_MAX) problems.push({ where: place.where, message: 'is nested too deeply' })
    else waiting.push(...membersOf(place, problems))
  }
  return problems
}

function problemOf(where: string, text: string): readonly ProblemDetail[] {
  const message = LINES.test(where) ? whyNoText(text) : whyNoLine(text)
  return message === null ? [] : [{ where, message }]
}

function membersOf({ where, value, depth }: Place, problems: ProblemDetail[]): Place[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).map(([name, member]) => {
    const place = [where, foreignLine(name, NAME_SHOWN)].filter(Boolean).join('.')
    const why = whyNoLine(name)
    if (why !== null && problems.length < LISTED) problems.push({ where: place, message: `${why} in its name` })
    return { where: place, value: member, depth: depth + 1 }
  })
}
