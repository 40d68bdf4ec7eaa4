/** The simulated world of one rehearsal: components, builds that change, and the adapters through which the engine meets it. */
import type { Message } from '../../core/rollout/message.ts'
import type { Slot } from '../../core/observed.ts'
import type { Adapters } from '../../ports/adapters.ts'
import type { Instant } from '../../core/time.ts'
import type { Clock } from '../../ports/clock.ts'
import { randomFrom } from '../../testing/fake-metrics.ts'
import { type Behaviour, Build, type Change } from '../scenario/build.ts'
import type { Scenario } from '../scenario/schema.ts'
import { adaptersOf } from './adapters.ts'
import { component, type Component, type ComponentDeps, instancesOf, slotNow } from './component.ts'
import { type Faults, faults } from './faults.ts'
import { routeShares } from './routes.ts'
import { trafficOf } from './traffic.ts'
import type { SlotNow, Totals } from './users.ts'

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
  /** Every moment at which two releases took jobs beside each other, as a sentence. */
  readonly generations: () => readonly string[]
  /** All components together, since `open`. */
  totals(): Totals
}

export type WorldOptions = {
  readonly clock: Clock
  readonly scenario: Scenario
  /** Every component that any of its releases has. */
  readonly components: readonly string[]
}

/** Version of what serves before the first release. */
export const LIVE_VERSION = 'v1'

function buildsOf({ releases, live }: Scenario): Map<string, Behaviour> {
  const builds = new Map(releases.map(({ version, build }) => [version, build]))
  return live === 'nothing' ? builds : builds.set(LIVE_VERSION, live.build)
}

/** What a scenario says of one component of a release goes before what it says of the release. */
function ownBuildsOf({ releases, live }: Scenario): (name: string, version: string) => Partial<Behaviour> {
  const sets = new Map(releases.map(({ version, components }) => [version, components]))
  if (live !== 'nothing') sets.set(LIVE_VERSION, live.components)
  return (name, version) => {
    const own = sets.get(version)?.[name]
    return own === undefined || own === 'none' ? {} : (own.build as Partial<Behaviour>)
  }
}

/** Until the scenario begins there are users enough for what serves now to be released. */
const BEFORE_RATE = 50
const SLOTS = ['blue', 'green'] as const

export function simulatedWorld({ clock, scenario, components }: WorldOptions): World {
  const builds = buildsOf(scenario)
  const ownBuild = ownBuildsOf(scenario)
  const buildOf: BuildOf = (name, version) => ({
    ...(builds.get(version ?? '') ?? HEALTHY),
    ...ownBuild(name, version ?? ''),
  })
  const disturbances = faults(clock)
  const counted = counting()
  const rate = rateOf(scenario)
  const users = { random: randomFrom(scenario.seed), rate: rate.at, routes: routeShares(scenario.traffic.routes) }
  const shared = { now: () => clock.now(), ...users, faults: disturbances }
  const { all, settle, generations } = standUp(components, { ...shared, buildOf })
  const messages: Message[] = []
  return {
    faults: disturbances,
    components: all,
    messages,
    settle,
    generations,
    ...changing({ builds, buildOf, all, settle }),
    adapters: adaptersOf({ components: all, faults: disturbances, buildOf, gates: scenario.gates, messages }),
    open() {
      settle()
      counted.begin(totalsOf(all))
      rate.begin()
    },
    totals: () => counted.since(totalsOf(all)),
  }
}

type Shared = Pick<ComponentDeps, 'now' | 'random' | 'rate' | 'routes' | 'faults'> & { readonly buildOf: BuildOf }

/** Components that know of each other: by address, by what a route leads to, by who takes jobs. */
function standUp(names: readonly string[], { buildOf, ...shared }: Shared) {
  const jobs = watchJobs()
  const all = new Map<string, Component>()
  const settle = () => {
    all.forEach((each) => each.settle())
    jobs.look(all)
  }
  const behind: ComponentDeps['behind'] = (slot, upstreams) => standing(all, { slot, upstreams, buildOf })
  for (const [network, name] of names.entries()) {
    const takesOver = (address: string) => all.forEach((each, other) => other === name || each.leave(address))
    const own = (version: string | null) => buildOf(name, version)
    all.set(name, component({ ...shared, buildOf: own, network, settle, takesOver, behind }))
  }
  return { all, settle, generations: () => jobs.beside }
}

type BuildOf = (name: string, version: string | null) => Behaviour
type Led = { readonly slot: Slot; readonly upstreams: readonly string[]; readonly buildOf: BuildOf }

/** A route may lead to a component of another name: that of the previous release at its address. */
function standing(all: ReadonlyMap<string, Component>, { slot, upstreams, buildOf }: Led): SlotNow | null {
  const [first] = upstreams
  if (first === undefined) return null
  for (const [name, { slots }] of all) {
    const now = slotNow(slots, slot, (version) => buildOf(name, version))
    if (now.seen.upstreams.includes(first)) return now
  }
  return null
}

/** Two releases whose instances take jobs at one moment: what no router leads to works as soon as it runs (R-D16). */
function watchJobs() {
  const beside: string[] = []
  return {
    beside,
    look(all: ReadonlyMap<string, Component>): void {
      const releases = [...new Set([...all.values()].flatMap((each) => each.jobs()))].toSorted()
      const text = `${releases.join(' and ')} took jobs beside each other`
      if (releases.length > 1 && !beside.includes(text)) beside.push(text)
    },
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

type Changing = {
  readonly builds: Map<string, Behaviour>
  readonly buildOf: BuildOf
  readonly all: ReadonlyMap<string, Component>
  readonly settle: () => void
}

/** Builds change for all instances of a version, those that stand and those that come. */
function changing({ builds, buildOf, all, settle }: Changing) {
  const saved = new Map<Change, Partial<Behaviour>>()
  const become = (version: string, behaviour: Partial<Behaviour>) => {
    settle()
    builds.set(version, { ...(builds.get(version) ?? HEALTHY), ...behaviour })
    eachSlotOf(version, all, (slots, slot, name) => slots.change(slot, instancesOf(buildOf(name, version))))
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
  act: (slots: Slots, slot: (typeof SLOTS)[number], name: string) => unknown,
): void {
  for (const [name, { slots }] of all) {
    for (const slot of SLOTS) if (slots.peek(slot).version === version) act(slots, slot, name)
  }
}
