/** The simulated world of one rehearsal: components, builds that change, and the adapters through which the engine meets it. */
import type { Message } from '../../core/rollout/commands.ts'
import type { PlannedComponent } from '../../core/plan.ts'
import type { Adapters } from '../../ports/adapters.ts'
import type { Instant } from '../../core/time.ts'
import type { Clock } from '../../ports/clock.ts'
import { randomFrom } from '../../testing/fake-metrics.ts'
import { type Behaviour, Build, type Change } from '../scenario/build.ts'
import type { Scenario } from '../scenario/schema.ts'
import { adaptersOf } from './adapters.ts'
import { component, type Component, instancesOf } from './component.ts'
import { type Faults, faults } from './faults.ts'
import { trafficOf } from './traffic.ts'
import type { Totals } from './users.ts'

export type World = {
  readonly adapters: Adapters
  readonly faults: Faults
  readonly components: ReadonlyMap<string, Component>
  readonly messages: readonly Message[]
  begin(version: string, change: Change): void
  end(version: string, change: Change): void
  /** From now on users send as many requests as the scenario says. */
  open(): void
  settle(): void
  /** All components together, since `open`. */
  totals(): Totals
}

export type WorldOptions = {
  readonly clock: Clock
  readonly scenario: Scenario
  readonly components: readonly Pick<PlannedComponent, 'name'>[]
}

/** Version of what serves before the first release. */
export const LIVE_VERSION = 'v1'
function buildsOf({ releases, live }: Scenario): Map<string, Behaviour> {
  const builds = new Map(releases.map(({ version, build }) => [version, build]))
  return live === 'nothing' ? builds : builds.set(LIVE_VERSION, live.build)
}

/** Until the scenario begins there are users enough for what serves now to be released. */
const BEFORE_RATE = 50
const SLOTS = ['blue', 'green'] as const

export function simulatedWorld({ clock, scenario, components }: WorldOptions): World {
  const builds = buildsOf(scenario)
  const buildOf = (version: string | null) => builds.get(version ?? '') ?? HEALTHY
  const disturbances = faults(clock)
  const counted = counting()
  const rate = rateOf(scenario)
  const random = randomFrom(scenario.seed)
  const deps = { now: () => clock.now(), random, rate: rate.at, faults: disturbances, buildOf }
  const all = new Map(components.map(({ name }, network) => [name, component({ ...deps, network })]))
  const messages: Message[] = []
  const settle = () => all.forEach((each) => each.settle())
  return {
    faults: disturbances,
    components: all,
    messages,
    settle,
    ...changing(builds, all, settle),
    adapters: adaptersOf({ components: all, faults: disturbances, buildOf, gates: scenario.gates, messages }),
    open() {
      settle()
      counted.begin(totalsOf(all))
      rate.begin()
    },
    totals: () => counted.since(totalsOf(all)),
  }
}

/** Until the scenario begins there are users enough to bring live what serves then; afterwards those it tells of. */
function rateOf(scenario: Scenario): { readonly at: (at: Instant) => number; readonly begin: () => void } {
  const traffic = trafficOf(scenario)
  let hasBegun = false
  return {
    at: (at) => (hasBegun ? traffic(at) : BEFORE_RATE),
    begin: () => {
      hasBegun = true
    },
  }
}

const NOBODY: Totals = { requests: 0, bad: 0, lost: 0, maintenance: 0 }

function totalsOf(all: ReadonlyMap<string, Component>): Totals {
  return [...all.values()].map(({ users }) => users.totals).reduce(plus, NOBODY)
}

function counting() {
  let before = NOBODY
  return {
    begin: (totals: Totals) => {
      before = totals
    },
    since: (totals: Totals) => plus(totals, scaled(before, -1)),
  }
}

function plus(left: Totals, right: Totals): Totals {
  return {
    requests: left.requests + right.requests,
    bad: left.bad + right.bad,
    lost: left.lost + right.lost,
    maintenance: left.maintenance + right.maintenance,
  }
}

function scaled({ requests, bad, lost, maintenance }: Totals, by: number): Totals {
  return { requests: requests * by, bad: bad * by, lost: lost * by, maintenance: maintenance * by }
}

const HEALTHY = Build.parse({})
const MOMENTARY = ['crash', 'gone', 'from', 'for'] as const

/** Builds change for all instances of a version, those that stand and those that come. */
function changing(builds: Map<string, Behaviour>, all: ReadonlyMap<string, Component>, settle: () => void) {
  const saved = new Map<Change, Partial<Behaviour>>()
  const become = (version: string, behaviour: Partial<Behaviour>) => {
    settle()
    const whole = { ...(builds.get(version) ?? HEALTHY), ...behaviour }
    builds.set(version, whole)
    eachSlotOf(version, all, (slots, slot) => slots.change(slot, instancesOf(whole)))
    settle()
  }
  return {
    begin(version: string, change: Change): void {
      const behaviour = Object.fromEntries(
        Object.entries(change).filter(
          ([key, value]) => value !== undefined && !(MOMENTARY as readonly string[]).includes(key),
        ),
      ) as Partial<Behaviour>
      const now = builds.get(version) ?? HEALTHY
      const keys = Object.keys(behaviour) as (keyof Behaviour)[]
      saved.set(change, Object.fromEntries(keys.map((key) => [key, now[key]])))
      become(version, behaviour)
      if (change.crash) eachSlotOf(version, all, (slots, slot) => slots.peek(slot).running > 0 && slots.crash(slot))
      if (change.gone) eachSlotOf(version, all, (slots, slot) => slots.vanish(slot))
      settle()
    },
    end: (version: string, change: Change): void => become(version, saved.get(change) ?? {}),
  }
}

type Slots = Component['slots']

function eachSlotOf(
  version: string,
  all: ReadonlyMap<string, Component>,
  act: (slots: Slots, slot: (typeof SLOTS)[number]) => unknown,
): void {
  for (const { slots } of all.values()) {
    for (const slot of SLOTS) if (slots.peek(slot).version === version) act(slots, slot)
  }
}
