/** One component of the simulated world: a platform with two slots, a router, its users, and what metrics show of them. */
import { overlaps, readListen } from '../../core/listen.ts'
import type { ObservedSlot, Slot } from '../../core/observed.ts'
import type { Instant } from '../../core/time.ts'
import type { MetricsSource } from '../../ports/metrics-source.ts'
import type { Platform } from '../../ports/platform.ts'
import type { Router, DesiredRoute } from '../../ports/router.ts'
import type { Behaviour as Instances } from '../../testing/fake-instances.ts'
import { type FakePlatform, fakePlatform } from '../../testing/fake-platform.ts'
import { type FakeRouter, fakeRouter } from '../../testing/fake-router.ts'
import type { Behaviour } from '../scenario/build.ts'
import type { Random } from './draw.ts'
import type { Faults } from './faults.ts'
import { metricsOf } from './metrics.ts'
import { platformOf, type Starts } from './platform.ts'
import { routerOf } from './router.ts'
import type { RouteShare } from './routes.ts'
import { type SlotNow, Users } from './users.ts'

export type ComponentDeps = {
  /** Its number in the world: no two components have an instance at the same address. */
  readonly network: number
  readonly now: () => Instant
  readonly random: Random
  /** Requests per second of all users. */
  readonly rate: (at: Instant) => number
  readonly routes: readonly RouteShare[]
  readonly faults: Faults
  /** How a version behaves at this moment. */
  readonly buildOf: (version: string | null) => Behaviour
  /** Lets the users of all components come up to now: whoever sends users here, their slots are about to change. */
  readonly settle: () => void
  /** Its route is in force at this address from now on, and nobody else's. */
  readonly takesOver: (address: string) => void
  /** What stands behind these addresses, whichever component they are of. */
  readonly behind: (slot: Slot, upstreams: readonly string[]) => SlotNow | null
}

export type Component = {
  readonly platform: (isWorker: boolean) => Platform
  readonly router: (address: string | null) => Router
  readonly metrics: MetricsSource
  /** What stands in the slots, without a call. */
  readonly slots: Pick<FakePlatform, 'peek' | 'change' | 'crash' | 'vanish'>
  readonly users: Users
  readonly route: () => DesiredRoute
  /** What its route leads to in a slot, which may be another component's. */
  readonly look: (slot: Slot) => SlotNow
  /** What its users get: `v1`, `maintenance`, `v1 90 %, v2 10 %`; null without a route. */
  readonly routed: () => string | null
  /** The same, or the versions that run without one; null where nothing is there. */
  readonly serves: () => string | null
  /** Releases whose instances take jobs here: no router leads to them. */
  readonly jobs: () => readonly string[]
  /** Instances that were put up for a release which had been put up before; restarts after an exit are not counted. */
  readonly recreated: () => number
  /** Lets users come up to now. */
  settle(): void
  /** Somebody else's route is at this address now. */
  leave(address: string): void
}

const SLOTS = ['blue', 'green'] as const
const NOWHERE: DesiredRoute = { weights: { blue: 0, green: 0 }, upstreams: { blue: [], green: [] }, maintenance: false }

export function component(deps: ComponentDeps): Component {
  const { now, faults, settle } = deps
  const slots = slotsOf(deps)
  const users = new Users(deps.random, deps.routes)
  const starts: Starts = { seen: new Set(), again: 0, workers: new Set() }
  const crowd = crowdOf(deps, slots, users)
  const place = placeOf(fakeRouter({ changed: crowd.changed }), deps.takesOver)
  const routed = () => textOf(crowd.route(), crowd.look)
  return {
    slots,
    users,
    settle: crowd.settle,
    look: crowd.look,
    route: crowd.route,
    routed,
    leave: place.leave,
    serves: () => routed() ?? runningIn(slots),
    jobs: () => SLOTS.flatMap((slot) => jobsIn(slots.peek(slot), starts)),
    recreated: () => starts.again,
    platform: (isWorker) => platformOf({ slots, starts, faults, settle, isWorker }),
    router: (address) => routerOf(place.at(address), { users, faults, settle }),
    metrics: metricsOf({ users, faults, settle, now }),
  }
}

/** Users of the time since the last look met what stood there then: whatever changes it settles first. */
function crowdOf(deps: ComponentDeps, slots: FakePlatform, users: Users) {
  let settledTo = deps.now()
  let route = NOWHERE
  const look = (slot: Slot) => deps.behind(slot, route.upstreams[slot]) ?? slotNow(slots, slot, deps.buildOf)
  const both = () => ({ blue: look('blue'), green: look('green') })
  let looks: Record<Slot, SlotNow> | null = null
  const settle = () => {
    const to = deps.now()
    looks ??= both()
    if (to > settledTo) users.arrive({ from: settledTo, to, rate: deps.rate(to) }, route, looks)
    settledTo = to
    looks = both()
  }
  const changed = (desired: DesiredRoute) => {
    deps.settle()
    route = desired
    looks = both()
  }
  return { look, settle, changed, route: () => route }
}

/** An order that is taken takes its address over from whoever has it, in one moment, as a router does. */
function placeOf(inner: FakeRouter, takesOver: ComponentDeps['takesOver']) {
  let held: string | null = null
  const at = (address: string | null): Router => ({
    ...inner,
    set: async (desired, order) => {
      const answer = await inner.set(desired, order)
      if (!answer.ok) return answer
      held = address
      if (address !== null) takesOver(address)
      return answer
    },
    remove: async (order) => {
      const answer = await inner.remove(order)
      if (answer.ok) held = null
      return answer
    },
  })
  const leave = (address: string) => {
    if (held === null || !isSame(held, address)) return
    held = null
    inner.takenOver()
  }
  return { at, leave }
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [readListen(one), readListen(other)]
  return left.ok && right.ok && overlaps(left.address, right.address)
}

function textOf({ weights, maintenance }: DesiredRoute, look: (slot: Slot) => SlotNow): string | null {
  if (maintenance) return 'maintenance'
  const shares = (['green', 'blue'] as const).filter((slot) => weights[slot] > 0)
  const text = (slot: Slot) => look(slot).seen.version ?? 'nothing'
  if (shares.length === 0) return null
  return shares.length === 1 ? text(shares[0]!) : shares.map((slot) => `${text(slot)} ${weights[slot]} %`).join(', ')
}

function runningIn(slots: FakePlatform): string | null {
  const running = SLOTS.map((slot) => slots.peek(slot)).filter((seen) => seen.running > 0)
  return running.map(({ version }) => version).join(', ') || null
}

function jobsIn({ release, running }: ObservedSlot, { workers }: Starts): readonly string[] {
  return release !== null && running > 0 && workers.has(release) ? [release] : []
}

function slotsOf({ now, network, buildOf }: ComponentDeps): FakePlatform {
  return fakePlatform({ now, network, keepsCalls: false, behaviour: ({ version }) => instancesOf(buildOf(version)) })
}

export function slotNow(slots: Component['slots'], slot: Slot, buildOf: ComponentDeps['buildOf']): SlotNow {
  const seen = slots.peek(slot)
  return { seen, build: buildOf(seen.version) }
}

/** How a build shows itself to a platform. */
export function instancesOf(build: Behaviour): Partial<Instances> {
  return {
    readyAfterMs: build.readyAfter === 'never' ? null : build.readyAfter,
    exitsAfterMs: build.crashesAfter === 'never' ? null : build.crashesAfter,
    flapping: build.flapping === 'never' ? null : { everyMs: build.flapping.every, forMs: build.flapping.for },
    memoryBytes: build.memory,
    memoryGrowthBytesPerMinute: build.memoryGrowth,
    linesPerSecond: build.logLines,
  }
}
