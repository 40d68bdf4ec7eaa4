/**
 * What one token may cost the control plane with reading: a bucket of points per token, refilled evenly, so that nobody can
 * keep the others (or a rollback) from being answered. What decides something costs nothing: it is never refused here.
 */
import { say } from '../core/say.ts'
import type { MiddlewareHandler } from 'hono'
import { problem } from './problem.ts'
import type { HttpEnv } from './types.ts'

/** Points by path; a read that stands nowhere costs one. */
const COSTS: readonly (readonly [RegExp, number])[] = [
  [/^\/api\/v1\/audit\/(?:verify|export)$/, 600],
  [/^\/api\/v1\/audit\//, 20],
  [/^\/api\/v1\/(?:status|plans?)$/, 5],
]
/** How many tokens are remembered; beyond, the one idle longest is forgotten. */
const TOKENS_MAX = 10_000

export type Budget = {
  /** Takes the points, or says in how many ms they will be there. */
  take(token: string, points: number, now: number): number
}

export function createBudget(perMinute: number): Budget {
  const buckets = new Map<string, { left: number; at: number }>()
  return {
    take(token, points, now) {
      const bucket = buckets.get(token) ?? { left: perMinute, at: now }
      const left = Math.min(perMinute, bucket.left + (Math.max(0, now - bucket.at) * perMinute) / 60_000)
      const has = left >= points
      buckets.delete(token)
      buckets.set(token, { left: has ? left - points : left, at: now })
      if (buckets.size > TOKENS_MAX) buckets.delete(buckets.keys().next().value!)
      return has ? 0 : Math.ceil(((points - left) * 60_000) / perMinute)
    },
  }
}

export function costOf(method: string, path: string): number {
  const isRead = method === 'GET' || method === 'HEAD' || /\/plans?$/.test(path)
  if (!isRead) return 0
  return COSTS.find(([pattern]) => pattern.test(path))?.[1] ?? 1
}

export function withinBudget(budget: Budget, now: () => number): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const points = costOf(c.req.method, c.req.path)
    const waitMs = points === 0 ? 0 : budget.take(c.get('identity').token, points, now())
    if (waitMs === 0) return await next()
    c.header('Retry-After', String(Math.ceil(waitMs / 1000)))
    const message = say`Your token has made too many requests; try again in ${Math.ceil(waitMs / 1000)} s. Rollback, abort and approvals are not counted.`
    return problem(c, 'rate-limited', message)
  }
}
