import type { PlannedComponent } from './plan.ts'
import { routingOf } from './told.ts'

/** Whether the router of any of these components keeps sessions on the side where they began. */
export function keepsSessions(components: readonly Pick<PlannedComponent, 'router' | 'routing'>[]): boolean {
  return components.some((component) => routingOf(component)?.keepsSessions ?? false)
}
