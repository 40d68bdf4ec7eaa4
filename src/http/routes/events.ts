import { z } from '@hono/zod-openapi'
import { eventStream } from '../event-stream.ts'
import { problem, refusal } from '../problem.ts'
import { type Api, route, spec } from '../route.ts'
import { HTTP_LIMITS, type HttpOptions } from '../types.ts'
import { isEverywhere, NOT_EVERYWHERE, within } from '../within.ts'
import { Wakeups } from '../wakeups.ts'

const position = z.coerce.number().int().min(0)

const EventsQuery = z.object({
  rollout: z.string().min(1).optional(),
  after: position.default(0).openapi({ description: 'Send events with a greater position; `Last-Event-ID` wins.' }),
})

const followSpec = spec({
  method: 'get',
  path: '/events',
  scope: 'read',
  tag: 'events',
  summary: 'Follow the log as server-sent events',
  description: '`id` is the position, `event` the type, `data` the stored event. Resumes after `Last-Event-ID`.',
  query: EventsQuery,
  headers: z.object({ 'last-event-id': position.optional() }),
  ok: { status: 200, description: 'A stream that does not end by itself.', type: 'text/event-stream' },
  refusals: ['not-found', 'unavailable'],
})

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-cache',
  // Tells nginx not to keep events back.
  'X-Accel-Buffering': 'no',
}

export function eventRoutes(api: Api, { controlPlane, log, limits }: HttpOptions): void {
  const { streams, heartbeatMs, stallMs } = { ...HTTP_LIMITS, ...limits }
  const wakeups = new Wakeups(controlPlane, log)
  let open = 0
  function ended(): void {
    open -= 1
  }
  route(api, followSpec, async ({ c, identity, query, headers }) => {
    const rollout = query.rollout ?? null
    const found = rollout === null ? null : await within(controlPlane, identity).rollout(rollout)
    if (found && !found.ok) return refusal(c, found)
    if (!found && !isEverywhere(identity.reach)) return problem(c, 'not-allowed', NOT_EVERYWHERE)
    if (open >= streams) {
      c.header('Retry-After', '5')
      return problem(c, 'unavailable', `${open} event streams are open, as many as this control plane allows.`)
    }
    open += 1
    const after = headers['last-event-id'] ?? query.after
    const body = eventStream({ controlPlane, wakeups, log, rollout, after, heartbeatMs, stallMs, ended })
    return c.body(body, 200, HEADERS)
  })
}
