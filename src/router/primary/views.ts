/** From the workers' reports to what the admin API says about a route. */
import { SLOTS } from '../pick.ts'
import type { WorkerReport } from '../protocol.ts'
import type { RouteView, SlotView, WorkerView } from '../view.ts'
import type { StoredRoute } from './state-file.ts'
import type { WorkerProcess } from './worker-process.ts'

export type Reports = ReadonlyMap<WorkerProcess, WorkerReport>

/** `orphans`: workers of a predecessor that still live. What they have in flight nobody can ask: each counts as one. */
export type Seen = { readonly reports: Reports; readonly orphans: number }

export function viewOf(route: StoredRoute, problem: string | null, { reports, orphans }: Seen): RouteView {
  const { key, desired, address } = route
  const own = [...reports].map(([worker, { routes }]) => ({
    worker,
    report: routes.find(({ incarnation }) => incarnation === route.incarnation),
  }))
  const workers = own.map(
    ({ worker, report }): WorkerView => ({
      pid: worker.pid,
      role: worker.role,
      generation: report?.generation ?? null,
    }),
  )
  const serving = own.find(({ worker }) => worker.role === 'serving')?.report
  const slots = Object.fromEntries(
    SLOTS.map((name): [string, SlotView] => {
      const seen = own.flatMap(({ report }) => (report ? [report.slots[name]] : []))
      const inFlight = seen.reduce((sum, slot) => sum + slot.inFlight, orphans)
      const waitingOldestMs = Math.max(0, ...seen.map((slot) => slot.waitingOldestMs))
      return [name, { weight: serving?.weights[name] ?? 0, inFlight, waitingOldestMs }]
    }),
  ) as RouteView['slots']
  const listening = problem === null ? address : null
  return { key, generation: desired.generation, desired, listening, problem, workers, slots }
}
