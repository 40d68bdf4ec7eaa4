/** One route in this worker: which slot a request gets, and what its two slots have seen. */
import type { IncomingMessage } from 'node:http'
import { hash53, pickByHash, pickNext, pointOf, type Balance, type SlotName } from '../pick.ts'
import type { RouteConfig, RouteReport } from '../protocol.ts'
import { cookieName, cookieValues, setCookie } from './cookies.ts'
import { canonicalAddress } from './peer.ts'
import { Segments } from './segments.ts'
import { SessionMemory } from './sessions.ts'
import { Slot } from './slot.ts'

/** Where a request goes, and how firmly. */
export type Assignment = {
  readonly route: Route
  readonly slot: Slot
  /** The session was here before: it must not be moved to the other slot to rescue a request. */
  readonly bound: boolean
  /** And by a cookie that need not be set again. */
  readonly isFirm: boolean
  /** Hash of a header session; null when the route is not header-sticky or the header is missing. */
  readonly session: number | null
}

export class Route {
  config: RouteConfig
  /** The route was removed or the worker retires: connections end with their next response. */
  isLeaving = false
  readonly slots: Readonly<Record<SlotName, Slot>> = { blue: new Slot('blue'), green: new Slot('green') }
  readonly sessions = new SessionMemory()
  readonly segments = new Segments()
  readonly #balance: Balance = { blue: 0, green: 0 }
  #weights = { blue: 0, green: 0 }
  #cookie = ''
  #trusted: ReadonlySet<string> = new Set()

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
    this.#cookie = config.sticky.kind === 'cookie' ? cookieName(config.sticky.name, config.key) : ''
    this.segments.configure(config.segments)
    this.#trusted = new Set(config.trustedProxies.map(canonicalAddress))
    this.config = config
  }

  /** Whether what `peer` says of its client is believed; in the spelling of `peerOf`. */
  trusts(peer: string): boolean {
    return this.#trusted.has(peer)
  }

  /** Null only while both weights are 0. */
  assign(req: IncomingMessage): Assignment | null {
    const { sticky } = this.config
    if (sticky.kind === 'cookie') return this.#byCookie(req.headers.cookie, sticky.name)
    if (sticky.kind === 'header') return this.#byHeader(req.headers[sticky.name.toLowerCase()])
    return this.#fresh(pickNext(this.#balance, this.#weights), null)
  }

  otherSlot(slot: Slot): Slot {
    return slot.name === 'blue' ? this.slots.green : this.slots.blue
  }

  /** `Set-Cookie` value that binds a session to the slot. */
  cookieFor(slot: Slot, isSecure: boolean): string | null {
    return this.#cookie === '' ? null : setCookie(this.#cookie, slot.cookie, isSecure)
  }

  report(now: number): RouteReport {
    const { key, incarnation, generation } = this.config
    const { blue, green } = this.slots
    const of = (slot: Slot) => slot.report(now, this.segments.report(slot.name))
    const slots = { blue: of(blue), green: of(green) }
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

  /** Whichever of its values is one of ours counts: another route, or an older router, may have set the others. */
  #byCookie(header: string | undefined, plainName: string): Assignment | null {
    const slot = this.#slotOf(cookieValues(header, this.#cookie))
    if (slot !== null) return { route: this, slot, bound: true, isFirm: true, session: null }
    const before = this.#slotOf(cookieValues(header, plainName))
    if (before !== null) return { route: this, slot: before, bound: true, isFirm: false, session: null }
    return this.#fresh(pickNext(this.#balance, this.#weights), null)
  }

  #slotOf(values: readonly string[]): Slot | null {
    if (values.length === 0) return null
    const { blue, green } = this.slots
    return [blue, green].find(({ weight, cookie }) => weight > 0 && values.includes(cookie)) ?? null
  }

  #byHeader(value: string | readonly string[] | undefined): Assignment | null {
    if (value === undefined) return this.#fresh(pickNext(this.#balance, this.#weights), null)
    const session = hash53(String(value))
    const known = this.sessions.recall(session)
    if (known !== null) return { route: this, slot: this.slots[known], bound: true, isFirm: true, session }
    const name = pickByHash(pointOf(session, this.config.salt), this.#weights)
    if (name !== null) this.sessions.remember(session, name)
    return this.#fresh(name, session)
  }

  #fresh(name: SlotName | null, session: number | null): Assignment | null {
    return name === null ? null : { route: this, slot: this.slots[name], bound: false, isFirm: false, session }
  }
}
