/**
 * One rehearsal: the real core and engine in a simulated world, the clock jumping from what is due to what is due next, until
 * every release of the scenario has ended.
 */
import { rollouts } from '../core/rollout/aggregate.ts'
import { forwardKind } from '../core/rollout/steps/index.ts'
import { currentStep, isFinal, type RolloutState } from '../core/rollout/state.ts'
import { phaseOf } from '../core/rollout/view.ts'
import { after, earliest, instant, type Instant } from '../core/time.ts'
import type { PlannedRollout } from '../engine/control-plane.ts'
import { stateOf } from '../engine/streams.ts'
import type { Store } from '../ports/store.ts'
import { type VirtualClock, virtualClock } from '../testing/virtual-clock.ts'
import { type Desk, openDesk } from './desk.ts'
import { type House, rehearsalHouse } from './house.ts'
import { type Moments, moments } from './moments.ts'
import { quickPlan, rehearsedPlan } from './plans.ts'
import { type Rehearsal, resultOf } from './result.ts'
import type { Scenario } from './scenario/schema.ts'
import { localInstant } from './scenario/zone.ts'
import { setScene } from './script.ts'
import { LIVE_VERSION, simulatedWorld } from './world/world.ts'

export type RehearsalOptions = {
  readonly scenario: Scenario
  /** The spec, compiled for a version as `deploy` of it would be. */
  readonly planned: (version: string) => PlannedRollout
  /** Looks at what is kept, when everything has ended. */
  readonly atEnd?: (store: Store) => Promise<void>
}

/** What serves when the scenario begins is released within this time before it. */
const BEFORE_MS = 3_600_000
/** More moments than months have at a tick of 5 s; reaching it is an error of ours. */
const TURNS_MAX = 5_000_000

export async function rehearse({ scenario, planned, atEnd }: RehearsalOptions): Promise<Rehearsal> {
  const startedAt = localInstant(scenario.start.at, scenario.start.zone)
  const clock = virtualClock(instant(startedAt - BEFORE_MS), 1)
  const world = simulatedWorld({ clock, scenario, components: namesIn(scenario, planned) })
  const door = openDesk((version) => {
    const one = planned(version)
    const isBefore = version === LIVE_VERSION && scenario.live !== 'nothing'
    return { ...one, plan: isBefore ? quickPlan(one.plan) : rehearsedPlan(one.plan, scenario) }
  })
  const house = rehearsalHouse({ clock, adapters: world.adapters, planned: door.next })
  await house.start()
  const desk = door.at(house)
  if (scenario.live !== 'nothing') await standLive({ clock, house, desk })
  await clock.advanceTo(startedAt)
  const logBefore = await house.store.size()
  world.open()
  const scene = moments(clock, startedAt)
  setScene({ scenario, clock, house, world, moments: scene, desk })
  const ended = whenWritten(house, desk, async () => {
    await place(house, desk, scene)
    return allEnded(house, desk)
  })
  await drive({ clock, house }, after(startedAt, scenario.limit), async () => (await ended()) && scene.pending() === 0)
  world.settle()
  refuse([...house.failures(), ...scene.failures])
  await atEnd?.(house.store)
  return resultOf({ scenario, startedAt, endedAt: clock.now(), house, world, desk, logBefore })
}

/** Components of what serves before and of every release. */
function namesIn({ releases, live }: Scenario, planned: RehearsalOptions['planned']): readonly string[] {
  const versions = [...(live === 'nothing' ? [] : [LIVE_VERSION]), ...releases.map(({ version }) => version)]
  return [...new Set(versions.flatMap((version) => planned(version).plan.components.map(({ name }) => name)))]
}

type Driven = { readonly clock: VirtualClock; readonly house: House }

/** What serves before the scenario begins is brought live by the same engine. */
async function standLive({ clock, house, desk }: Driven & { readonly desk: Desk }): Promise<void> {
  await desk.request(LIVE_VERSION, { id: 'person:before', roles: [] })
  await drive({ clock, house }, after(clock.now(), BEFORE_MS), () => allEnded(house, desk))
  // What it tells people of its end is still to be delivered, and no part of the scenario.
  house.queue.turn()
  await clock.settle()
  const state = await stateIn(house, desk.rollouts.get(LIVE_VERSION) ?? '')
  if (state?.status === 'finalized') return
  throw new Error(`what serves before the scenario could not be brought live: ${state?.ending?.reason ?? 'no end'}`)
}

/** Jumps from due to due until `isOver`. */
async function drive({ clock, house }: Driven, until: Instant, isOver: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < TURNS_MAX; turn += 1) {
    house.queue.turn()
    await clock.settle()
    refuse(house.failures())
    if (await isOver()) return
    const next = earliest(clock.nextWake(), house.queue.dueAt())
    if (next === null || next > until) throw new Error('no end within the time that the scenario allows (`limit`)')
    await clock.advanceTo(instant(Math.max(next, clock.now())))
  }
  throw new Error(`no end after ${TURNS_MAX} moments`)
}

/** Looks again only after something was written or asked for: between ticks nearly every moment changes nothing. */
function whenWritten<T>({ store }: House, { rollouts }: Desk, look: () => Promise<T>): () => Promise<T> {
  let last: { readonly facts: number; readonly releases: number; readonly seen: T } | null = null
  return async () => {
    const facts = await store.size()
    const releases = rollouts.size
    if (last?.facts !== facts || last.releases !== releases) last = { facts, releases, seen: await look() }
    return last.seen
  }
}

async function stateIn(house: House, id: string): Promise<RolloutState | null> {
  const row = await house.store.row(id)
  return row && stateOf(rollouts, row)
}

async function allEnded(house: House, { rollouts }: Desk): Promise<boolean> {
  for (const id of rollouts.values()) {
    const state = await stateIn(house, id)
    if (!state || !isFinal(state)) return false
  }
  return true
}

/** Tells those who wait for a phase where each release is now. */
async function place(house: House, { rollouts }: Desk, scene: Moments): Promise<void> {
  for (const [version, id] of rollouts) {
    const state = await stateIn(house, id)
    if (!state) continue
    const step = currentStep(state)
    scene.at({ version, phase: phaseOf(state), weight: step && (forwardKind(step).share?.(step) ?? null) })
  }
}

/** An interlock that stopped a rollout, a handler that threw: the result would say nothing about the spec. */
function refuse(failures: readonly unknown[]): void {
  const [first] = failures
  if (first === undefined) return
  throw first instanceof Error ? first : new Error(String(first))
}
