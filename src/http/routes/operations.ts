import type { PlacedAlarm } from '../../core/alarm.ts'
import { createRoute } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import type { Api } from '../route.ts'
import type { HttpEnv, HttpOptions } from '../types.ts'
import { ReadinessBody } from '../view-schemas.ts'

type RequestCounts = Map<string, number>

const json = (description: string) => ({ description, content: { 'application/json': { schema: ReadinessBody } } })

const READINESS = createRoute({
  method: 'get',
  path: '/readiness',
  tags: ['status'],
  summary: 'Whether the control plane can do its work, and what is alarmed in its environments',
  description: 'Needs no token. An alarm of a service leaves it at 200: a control plane that can work is ready.',
  security: [],
  responses: {
    200: json('It can do its work, whatever is alarmed.'),
    503: json('It cannot: the checks say why.'),
  },
})

/** `/health`, `/readiness`, `/metrics`: without a token, and without anything that is not for everybody's eyes. */
export function operationRoutes(api: Api, { controlPlane, gauges, version }: HttpOptions, counts: RequestCounts): void {
  api.get('/health', (c) => c.json({ ok: true, version }))
  api.openapi(READINESS, async (c) => {
    const { ok, checks, alarms } = await controlPlane.health()
    return c.json({ ok, checks, alarms: alarms.map(openAlarm) }, ok ? 200 : 503)
  })
  api.get('/metrics', async (c) => {
    const requests = [...counts].map(([labels, value]) => ({ labels, value }))
    const families = [
      family('stellwerk_http_requests_total', 'counter', 'Answered HTTP requests', requests),
      ...(gauges ? controlPlaneFamilies(await gauges()) : []),
    ]
    return c.text(`${families.join('\n')}\n`, 200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' })
  })
}

/** Why is what others answered, and not for everybody. */
function openAlarm({ service, environment, kind, what, since, until }: PlacedAlarm): Omit<PlacedAlarm, 'why' | 'said'> {
  return { service, environment, kind, what, since, until }
}

/** Counts by method, route and status; the route is the pattern, so that ids make no new series. */
export function countRequests(counts: RequestCounts): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    await next()
    const route = c.res.status === 404 || c.res.status === 405 ? 'none' : c.req.routePath
    const labels = `method="${c.req.method}",route="${route}",status="${c.res.status}"`
    counts.set(labels, (counts.get(labels) ?? 0) + 1)
  }
}

type Sample = { readonly labels: string; readonly value: number }

function controlPlaneFamilies(gauges: Awaited<ReturnType<NonNullable<HttpOptions['gauges']>>>): readonly string[] {
  const phases = Object.entries(gauges.rolloutsByPhase).map(([phase, value]) => ({ labels: `phase="${phase}"`, value }))
  return [
    family('stellwerk_rollouts', 'gauge', 'Rollouts by phase', phases),
    family('stellwerk_events_total', 'counter', 'Events in the log', [{ labels: '', value: gauges.eventsTotal }]),
    family('stellwerk_overdue_seconds', 'gauge', 'How late the oldest due rollout is', [
      { labels: '', value: gauges.oldestOverdueMs / 1000 },
    ]),
    family('stellwerk_no_data_seconds', 'gauge', 'How long a part of a rollout under way has not been seen', [
      { labels: '', value: gauges.longestNoDataMs / 1000 },
    ]),
    family('stellwerk_rollouts_not_driven', 'gauge', 'Rollouts that this process fails to drive', [
      { labels: '', value: gauges.rolloutsNotDriven },
    ]),
    family('stellwerk_environments_unwell', 'gauge', 'Environments in which what serves is not as it should be', [
      { labels: '', value: gauges.environmentsUnwell },
    ]),
  ]
}

function family(name: string, type: 'gauge' | 'counter', help: string, samples: readonly Sample[]): string {
  const lines = samples.map(({ labels, value }) => (labels === '' ? `${name} ${value}` : `${name}{${labels}} ${value}`))
  return [`# HELP ${name} ${help}.`, `# TYPE ${name} ${type}`, ...lines].join('\n')
}
