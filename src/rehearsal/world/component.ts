/** One component of the simulated world: a platform with two slots, a router, its users, and what metrics show of them. */
import type { Slot } from '../../core/observed.ts'
import type { Instant } from '../../core/time.ts'
import type { MetricsSource } from '../../ports/metrics-source.ts'
import type { Platform } from '../../ports/platform.ts'
import type { Router, RouteWish } from '../../ports/router.ts'
import type { Behaviour as Instances } from '../../testing/fake-instances.ts'
import { type FakePlatform, fakePlatform } from '../../testing/fake-platform.ts'
import { fakeRouter } from '../../testing/fake-router.ts'
import type { Behaviour } from '../scenario/build.ts'
import type { Random } from './draw.ts'
import type { Faults } from './faults.ts'
import { metricsOf } from './metrics.ts'
import { platformOf, type Starts } from './platform.ts'
import { routerOf } from './router.ts'
import { type SlotNow, Users } from './users.ts'

export type ComponentDeps = {
  /** Its number in the world: no two components have an instance at the same address. */
  readonly network: number
  readonly now: () => Instant
  readonly random: Random
  /** Requests per second of all users. */
  readonly rate: (at: Instant) => number
  readonly faults: Faults
  /** How a version behaves at this moment. */
  readonly buildOf: (version: string | null) => Behaviour
}

export type Component = {
  readonly platform: Platform
  readonly router: Router
  readonly metrics: MetricsSource
  /** What stands in the slots, without a call. */
  readonly slots: Pick<FakePlatform, 'peek' | 'change' | 'crash' | 'vanish'>
  readonly users: Users
  readonly route: () => RouteWish
  /** Instances that were put up for a release which had been put up before; restarts after an exit are not counted. */
  readonly recreated: () => number
  /** Lets users come up to now. */
  settle(): void
}

const NOWHERE: RouteWish = { weights: { blue: 0, green: 0 }, upstreams: { blue: [], green: [] }, maintenance: false }

export function component(deps: ComponentDeps): Component {
  const { now, faults, buildOf } = deps
  const slots = slotsOf(deps)
  const users = new Users(deps.random)
  const starts: Starts = { seen: new Set(), again: 0 }
  const look = () => ({ blue: slotNow(slots, 'blue', buildOf), green: slotNow(slots, 'green', buildOf) })
  let settledTo = now()
  let route = NOWHERE
  let looks = look()
  // Users of the time since then met what stood there then: whatever changes it settles first.
  const settle = () => {
    const to = now()
    if (to > settledTo) users.arrive({ from: settledTo, to, rate: deps.rate(to) }, route, looks)
    settledTo = to
    looks = look()
  }
  const changed = (wish: RouteWish) => {
    settle()
    route = wish
  }
  return {
    slots,
    users,
    settle,
    route: () => route,
    recreated: () => starts.again,
    platform: platformOf({ slots, starts, faults, settle }),
    router: routerOf(fakeRouter({ changed }), { users, faults, settle }),
    metrics: metricsOf({ users, faults, settle, now }),
  }
}

function slotsOf({ now, network, buildOf }: ComponentDeps): FakePlatform {
  return fakePlatform({ now, network, keepsCalls: false, behaviour: ({ version }) => instancesOf(buildOf(version)) })
}

function slotNow(slots: FakePlatform, slot: Slot, buildOf: ComponentDeps['buildOf']): SlotNow {
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
