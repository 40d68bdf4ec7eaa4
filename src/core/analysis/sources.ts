/** Where the numbers of a component come from, for people: a verdict that nobody can check is only an opinion. */
import type { AdapterOptions, Plan } from '../plan.ts'
import type { Metric } from './rules.ts'

export type Sources = {
  /** `router 127.0.0.1:8080`, `prometheus prometheus:9090` */
  readonly counts: string
  /** `platform process` */
  readonly platform: string
  /** What the service's own queries are asked of. */
  readonly own: string
}

export const UNNAMED_SOURCES: Sources = {
  counts: 'metrics source',
  platform: 'platform',
  own: 'metrics source',
}

export function sourcesOf({
  metrics,
  components,
}: Pick<Plan, 'metrics' | 'components'>): Readonly<Record<string, Sources>> {
  return Object.fromEntries(
    components.map(({ name, router, platform }) => {
      const own = named(metrics.kind, hostOf(metrics))
      const isOfRouter = metrics.kind === 'router' || metrics['counts'] === 'router'
      const counts = isOfRouter ? named('router', router?.['listen']) : own
      return [name, { counts, platform: `platform ${platform.kind}`, own }]
    }),
  )
}

export function isOfPlatform(metric: Metric): boolean {
  return metric === 'readiness-flapping' || metric === 'memory' || metric === 'info-logs'
}

function named(kind: string, where: unknown): string {
  return typeof where === 'string' ? `${kind} ${where}` : kind
}

/** Without user, password and path: those may be secrets (law L11). */
function hostOf({ url }: AdapterOptions): string | undefined {
  return typeof url === 'string' ? /^[a-z]+:\/\/(?:[^/?#]*@)?([^/?#]+)/i.exec(url)?.[1] : undefined
}
