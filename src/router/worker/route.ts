/** One route in this worker: which slot a request gets, and what its two slots have seen. */
import type { IncomingMessage } from 'node:http'
import { hash53, pickByHash, pickNext, pointOf, type Balance, type SlotName } from '../pick.ts'
import type { RouteConfig, RouteReport } from '../protocol.ts'
import { cookieValue } from './headers.ts'
import { SessionMemory } from './sessions.ts'
import { Slot } from './slot.ts'

/** Where a request goes, and how firmly. */
export type Assignment = {
  readonly route: Route
  readonly slot: Slot
  /** The session was here before: it must not be moved to the other slot to rescue a request. */
  readonly bound: boolean
  /** Hash of a header session; null when the route is not header-sticky or the header is missing. */
  readonly session: number | null
}

export class Route {
  config: RouteConfig
  /** The route was removed or the worker retires: connections end with their next response. */
  isLeaving = false
  readonly slots: Readonly<Record<SlotName, Slot>> = { blue: new Slot('blue'), green: new Slot('green') }
  readonly sessions = new SessionMemory()
  readonly #balance: Balance = { blue: 0, green: 0 }
  #weights = { blue: 0, green: 0 }

  constructor(config: RouteConfig, now: number) {
    this.config = config
    this.configure(config, now)
  }

  configure(config: RouteConfig, now: number): void {
    const { blue, green } = this.slots
    blue.configure(config.slots.blue, now)
    green.configure(config.slots.green, now)
    if (this.isLeaving) this.leave(now)
    if (blue.weight !== this.#weights.blue) this.#balance.blue = this.#balance.green = 0
    for (const slot of [blue, green]) if (slot.weight === 0) this.sessions.forget(slot.name)
    this.#weights = { blue: blue.weight, green: green.weight }
    this.config = config
  }

  /** Null only while both weights are 0. */
  assign(req: IncomingMessage): Assignment | null {
    const { sticky } = this.config
    if (sticky.kind === 'cookie') return this.#byCookie(req, sticky.name)
    if (sticky.kind === 'header') return this.#byHeader(req.headers[sticky.name.toLowerCase()])
    return this.#fresh(pickNext(this.#balance, this.#weights), null)
  }

  otherSlot(slot: Slot): Slot {
    return slot.name === 'blue' ? this.slots.green : this.slots.blue
  }

  /** `Set-Cookie` value that binds a session to the slot. */
  cookieFor(slot: Slot): string | null {
    const { sticky } = this.config
    return sticky.kind === 'cookie' ? `${sticky.name}=${slot.cookie}; Path=/; HttpOnly; SameSite=Lax` : null
  }

  report(now: number): RouteReport {
    const { key, incarnation, generation } = this.config
    const { blue, green } = this.slots
    const slots = { blue: blue.report(now), green: green.report(now) }
    return { key, incarnation, generation, weights: this.#weights, slots }
  }

  /** Starts the drain of both slots: what streams has `drainMs` left. */
  leave(now: number): void {
    this.isLeaving = true
    for (const slot of [this.slots.blue, this.slots.green]) slot.drainingSince ??= now
  }

  get inFlight(): number {
    return this.slots.blue.inFlight + this.slots.green.inFlight
  }

  #byCookie(req: IncomingMessage, name: string): Assignment | null {
    const value = cookieValue(req.headers.cookie, name)
    for (const slot of [this.slots.blue, this.slots.green]) {
      if (slot.weight > 0 && slot.cookie === value) return { route: this, slot, bound: true, session: null }
    }
    return this.#fresh(pickNext(this.#balance, this.#weights), null)
  }

  #byHeader(value: string | readonly string[] | undefined): Assignment | null {
    if (value === undefined) return this.#fresh(pickNext(this.#balance, this.#weights), null)
    const session = hash53(String(value))
    const known = this.sessions.recall(session)
    if (known !== null) return { route: this, slot: this.slots[known], bound: true, session }
    const name = pickByHash(pointOf(session, this.config.salt), this.#weights)
    if (name !== null) this.sessions.remember(session, name)
    return this.#fresh(name, session)
  }

  #fresh(name: SlotName | null, session: number | null): Assignment | null {
    return name === null ? null : { route: this, slot: this.slots[name], bound: false, session }
  }
}
