/** What is in force and what has been counted, asked of the workers at that moment: nothing here is remembered. */
import { randomUUID } from 'node:crypto'
import { refused, type Outcome } from '../problem.ts'
import type { Faults, WorkerReport } from '../protocol.ts'
import type { HealthView, MetricsView, RoutesView, RouteView } from '../view.ts'
import { find } from './book.ts'
import type { Fleet } from './fleet.ts'
import type { GuardLink } from './guard-link.ts'
import type { Orphans } from './orphans.ts'
import type { Ports } from './ports.ts'
import type { RouteMetrics } from './prometheus.ts'
import type { StoredRoute } from './state-file.ts'
import type { Store } from './store.ts'
import { Tally } from './tally.ts'
import { uncaughtFaults } from './uncaught.ts'
import { viewOf, type Reports } from './views.ts'

export type Observed = {
  readonly store: Store
  readonly ports: Ports
  readonly guard: Pick<GuardLink, 'pid'>
  readonly orphans: Pick<Orphans, 'count'>
}

export class Observer {
  readonly #epoch = randomUUID()
  readonly #tally = new Tally()
  #pastFaults: Faults = { contained: 0, uncaught: 0 }
  readonly #store: Store
  readonly #ports: Ports
  readonly #guard: Observed['guard']
  readonly #orphans: Observed['orphans']

  constructor({ store, ports, guard, orphans }: Observed) {
    this.#store = store
    this.#ports = ports
    this.#guard = guard
    this.#orphans = orphans
  }

  /** Keeps the counts of a worker that is gone. */
  bury(report: WorkerReport): void {
    this.#tally.bury(report)
    this.#pastFaults = sumOf([this.#pastFaults, report.faults])
  }

  forget({ incarnation }: StoredRoute): void {
    this.#tally.forget(incarnation)
  }

  route(fleet: Fleet, key: string): Promise<Outcome<RouteView>> {
    return this.#ofRoute(fleet, key, (route, reports) => this.#viewOf(route, reports))
  }

  /** The route as the workers reported it with the change that was just applied. */
  changed(fleet: Fleet, route: StoredRoute): RouteView {
    return this.#viewOf(route, fleet.lastReports())
  }

  routes(fleet: Fleet): Promise<Outcome<RoutesView>> {
    const { routes, rejected } = this.#store.state
    return ofAll(fleet, (reports) => ({ routes: routes.map((route) => this.#viewOf(route, reports)), rejected }))
  }

  metrics(fleet: Fleet, key: string): Promise<Outcome<MetricsView>> {
    return this.#ofRoute(fleet, key, (route, reports) => this.#metricsOf(route, reports))
  }

  /** Metrics and desired route of every route, for the Prometheus page. */
  allMetrics(fleet: Fleet): Promise<Outcome<readonly RouteMetrics[]>> {
    return ofAll(fleet, (reports) =>
      this.#store.state.routes.map((route) => {
        return { key: route.key, desired: route.desired, metrics: this.#metricsOf(route, reports) }
      }),
    )
  }

  health(fleet: Fleet): HealthView {
    const { routes, rejected } = this.#store.state
    const worker = fleet.serving?.pid ?? null
    const problems = [
      ...[...this.#ports.problems].map(([key, why]) => `route "${key}": ${why}`),
      ...rejected.map(({ why }) => `a saved route was set aside: ${why}`),
      ...(worker === null ? ['no worker serves at this moment; one is starting'] : []),
    ]
    const own: Faults = { contained: 0, uncaught: uncaughtFaults() }
    const faults = sumOf([this.#pastFaults, own, ...fleet.workers.map(({ lastReport }) => lastReport.faults)])
    const status = problems.length === 0 ? 'ok' : 'degraded'
    const epoch = this.#epoch
    const guard = this.#guard.pid
    return { status, pid: process.pid, guard, epoch, routes: routes.length, worker, problems, faults }
  }

  #viewOf(route: StoredRoute, reports: Reports): RouteView {
    const problem = this.#ports.problems.get(route.key) ?? null
    return viewOf(route, problem, { reports, orphans: this.#orphans.count })
  }

  #metricsOf(route: StoredRoute, reports: Reports): MetricsView {
    const slots = this.#tally.totals(route.incarnation, reports.values())
    return { epoch: `${this.#epoch}.${route.incarnation}`, at: Date.now(), slots }
  }

  async #ofRoute<T>(fleet: Fleet, key: string, look: (route: StoredRoute, reports: Reports) => T): Promise<Outcome<T>> {
    const route = find(this.#store.state, key)
    if (!route) return refused('unknown-route', 404, `There is no route "${key}".`)
    return ofAll(fleet, (reports) => look(route, reports))
  }
}

async function ofAll<T>(fleet: Fleet, look: (reports: Reports) => T): Promise<Outcome<T>> {
  const reports = await fleet.reports()
  if (reports !== null) return { ok: true, value: look(reports) }
  return refused('worker-silent', 503, 'A worker did not answer in time, so nothing certain can be said. Ask again.')
}

function sumOf(all: readonly Faults[]): Faults {
  const sum = (of: keyof Faults) => all.reduce((count, faults) => count + faults[of], 0)
  return { contained: sum('contained'), uncaught: sum('uncaught') }
}
