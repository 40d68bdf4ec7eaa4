/** What a release changes in the set of components, for people: said in the plan, before anything happens. */
import { partsOf, type RoutePart } from './parts.ts'
import type { Plan, PlannedComponent } from './plan.ts'
import { routingOf } from './told.ts'

/**
 * `new`: all its users are on it from the first share on. `late`: it opens with the shift to 100 %, at an address that
 * somebody else has until then. `takes-over`: users are shared between `from` and it. `moves`: from the address `from` to `to`
 * with the shift to 100 %. `route-goes`: its address is closed then. `removed`: and its instances stay for the rollback window.
 */
export type SetChange = {
  readonly component: string
  readonly kind: 'new' | 'late' | 'takes-over' | 'moves' | 'route-goes' | 'removed' | 'instances' | 'platform'
  readonly from: string | null
  readonly to: string | null
}

/** Empty for a first release: then everything is new. */
export function setChanges(
  plan: Pick<Plan, 'components'>,
  before: readonly PlannedComponent[] | null,
): readonly SetChange[] {
  if (before === null) return []
  const { routes } = partsOf(plan, before)
  const gone = before.filter(({ name }) => !plan.components.some((each) => each.name === name))
  return [
    ...plan.components.flatMap((component) => ofComponent(component, before, routes)),
    ...gone.map((old): SetChange => {
      const { name } = old
      const isClosed = routes.some(({ live, candidate }) => live === name && candidate === null)
      return { component: name, kind: 'removed', from: isClosed ? listenOf(old) : null, to: null }
    }),
  ]
}

function ofComponent(
  component: PlannedComponent,
  before: readonly PlannedComponent[],
  routes: readonly RoutePart[],
): readonly SetChange[] {
  const { name } = component
  const part = routes.find(({ candidate }) => candidate === name)
  const old = before.find((each) => each.name === name)
  const routed = part ? ofRoute(component, part, before) : []
  if (old) return [...routed, ...against(old, component)]
  return part ? routed : [{ component: name, kind: 'new', from: null, to: null }]
}

function ofRoute(
  component: PlannedComponent,
  { live, late, moves }: RoutePart,
  before: readonly PlannedComponent[],
): readonly SetChange[] {
  const { name } = component
  const to = listenOf(component)
  if (live === null) return [{ component: name, kind: late ? 'late' : 'new', from: null, to }]
  const at = listenOf(before.find((each) => each.name === live))
  return [
    ...(live === name ? [] : [{ component: name, kind: 'takes-over', from: live, to: at } as const]),
    ...(moves ? [{ component: name, kind: 'moves', from: at, to } as const] : []),
  ]
}

/** What is another one than before, of a component that was there. */
function against(old: PlannedComponent, { name, router, instances, platform }: PlannedComponent): readonly SetChange[] {
  const changes: SetChange[] = []
  if (router === null && old.router !== null)
    changes.push({ component: name, kind: 'route-goes', from: listenOf(old), to: null })
  if (old.instances !== instances)
    changes.push({ component: name, kind: 'instances', from: String(old.instances), to: String(instances) })
  if (old.platform.kind !== platform.kind)
    changes.push({ component: name, kind: 'platform', from: old.platform.kind, to: platform.kind })
  return changes
}

function listenOf(component: PlannedComponent | undefined): string | null {
  return component ? (routingOf(component)?.listen ?? null) : null
}
