/** Where the numbers of a component come from, for people: a verdict that nobody can check is only an opinion. */
import type { AdapterOptions, Plan } from '../plan.ts'
import type { Rule } from './rules.ts'

export type Sources = {
  /** `router 127.0.0.1:8080`, `router of api` where it takes any free port, `prometheus prometheus:9090` */
  readonly counts: string
  /** What answers the service's own queries: `prometheus prometheus:9090`. */
  readonly queries: string
  /** `platform process` */
  readonly platform: string
}

export const UNNAMED_SOURCES: Sources = {
  counts: 'metrics source',
  queries: 'metrics source',
  platform: 'platform',
}

export function sourcesOf({
  metrics,
  components,
}: Pick<Plan, 'metrics' | 'components'>): Readonly<Record<string, Sources>> {
  return Object.fromEntries(
    components.map(({ name, router, platform }) => {
      const queries = named(metrics.kind, hostOf(metrics))
      const isCountedByRouter = metrics.kind === 'router' || metrics['counts'] === 'router'
      const counts = isCountedByRouter ? routerOf(name, router?.['listen']) : queries
      return [name, { counts, queries, platform: `platform ${platform.kind}` }]
    }),
  )
}

/** Which of a component's sources a rule's numbers come from. */
export function measuredBy({ kind, metric }: Pick<Rule, 'kind' | 'metric'>): keyof Sources {
  if (kind === 'own') return 'queries'
  return metric === 'readiness-flapping' || metric === 'memory' || metric === 'info-logs' ? 'platform' : 'counts'
}

function named(kind: string, where: unknown): string {
  return typeof where === 'string' ? `${kind} ${where}` : kind
}

/** Port 0 is what was asked for, not where it listens: nobody could look there. */
function routerOf(component: string, listen: unknown): string {
  return typeof listen === 'string' && !/:0+$/.test(listen) ? named('router', listen) : `router of ${component}`
}

/** Without user, password and path: those may be secrets (law L11). */
function hostOf({ url }: AdapterOptions): string | undefined {
  return typeof url === 'string' ? /^[a-z]+:\/\/(?:[^/?#]*@)?([^/?#]+)/i.exec(url)?.[1] : undefined
}
