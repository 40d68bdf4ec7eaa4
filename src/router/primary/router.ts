/**
 * The router itself: takes wishes, saves them, puts them into force in the workers, says what is in force.
 *
 * A wish is answered when it is saved *and* every worker has said that it follows it. Wishes are handled one after the
 * other; one that fails leaves the old state in force and on disk.
 */
import { delay, startInterval, type Timer } from '../clock.ts'
import { refused, type Outcome } from '../problem.ts'
import type { HealthView, MetricsView, ReplacedView, RoutesView, RouteView } from '../view.ts'
import type { Wish } from '../wish.ts'
import { fence, find, readWish, toConfig, withoutRoute, withRoute } from './book.ts'
import { Fleet } from './fleet.ts'
import type { GuardLink, Inheritance } from './guard-link.ts'
import type { Log } from './log.ts'
import { Observer } from './observer.ts'
import { marksOf, noteWorkers, notedWorkers, Orphans } from './orphans.ts'
import { Ports } from './ports.ts'
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

  put(key: string, body: unknown): Promise<Outcome<RouteView>> {
    return this.#inTurn(async () => {
      const wish = readWish(key, body)
      if (!wish.ok) return wish
      const fenced = fence(this.#store.state, key, wish.value)
      if (!fenced.ok) return fenced
      if (fenced.value === 'same' && !this.#ports.problems.has(key)) return this.get(key)
      const changed = await this.#change(key, wish.value)
      if (!changed.ok) return changed
      return { ok: true, value: this.#observer.changed(this.#fleet, find(this.#store.state, key)!) }
    })
  }

  remove(key: string, generation: number): Promise<Outcome<{ readonly removed: string }>> {
    return this.#inTurn(async () => {
      const { state } = this.#store
      const route = find(state, key)
      const floor = route?.wish.generation ?? state.removed[key] ?? 0
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
      const drains = this.#store.state.routes.map(({ wish }) => wish.drainMs)
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

  async #change(key: string, wish: Wish): Promise<Outcome<null>> {
    const before = this.#store.state
    const old = find(before, key)
    const socket = this.#ports.take(before, key, wish, old)
    if ('error' in socket) return portTaken(wish.listen, socket.error, socket.heldBy)
    const saved = this.#store.save(withRoute(before, key, wish, socket.address))
    if (!saved.ok) return this.#undo(before, old, socket, saved)
    const failed = (await this.#fleet.apply(this.#target())).get(socket.address)
    if (failed !== undefined) return this.#undo(before, old, socket, portTaken(wish.listen, failed))
    this.#ports.settled(key)
    if (old && old.address !== socket.address) this.#ports.release(old.address)
    return saved
  }

  async #undo<T>(before: State, old: StoredRoute | undefined, socket: Socket, why: T): Promise<T> {
    this.#store.save(before)
    if (socket.address !== old?.address) this.#ports.release(socket.address)
    await this.#fleet.apply(this.#target())
    return why
  }

  async #takeDown(route: StoredRoute): Promise<void> {
    this.#ports.release(route.address)
    this.#ports.settled(route.key)
    await this.#fleet.apply(this.#target())
    this.#observer.forget(route)
  }

  #target(): Target {
    const { state } = this.#store
    const routes = state.routes.map((route) => toConfig(state, route))
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
