/** What adapters tell of themselves, as a plan holds it for the core, which looks into nobody's options. */
import { registry } from '../adapters/registry.ts'
import type { AdapterOptions, Counting, PlannedComponent } from '../core/plan.ts'

type Routed = { readonly router?: AdapterOptions | null | undefined }

export function routingFor({ router = null }: Routed): Pick<PlannedComponent, 'router' | 'routing'> {
  if (router === null) return { router }
  const { listens, sticky } = of(registry.routers, router).describe(router)
  return { router, routing: { listen: listens[0] ?? null, keepsSessions: sticky !== null } }
}

export function countingFor(metrics: AdapterOptions): Counting {
  const { countedBy, everyMs, hosts } = of(registry.metrics, metrics).describe(metrics)
  return { by: countedBy, everyMs, host: hosts[0] ?? null }
}

export function segmentsToldBy(metrics: AdapterOptions): 'routes' | 'label' | null {
  return of(registry.metrics, metrics).describe(metrics).segments
}

/** The reader of stellwerk.yaml lets no other kind through. */
function of<A extends { readonly kind: string }>(adapters: readonly A[], { kind }: AdapterOptions): A {
  const found = adapters.find((adapter) => adapter.kind === kind)
  if (!found) throw new Error(`no adapter of kind "${kind}" is registered`)
  return found
}
