/**
 * Users of one component: requests arrive as a Poisson process, go where the router's weights in force send them, and are
 * answered as the build in that slot answers. Whoever is sent where nothing is ready gets no answer: that request is lost.
 */
import { emptyHistogram } from '../../core/histogram.ts'
import type { ObservedSlot, Slot, SlotCounts } from '../../core/observed.ts'
import type { Instant } from '../../core/time.ts'
import type { SegmentsQuery } from '../../ports/metrics-source.ts'
import type { DesiredRoute } from '../../ports/router.ts'
import { poisson } from '../../testing/fake-metrics.ts'
import type { Behaviour } from '../scenario/build.ts'
import { addLatencies, type Random, SCALE, successes } from './draw.ts'
import { type CountedRoutes, countersOf, type RouteShare, segmentsTold, splitByRoute } from './routes.ts'

/** After this long the router answers for a backend that does not. */
const TIMEOUT_MS = 30_000
const SLOTS = ['blue', 'green'] as const

/** What users got: all requests, those answered 5xx (lost ones among them), those that nothing could answer. */
export type Totals = { requests: number; bad: number; lost: number; maintenance: number }

type Waiting = { readonly at: Instant; readonly count: number }
type Counters = {
  requests: number
  errors: number
  counts: Record<string, number>
  waiting: Waiting[]
  readonly routes: CountedRoutes
}

/** How a slot is just now. */
export type SlotNow = { readonly seen: ObservedSlot; readonly build: Behaviour }

type Span = { readonly from: Instant; readonly to: Instant; readonly rate: number }
type Asked = { readonly span: Span; readonly route: DesiredRoute; readonly now: SlotNow }

/** Requests that end, and the share of those on a route that end badly. */
type Ended = { readonly count: number; readonly badOn: (route: string | null) => number }

export class Users {
  readonly totals: Totals = { requests: 0, bad: 0, lost: 0, maintenance: 0 }
  readonly #random: Random
  readonly #routes: readonly RouteShare[]
  #slots: Record<Slot, Counters> = { blue: none(), green: none() }

  constructor(random: Random, routes: readonly RouteShare[]) {
    this.#random = random
    this.#routes = routes
  }

  /** Lets requests arrive in `(from, to]` under the route and before the slots that there were meanwhile. */
  arrive(span: Span, route: DesiredRoute, now: Readonly<Record<Slot, SlotNow>>): void {
    const seconds = (span.to - span.from) / 1000
    for (const slot of SLOTS) {
      const arrived = poisson(this.#random, ((span.rate * route.weights[slot]) / 100) * seconds)
      this.totals.requests += arrived
      this.#timeOut(slot, span.to, now[slot].build)
      if (arrived > 0) this.#answer(slot, arrived, { span, route, now: now[slot] })
    }
    if (route.maintenance) this.totals.maintenance += poisson(this.#random, span.rate * seconds)
  }

  /** With segments where they are asked for. */
  counts(at: Instant, asked?: SegmentsQuery): Readonly<Record<Slot, SlotCounts>> {
    const { blue, green } = this.#slots
    const counts = { blue: countsOf(blue, at), green: countsOf(green, at) }
    if (asked === undefined) return counts
    const told = segmentsTold({ blue: blue.routes, green: green.routes }, asked)
    return { blue: { ...counts.blue, segments: told.blue }, green: { ...counts.green, segments: told.green } }
  }

  /** All counters begin at 0 again, as after a restart of the router. */
  restart(): void {
    this.#slots = { blue: none(), green: none() }
  }

  inFlight(slot: Slot): number {
    return waitingCount(this.#slots[slot])
  }

  #answer(slot: Slot, arrived: number, { span, route, now: { seen, build } }: Asked): void {
    const ready = route.upstreams[slot].filter((upstream) => seen.upstreams.includes(upstream)).length
    const seconds = (span.to - span.from) / 1000
    const most = build.capacity === 'unlimited' ? arrived : Math.floor(build.capacity * ready * seconds)
    const taken = ready === 0 ? 0 : Math.min(arrived, most)
    if (build.hangs) this.#slots[slot].waiting.push({ at: span.from, count: taken })
    else this.#complete(slot, build, { count: taken, badOn: (route) => errorsOf(build, route) })
    this.totals.lost += arrived - taken
    this.#complete(slot, build, { count: arrived - taken, badOn: () => 1 })
  }

  #timeOut(slot: Slot, to: Instant, build: Behaviour): void {
    const { waiting } = this.#slots[slot]
    const over = waiting.filter(({ at }) => at <= to - TIMEOUT_MS || !build.hangs)
    if (over.length === 0) return
    this.#slots[slot].waiting = waiting.filter((each) => !over.includes(each))
    const count = over.reduce((sum, each) => sum + each.count, 0)
    this.#complete(slot, build, { count, badOn: () => (build.hangs ? 1 : 0) })
  }

  #complete(slot: Slot, build: Behaviour, { count, badOn }: Ended): void {
    const all = this.#slots[slot]
    const latency = { medianMs: build.latency, spread: build.spread }
    for (const { name, count: here } of splitByRoute(this.#random, this.#routes, count)) {
      const bad = successes(this.#random, here, badOn(name))
      const counters = name === null ? [all] : [all, countersOf(all.routes, name)]
      for (const each of counters) {
        each.requests += here
        each.errors += bad
      }
      this.totals.bad += bad
      addLatencies(
        this.#random,
        counters.map(({ counts }) => counts),
        here,
        latency,
      )
    }
  }
}

/** A route may have errors of its own; all others have those of the build. */
function errorsOf({ errors, errorsOn }: Behaviour, route: string | null): number {
  return route === null ? errors : (errorsOn[route] ?? errors)
}

function none(): Counters {
  return { requests: 0, errors: 0, counts: {}, waiting: [], routes: new Map() }
}

function waitingCount({ waiting }: Counters): number {
  return waiting.reduce((sum, { count }) => sum + count, 0)
}

function countsOf(counters: Counters, at: Instant): SlotCounts {
  const { requests, errors, counts, waiting } = counters
  const oldest = waiting[0]?.at ?? at
  const latency = { ...emptyHistogram(SCALE), counts: { ...counts } }
  return { requests, errors, latency, inFlight: waitingCount(counters), waitingOldestMs: at - oldest }
}
