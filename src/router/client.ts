/** What adapters use: `connect(dir)` to a running router, `ensureRouter(dir)` to have one. */
export { connect, type Result, type RouterClient } from './admin-client.ts'
export { ensureRouter } from './ensure.ts'
export type { Problem } from './problem.ts'
export type { RouteView } from './view.ts'
export type { DesiredRouteInput } from './desired-route.ts'
