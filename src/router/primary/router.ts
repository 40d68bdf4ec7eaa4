/**
 * The router itself: takes desired routes, saves them, puts them into force in the workers, says what is in force.
 *
 * A desired route is answered when it is saved *and* every worker has said that it follows it. Desired are handled one after the
 * other; one that fails leaves the old state in force and on disk.
 */
import { delay, startInterval, type Timer } from '../clock.ts'
import { refused, type Outcome } from '../problem.ts'
import { samePort } from '../address.ts'
import type { HealthView, MetricsView, ReplacedView, RoutesView, RouteView } from '../view.ts'
import type { DesiredRoute } from '../desired-route.ts'
import { fence, find, readDesired, toConfig, withoutRoute, withRoute } from './book.ts'
import { Fleet } from './fleet.ts'
import type { GuardLink, Inheritance } from './guard-link.ts'
import type { Log } from './log.ts'
import { Observer } from './observer.ts'
import { marksOf, noteWorkers, notedWorkers, Orphans } from './orphans.ts'
import { type NoSocket, Ports } from './ports.ts'
import type { RouteMetrics } from './prometheus.ts'
import type { Socket } from './socket.ts'
import type { State, StoredRoute } from './state-file.ts'
import { Store } from './store.ts'
import type { Target } from './worker-process.ts'

const RETIRE_GRACE_MS = 5_000
const RETIRE_BOUND_MIN_MS = 10_000
const REBIND_EVERY_MS = 500
/** How long the workers of a dead router, guard and all, get to let go of their ports. */
const LET_GO_MS = 1_000

type Change = {
  readonly key: string
  readonly desired: DesiredRoute
  readonly old: StoredRoute | undefined
  /** The route whose address it takes. */
  readonly gone: StoredRoute | undefined
}

export type RouterOptions = {
  readonly dir: string
  readonly state: State
  readonly workerEntry: string
  readonly log: Log
  readonly guard: GuardLink
  readonly inherited: Inheritance
}

export class Router {
  readonly #log: Log
  readonly #store: Store
  readonly #ports: Ports
  readonly #observer: Observer
  readonly #fleet: Fleet
  readonly #orphans: Orphans
  readonly #isAlone: boolean
  #version = 0
  #queue: Promise<unknown> = Promise.resolve()
  #rebind: Timer | null = null

  constructor({ dir, state, workerEntry, log, guard, inherited }: RouterOptions) {
    this.#log = log
    this.#isAlone = inherited.sockets.length === 0
    this.#orphans = new Orphans(inherited.workers.length === 0 ? notedWorkers(dir) : inherited.workers)
    this.#store = new Store(dir, state, log)
    this.#ports = new Ports(guard, inherited.sockets)
    this.#observer = new Observer({ store: this.#store, ports: this.#ports, guard, orphans: this.#orphans })
    this.#fleet = new Fleet({
      entry: workerEntry,
      log,
      onGone: (report) => this.#observer.bury(report),
      onChange: (pids) => {
        const marks = marksOf(pids)
        guard.workers(marks)
        noteWorkers(dir, marks)
      },
      onShaken: () => void this.replaceWorker().catch((error: Error) => log(error.message)),
    })
  }

  /** Puts the saved routes into force. One that cannot listen is reported and tried again; the others serve. */
  async start(): Promise<void> {
    const { routes } = this.#store.state
    this.#ports.keepOnly(routes)
    if (this.#isAlone) await this.#clearTheWay()
    for (const route of routes) {
      if (this.#ports.restore(route)) continue
      this.#log(`route "${route.key}" ${this.#ports.problems.get(route.key)}; trying again`)
    }
    await this.#fleet.launch(this.#target())
    this.#orphans.relieve()
    this.#rebind = startInterval(() => {
      this.#inTurn(() => this.#retryPorts()).catch((error: Error) => this.#log(error.message))
    }, REBIND_EVERY_MS)
  }

  /** `takesOver`: the route that has the address now, and goes in the same moment; any other one keeps it. */
  put(key: string, body: unknown, takesOver: string | null = null): Promise<Outcome<RouteView>> {
    return this.#inTurn(async () => {
      const desired = readDesired(key, body)
      if (!desired.ok) return desired
      const fenced = fence(this.#store.state, key, desired.value)
      if (!fenced.ok) return fenced
      if (fenced.value === 'same' && !this.#ports.problems.has(key)) return this.get(key)
      const changed = await this.#change(key, desired.value, takesOver)
      if (!changed.ok) return changed
      return { ok: true, value: this.#observer.changed(this.#fleet, find(this.#store.state, key)!) }
    })
  }

  remove(key: string, generation: number): Promise<Outcome<{ readonly removed: string }>> {
    return this.#inTurn(async () => {
      const { state } = this.#store
      const route = find(state, key)
      const floor = route?.desired.generation ?? state.removed[key] ?? 0
      if (generation < floor) {
        return refused('stale-generation', 409, `Generation ${generation} is older than ${floor}.`, {
          generation: floor,
        })
      }
      const saved = this.#store.save(withoutRoute(state, key, generation))
      if (!saved.ok) return saved
      if (route) await this.#takeDown(route)
      return { ok: true, value: { removed: key } }
    })
  }

  get(key: string): Promise<Outcome<RouteView>> {
    return this.#observer.route(this.#fleet, key)
  }

  list(): Promise<Outcome<RoutesView>> {
    return this.#observer.routes(this.#fleet)
  }

  metrics(key: string): Promise<Outcome<MetricsView>> {
    return this.#observer.metrics(this.#fleet, key)
  }

  allMetrics(): Promise<Outcome<readonly RouteMetrics[]>> {
    return this.#observer.allMetrics(this.#fleet)
  }

  health(): HealthView {
    return this.#observer.health(this.#fleet)
  }

  replaceWorker(): Promise<Outcome<ReplacedView>> {
    return this.#inTurn(async () => {
      const drains = this.#store.state.routes.map(({ desired }) => desired.drainMs)
      const boundMs = Math.max(RETIRE_BOUND_MIN_MS, ...drains) + RETIRE_GRACE_MS
      return { ok: true, value: await this.#fleet.replace(RETIRE_GRACE_MS, boundMs) }
    })
  }

  /** Accepts nothing more, lets what is in flight finish for `boundMs` at most. */
  async stop(boundMs: number): Promise<void> {
    this.#rebind?.stop()
    await this.#queue
    this.#ports.closeAll()
    this.#store.close()
    await this.#fleet.stop(boundMs)
  }

  /** Nobody handed us sockets: workers that a dead router left behind hold the ports until they are told. */
  async #clearTheWay(): Promise<void> {
    if (this.#orphans.count === 0) return
    this.#orphans.relieve()
    const deadline = performance.now() + LET_GO_MS
    const isBound = () => this.#store.state.routes.every((route) => this.#ports.restore(route))
    while (!isBound() && performance.now() < deadline) await delay(10)
  }

  async #change(key: string, desired: DesiredRoute, takesOver: string | null): Promise<Outcome<null>> {
    const before = this.#store.state
    const old = find(before, key)
    const gone = takesOver === null || takesOver === key ? undefined : find(before, takesOver)
    const without = gone ? withoutRoute(before, gone.key, gone.desired.generation) : before
    const socket = await this.#socketFor(without, { key, desired, old, gone })
    if ('error' in socket) return portTaken(desired.listen, socket.error, socket.heldBy)
    const left = [old, gone].filter((route) => route !== undefined)
    const saved = this.#store.save(withRoute(without, key, desired, socket.address))
    if (!saved.ok) return this.#undo(before, left, socket, saved)
    const failed = (await this.#fleet.apply(this.#target())).get(socket.address)
    if (failed !== undefined) return this.#undo(before, left, socket, portTaken(desired.listen, failed))
    this.#ports.settled(key)
    for (const { address } of left) if (address !== socket.address) this.#ports.release(address)
    if (gone) this.#forget(gone)
    return saved
  }

  /** Where the address overlaps with what this route, or the one it follows, has (`0.0.0.0:80`), that is left first. */
  async #socketFor(state: State, change: Change): Promise<Socket | NoSocket> {
    const { key, desired, old, gone } = change
    const socket = this.#ports.take(state, key, desired, old)
    const left = [old, gone].filter((route) => route !== undefined && samePort(route.address, desired.listen))
    if (!('error' in socket) || left.length === 0) return socket
    const others = state.routes.filter((route) => !left.includes(route))
    for (const route of left) this.#ports.release(route!.address)
    await this.#fleet.apply(this.#target(others))
    const again = this.#ports.take(state, key, desired, undefined)
    if (!('error' in again)) return again
    for (const route of left) this.#ports.restore(route!)
    await this.#fleet.apply(this.#target())
    return again
  }

  async #undo<T>(before: State, left: readonly StoredRoute[], socket: Socket, why: T): Promise<T> {
    this.#store.save(before)
    if (!left.some(({ address }) => address === socket.address)) this.#ports.release(socket.address)
    for (const route of left) this.#ports.restore(route)
    await this.#fleet.apply(this.#target())
    return why
  }

  async #takeDown(route: StoredRoute): Promise<void> {
    this.#ports.release(route.address)
    await this.#fleet.apply(this.#target())
    this.#forget(route)
  }

  #forget(route: StoredRoute): void {
    this.#ports.settled(route.key)
    this.#observer.forget(route)
  }

  #target(stored: readonly StoredRoute[] = this.#store.state.routes): Target {
    const { state } = this.#store
    const routes = stored.map((route) => toConfig(state, route))
    return { version: ++this.#version, routes, sockets: this.#ports.sockets }
  }

  async #retryPorts(): Promise<void> {
    const waiting = this.#store.state.routes.filter((route) => this.#ports.problems.has(route.key))
    if (waiting.filter((route) => this.#ports.restore(route)).length > 0) await this.#fleet.apply(this.#target())
  }

  /** One change after the other. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(task)
    this.#queue = turn.catch(() => {})
    return turn
  }
}

function portTaken(listen: string, why: string, heldBy?: string) {
  return refused('port-taken', 409, `Cannot listen on ${listen}: ${why}. The old state stays in force.`, {
    address: listen,
    ...(heldBy !== undefined && { heldBy }),
  })
}
