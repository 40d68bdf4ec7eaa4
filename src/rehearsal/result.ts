/** What came out of a rehearsal. */
import { rollouts } from '../core/rollout/aggregate.ts'
import type { Slot } from '../core/observed.ts'
import type { EventData } from '../core/rollout/events.ts'
import { viewOf } from '../core/rollout/view.ts'
import type { Instant } from '../core/time.ts'
import type { RolloutView } from '../core/views.ts'
import { stateOf } from '../engine/streams.ts'
import type { StoredEvent } from '../ports/store.ts'
import type { Desk } from './desk.ts'
import type { House } from './house.ts'
import type { Scenario } from './scenario/schema.ts'
import type { Totals } from './world/users.ts'
import { LIVE_VERSION, type World } from './world/world.ts'

export type RehearsedRelease = {
  readonly version: string
  readonly view: RolloutView
  readonly endedAt: Instant
  /** From its first users until the decision to take it back, ms; null where either never was. */
  readonly decidedMs: number | null
  /** From the decision to roll back until traffic was seen back, ms; null without a rollback of traffic. */
  readonly trafficBackMs: number | null
  readonly events: readonly StoredEvent[]
}

export type Rehearsal = {
  readonly scenario: Scenario
  readonly startedAt: Instant
  readonly endedAt: Instant
  /** In the order in which they were asked for. */
  readonly releases: readonly RehearsedRelease[]
  /** Every event since the start, in the order of the log. */
  readonly events: readonly StoredEvent[]
  readonly users: Totals
  /** What routers have in force and what stands behind them: `v1`, `maintenance`, or `v1 90 %, v2 10 %`. */
  readonly serves: string
  /** The same of each component; of one without a router, the version that runs; `nothing` where it is not there. */
  readonly components: Readonly<Record<string, string>>
  /** Every moment at which two releases took jobs beside each other, as a sentence. */
  readonly generations: readonly string[]
  /** Instances started beyond the first start of each release. */
  readonly recreated: number
}

export type Played = {
  readonly scenario: Scenario
  readonly startedAt: Instant
  readonly endedAt: Instant
  readonly house: House
  readonly world: World
  readonly desk: Desk
  /** Events of the log before the scenario began. */
  readonly logBefore: number
}

export async function resultOf(played: Played): Promise<Rehearsal> {
  const { scenario, startedAt, endedAt, house, world, desk, logBefore } = played
  const asked = [...desk.rollouts].filter(([version]) => scenario.live === 'nothing' || version !== LIVE_VERSION)
  const releases = await Promise.all(asked.map(([version, id]) => releaseOf(house, { version, id, now: endedAt })))
  const events = await house.store.readAll(logBefore, Number.MAX_SAFE_INTEGER)
  return {
    scenario,
    startedAt,
    endedAt,
    releases,
    events,
    users: world.totals(),
    serves: servesNow(world),
    components: Object.fromEntries([...world.components].map(([name, each]) => [name, each.serves() ?? 'nothing'])),
    generations: world.generations(),
    recreated: [...world.components.values()].reduce((sum, component) => sum + component.recreated(), 0),
  }
}

type Asked = { readonly version: string; readonly id: string; readonly now: Instant }

async function releaseOf({ store }: House, { version, id, now }: Asked): Promise<RehearsedRelease> {
  const row = await store.row(id)
  const state = row && stateOf(rollouts, row)
  if (!state) throw new Error(`the rollout of ${version} left no state`)
  const events = await store.read(id)
  const back = events.find(({ type }) => type === 'RolledBack')?.data as
    | { readonly trafficBackMs: number | null }
    | undefined
  const endedAt = state.ending?.at ?? events.find(({ type }) => type === 'Finalized')?.at ?? state.lastAt
  return {
    version,
    view: viewOf(state, now),
    endedAt,
    decidedMs: decidedAfter(events, state.candidateSlot),
    trafficBackMs: back?.trafficBackMs ?? null,
    events,
  }
}

function decidedAfter(events: readonly StoredEvent[], candidate: Slot): number | null {
  const first = events.find(
    ({ type, data }) =>
      type === 'RouteObserved' && (data as EventData<'RouteObserved'>).observed.weights[candidate] > 0,
  )
  const decided = events.find(({ type }) => type === 'RollbackTriggered')
  return first && decided && decided.at >= first.at ? decided.at - first.at : null
}

/** Of the component that differs, should they differ; a worker has no users. */
function servesNow({ components }: World): string {
  const routed = [...components.values()].flatMap((each) => each.routed() ?? [])
  return [...new Set(routed)].join('; ') || 'nothing'
}
