/**
 * The serving process: no state of its own on disk, no port of its own. The primary sends bound sockets and the whole
 * list of routes; the worker puts them into force and says so. When the primary is gone it goes on with what it has, until
 * a successor relieves it: then it accepts nothing more, finishes what is in flight and exits.
 */
import { startInterval, startTimer } from '../clock.ts'
import type { FromWorker, RouteConfig, Sessions, ToWorker, WorkerReport } from '../protocol.ts'
import { contained, faults } from './fault.ts'
import { Listener } from './listener.ts'
import { Route } from './route.ts'
import { endStream, sweep, SWEEP_EVERY_MS } from './sweep.ts'

const REPORT_EVERY_MS = 250
const TRIM_EVERY_MS = 10_000
const ORPHAN_BOUND_MS = 10_000
/** A request just sent into an idle connection is not lost. */
const ORPHAN_GRACE_MS = 5_000
/** Nobody came: a router that nobody can switch any more must not serve for ever. */
const SUCCESSOR_BOUND_MS = 60_000

/** Sends to the primary; `done` runs when it is out, or at once when there is no primary any more. */
export type Say = (message: FromWorker, done?: () => void) => void

export class Worker {
  readonly #routes = new Map<string, Route>()
  readonly #departed = new Set<Route>()
  readonly #listeners = new Map<string, Listener>()
  readonly #say: Say
  #isRetiring = false
  #isOrphan = false
  #isRelieved = false

  constructor(say: Say) {
    this.#say = say
    startInterval(
      contained('a sweep', () => this.#sweep()),
      SWEEP_EVERY_MS,
    ).unref()
    startInterval(
      contained('a trim', () => this.#trim()),
      TRIM_EVERY_MS,
    ).unref()
    startInterval(() => say({ type: 'report', id: null, report: this.report() }), REPORT_EVERY_MS).unref()
  }

  hear(message: ToWorker, handle: unknown): void {
    if (message.type === 'listen') this.#listen(message.address, handle)
    else if (message.type === 'apply') this.#apply(message.version, message.routes)
    else if (message.type === 'report') this.#say({ type: 'report', id: message.id, report: this.report() })
    else if (message.type === 'sessions') this.#say({ type: 'sessions', sessions: this.#sessions() })
    else if (message.type === 'adopt') this.#adopt(message.sessions)
    else this.retire(message.graceMs, message.boundMs)
  }

  report(): WorkerReport {
    const now = performance.now()
    return { routes: [...this.#routes.values()].map((route) => route.report(now)), faults: faults() }
  }

  /** Exits once every connection has ended, after `boundMs` in any case; tunnels get Close 1001 in the last second. */
  retire(graceMs: number, boundMs: number): void {
    if (this.#isRetiring) return
    this.#isRetiring = true
    const now = performance.now()
    for (const route of this.#routes.values()) route.leave(now)
    const open = [...this.#listeners.values()].map(
      (listener) => new Promise<void>((closed) => listener.leave(graceMs, closed)),
    )
    void Promise.all(open).then(() => this.#exit())
    startTimer(() => this.#endStreams(), boundMs - 1_500)
    startTimer(() => this.#exit(), boundMs)
  }

  orphaned(): void {
    this.#isOrphan = true
    if (this.#isRelieved) this.relieved()
    else startTimer(() => this.relieved(), SUCCESSOR_BOUND_MS).unref()
  }

  /** The successor may be quicker than the news that the primary is gone. */
  relieved(): void {
    this.#isRelieved = true
    if (!this.#isOrphan) return
    const drains = [...this.#routes.values()].map((route) => route.config.drainMs)
    this.retire(ORPHAN_GRACE_MS, Math.max(ORPHAN_BOUND_MS, ...drains) + ORPHAN_GRACE_MS)
  }

  #listen(address: string, handle: unknown): void {
    const listener = new Listener(address)
    listener.route = this.#routeAt(address)
    const done = (error: string | null) => this.#say({ type: 'listening', address, error })
    listener.server.once('error', (error) => done(error.message))
    listener.server.listen(handle, () => {
      this.#listeners.set(address, listener)
      done(null)
    })
  }

  #apply(version: number, configs: readonly RouteConfig[]): void {
    const now = performance.now()
    const wanted = new Map(configs.map((config) => [config.key, config]))
    for (const [key, route] of this.#routes) {
      if (wanted.get(key)?.incarnation !== route.config.incarnation) this.#remove(key, route, now)
    }
    for (const config of configs) this.#configure(config, now)
    this.#bind()
    this.#say({ type: 'applied', version, report: this.report() })
  }

  #configure(config: RouteConfig, now: number): void {
    const known = this.#routes.get(config.key)
    if (known) return known.configure(config, now)
    const route = new Route(config, now)
    if (this.#isRetiring) route.leave(now)
    this.#routes.set(config.key, route)
  }

  #remove(key: string, route: Route, now: number): void {
    route.leave(now)
    this.#routes.delete(key)
    this.#departed.add(route)
  }

  /** Points every listener at its route and closes those that nobody names any more. */
  #bind(): void {
    for (const [address, listener] of this.#listeners) {
      listener.route = this.#routeAt(address)
      if (listener.route !== null) continue
      this.#listeners.delete(address)
      listener.leave(0, () => {})
    }
  }

  #routeAt(address: string): Route | null {
    return this.#routes.values().find((route) => route.config.address === address) ?? null
  }

  #sweep(): void {
    const now = performance.now()
    for (const route of this.#routes.values()) sweep(route, now)
    for (const route of this.#departed) {
      sweep(route, now)
      if (route.inFlight > 0) continue
      this.#departed.delete(route)
      route.slots.blue.retireUpstreams()
      route.slots.green.retireUpstreams()
    }
  }

  #trim(): void {
    for (const route of this.#routes.values()) {
      for (const slot of [route.slots.blue, route.slots.green]) for (const upstream of slot.upstreams) upstream.trim()
    }
  }

  #sessions(): Sessions {
    return Object.fromEntries([...this.#routes].map(([key, route]) => [key, route.sessions.export()]))
  }

  #adopt(sessions: Sessions): void {
    for (const [key, flat] of Object.entries(sessions)) {
      const route = this.#routes.get(key)
      route?.sessions.adopt(flat, (slot) => route.slots[slot].weight > 0)
    }
  }

  #endStreams(): void {
    for (const route of [...this.#routes.values(), ...this.#departed]) {
      for (const slot of [route.slots.blue, route.slots.green]) {
        for (let exchange = slot.responding.head; exchange !== null; ) {
          const { next } = exchange
          endStream(exchange)
          exchange = next
        }
      }
    }
  }

  #exit(): void {
    this.#say({ type: 'report', id: null, report: this.report() }, () => process.exit(0))
  }
}
