/** Where the numbers of a component come from, for people: a verdict that nobody can check is only an opinion. */
import type { Plan, PlannedComponent } from '../plan.ts'
import { countingOf, routingOf } from '../told.ts'
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

export function sourcesOf(plan: Pick<Plan, 'metrics' | 'counting' | 'components'>): Readonly<Record<string, Sources>> {
  const { by, host } = countingOf(plan)
  const queries = host === null ? plan.metrics.kind : `${plan.metrics.kind} ${host}`
  return Object.fromEntries(
    plan.components.map((component) => {
      const counts = by === 'router' ? routerOf(component) : queries
      return [component.name, { counts, queries, platform: `platform ${component.platform.kind}` }]
    }),
  )
}

/** Which of a component's sources a rule's numbers come from. */
export function measuredBy({ kind, metric }: Pick<Rule, 'kind' | 'metric'>): keyof Sources {
  if (kind === 'own') return 'queries'
  return metric === 'readiness-flapping' || metric === 'memory' || metric === 'info-logs' ? 'platform' : 'counts'
}

/** Port 0 is what was asked for, not where it listens: nobody could look there. */
function routerOf(component: PlannedComponent): string {
  const listen = routingOf(component)?.listen ?? null
  return listen === null || /:0+$/.test(listen) ? `router of ${component.name}` : `router ${listen}`
}
