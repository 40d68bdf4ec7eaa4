import { say, type Sentence } from '../../core/say.ts'
import { z } from '@hono/zod-openapi'
import { eventStream } from '../event-stream.ts'
import { problem, refusal } from '../problem.ts'
import { type Api, route, spec } from '../route.ts'
import { HTTP_LIMITS, type HttpLimits, type HttpOptions } from '../types.ts'
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
  refusals: ['not-found', 'rate-limited', 'unavailable'],
})

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-cache',
  // Tells nginx not to keep events back.
  'X-Accel-Buffering': 'no',
}

export function eventRoutes(api: Api, { controlPlane, log, limits }: HttpOptions): void {
  const { heartbeatMs, stallMs, ...most } = { ...HTTP_LIMITS, ...limits }
  const wakeups = new Wakeups(controlPlane, log)
  const places = createPlaces(most)
  route(api, followSpec, async ({ c, identity, query, headers }) => {
    const rollout = query.rollout ?? null
    const found = rollout === null ? null : await within(controlPlane, identity).rollout(rollout)
    if (found && !found.ok) return refusal(c, found)
    if (!found && !isEverywhere(identity.reach)) return problem(c, 'not-allowed', NOT_EVERYWHERE)
    const place = places.take(identity.token)
    if (!place.ok) {
      c.header('Retry-After', '5')
      return problem(c, place.kind, place.message)
    }
    const after = headers['last-event-id'] ?? query.after
    const { ended } = place
    const body = eventStream({ controlPlane, wakeups, log, rollout, after, heartbeatMs, stallMs, ended })
    return c.body(body, 200, HEADERS)
  })
}

type Place =
  | { readonly ok: true; readonly ended: () => void }
  | { readonly ok: false; readonly kind: 'rate-limited' | 'unavailable'; readonly message: Sentence }

/** Streams that may be open: in all, and of one token, so that one cannot have them all. */
function createPlaces({ streams, streamsPerToken }: Pick<HttpLimits, 'streams' | 'streamsPerToken'>) {
  const taken = new Map<string, number>()
  const add = (token: string, by: 1 | -1) => {
    const own = (taken.get(token) ?? 0) + by
    if (own === 0) taken.delete(token)
    else taken.set(token, own)
  }
  return {
    take(token: string): Place {
      const own = taken.get(token) ?? 0
      const open = [...taken.values()].reduce((sum, each) => sum + each, 0)
      if (own >= streamsPerToken) {
        const message = say`${own} event streams of your token are open, as many as one may have: close some.`
        return { ok: false, kind: 'rate-limited', message }
      }
      if (open >= streams) {
        const message = say`${open} event streams are open, as many as this control plane allows.`
        return { ok: false, kind: 'unavailable', message }
      }
      add(token, 1)
      return { ok: true, ended: () => add(token, -1) }
    },
  }
}
