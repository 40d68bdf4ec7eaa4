/** What adapters use: `connect(dir)` to a running router, `ensureRouter(dir)` to have one. */
export { connect, type Result, type RouterClient } from './admin-client.ts'
export { ensureRouter, type EnsureOptions } from './ensure.ts'
export type { Problem } from './problem.ts'
export type {
  HealthView,
  MetricsView,
  ReplacedView,
  RoutesView,
  RouteView,
  SlotMetrics,
  SlotView,
  WorkerView,
} from './view.ts'
export type { DesiredRoute, DesiredRouteInput } from './desired-route.ts'
