/**
 * What adapters told of themselves when a plan was compiled: all that the core knows of a router or a metrics source. Plans of
 * 0.1.0 do not hold it: it is read there from the options of the router and the sources that there were.
 */
import type { AdapterOptions, Counting, Plan, PlannedComponent, Routing } from './plan.ts'

export function routingOf({ routing, router }: Pick<PlannedComponent, 'routing' | 'router'>): Routing | null {
  if (router === null) return null
  return routing ?? { listen: textOf(router, 'listen'), keepsSessions: isSticky(router['sticky']) }
}

export function countingOf({ counting, metrics }: Pick<Plan, 'counting' | 'metrics'>): Counting {
  if (counting) return counting
  const byRouter = metrics.kind === 'router' || metrics['counts'] === 'router'
  const { scrapeIntervalMs } = metrics
  return {
    by: byRouter ? 'router' : 'source',
    everyMs: byRouter || typeof scrapeIntervalMs !== 'number' ? null : scrapeIntervalMs,
    host: hostOf(metrics),
  }
}

/** `{ kind: cookie, name: session }`; `none` or nothing is not. */
function isSticky(sticky: unknown): boolean {
  return typeof sticky === 'object' && sticky !== null && 'kind' in sticky && sticky.kind !== 'none'
}

/** Without user, password and path: those may be secrets (law L11). */
function hostOf(metrics: AdapterOptions): string | null {
  const url = textOf(metrics, 'url')
  return url === null ? null : (/^[a-z]+:\/\/(?:[^/?#]*@)?([^/?#]+)/i.exec(url)?.[1] ?? null)
}

function textOf(options: AdapterOptions, key: string): string | null {
  const value = options[key]
  return typeof value === 'string' ? value : null
}

/** Whether the router of any of these components keeps sessions on the side where they began. */
export function keepsSessions(components: readonly Pick<PlannedComponent, 'router' | 'routing'>[]): boolean {
  return components.some((component) => routingOf(component)?.keepsSessions ?? false)
}
