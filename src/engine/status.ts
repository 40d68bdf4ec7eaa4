/** What serves now: routers and platforms are looked at for every answer, so that it is the truth and not a memory (L10). */
import { type Alarm, alarm } from '../core/alarm.ts'
import { quote, say, verbatim } from '../core/say.ts'
import { rollouts } from '../core/rollout/aggregate.ts'
import { evolve } from '../core/rollout/evolve.ts'
import { namedPart } from '../core/rollout/no-data.ts'
import { alarmed, serving } from '../core/rollout/serving.ts'
import { liveComponents, type RolloutState } from '../core/rollout/state.ts'
import { viewOf } from '../core/rollout/view.ts'
import { unwellAlarms } from '../core/rollout/unwell.ts'
import { leftoverView, leftovers } from '../core/rollout/leftovers.ts'
import type { EnvironmentView, LeftoverView, RolloutView, ServingView } from '../core/views.ts'
import { type EnvironmentRow, StoreUnavailableError } from '../ports/store.ts'
import { openIncidents } from './incidents.ts'
import { alsoThere, notDriven, notDrivenAlarms } from './not-driven.ts'
import { deadLetterAlarms } from './notifications.ts'
import { observeWorld } from './observe.ts'
import type { Outside } from './running.ts'
import { otherPlaces, placesOf } from './places.ts'
import { environmentFacts } from './environment-row.ts'
import type { Engine } from './running.ts'
import { stateFrom } from './streams.ts'
import { timeLimit } from '../timers.ts'

const LOOK_LIMIT_MS = 3000

/** `troubles`: what this process fails to drive. */
export type Watched = Outside & { readonly engine: Pick<Engine, 'troubles'>; readonly ownAlarm?: () => Alarm | null }
type Filter = { readonly service?: string; readonly environment?: string }

export async function statusOf(outside: Watched, filter: Filter): Promise<readonly EnvironmentView[]> {
  const rows = await outside.store.environments()
  const wanted = rows.filter(
    ({ service, environment }) =>
      (filter.service ?? service) === service && (filter.environment ?? environment) === environment,
  )
  const [undelivered, stuck, incidents] = await Promise.all([
    deadLetterAlarms(outside.store),
    notDrivenAlarms(outside),
    openIncidents(outside.store),
  ])
  return Promise.all(
    wanted.map(async (row) => {
      const view = await environmentView(outside, row)
      const also = alsoThere(stuck, row, view.alarms)
      const alarms = [...view.alarms, ...also, ...undelivered(row.service, row.environment)]
      return { ...view, alarms, incidents: incidents.filter((each) => isSamePlace(each, row)) }
    }),
  )
}

type Place = { readonly service: string; readonly environment: string }

function isSamePlace(left: Place, right: Place): boolean {
  return left.service === right.service && left.environment === right.environment
}

type SeenThere = Omit<EnvironmentView, 'incidents'>

async function environmentView(outside: Watched, row: EnvironmentRow): Promise<SeenThere> {
  const { stable } = environmentFacts(row)
  const [held, stood] = await Promise.all([loaded(outside, row.holder), loaded(outside, stable?.rollout)])
  const shown = held.state ?? stood.state
  const looked = shown && (await seenNow(outside, row, { shown, standing: stood.state }))
  const fresh = looked && withDoubts(looked, outside.store.doubts())
  const seen = fresh && viewOf(fresh.state, outside.clock.now())
  const stuck = [ownAlarm(outside), held.stuck, stood.stuck].filter((alarm) => alarm !== null)
  const unwell = standingAlarms(held.state, stood.state, fresh?.state ?? null)
  const found = fresh ? { serving: fresh.serving, leftovers: fresh.leftovers } : NOTHING_SEEN
  const { service, environment, queue } = row
  return {
    service,
    environment,
    queue,
    stable: stable && { rollout: stable.rollout, version: stable.version, since: stood.state?.lastAt ?? null },
    holder: held.state && seen && { ...seen, serving: fresh.serving, alarms: [...stuck, ...seen.alarms] },
    ...found,
    alarms: [...stuck, ...unwell, ...alarmsIn(seen)],
  }
}

/** Of what is in force: as it was just seen, or as it was last seen where a rollout holds the environment. */
function standingAlarms(held: RolloutState | null, stood: RolloutState | null, fresh: RolloutState | null) {
  return unwellAlarms((held === null ? fresh : stood) ?? NOTHING_UNWELL)
}

function alarmsIn(view: RolloutView | null): readonly Alarm[] {
  return view?.alarms ?? []
}

const NOTHING_UNWELL = { unwell: null }
const NOTHING_SEEN = { serving: [], leftovers: [] }

function ownAlarm(outside: Watched): Alarm | null {
  return outside.ownAlarm?.() ?? null
}

type Found = { readonly state: RolloutState | null; readonly stuck: Alarm | null }

/** One that cannot even be read, or shown, is an alarm, and hides nothing else. */
export async function loaded({ store, engine, clock }: Watched, id: string | null | undefined): Promise<Found> {
  const row = id ? await store.row(id) : null
  if (!row) return { state: null, stuck: null }
  const now = clock.now()
  const trouble = engine.troubles.of(row.stream)
  try {
    const state = await stateFrom(rollouts, store, row)
    if (state !== null) viewOf(state, now)
    return { state, stuck: notDriven(row, trouble, now) }
  } catch (error) {
    if (error instanceof StoreUnavailableError) throw error
    const why = say`Stellwerk cannot read it: ${quote(error instanceof Error ? error.message : String(error))}`
    const about = { kind: 'not-driven', since: trouble?.since ?? now } as const
    return { state: null, stuck: alarm(about, { what: verbatim(row.stream), why }) }
  }
}

/** Nothing advances while the log cannot be trusted: whoever looks at the status has to see that first. */
function withDoubts(fresh: Fresh, doubts: string | null): Fresh {
  if (doubts === null) return fresh
  const said = say`the log cannot be trusted, nothing advances: ${quote(doubts)}`
  return { ...fresh, serving: fresh.serving.map((each) => alarmed(each, [said], true)) }
}

type Fresh = {
  readonly state: RolloutState
  readonly serving: readonly ServingView[]
  readonly leftovers: readonly LeftoverView[]
}
/** What is under way, or else serves; and what serves. */
type Rollouts = { readonly shown: RolloutState; readonly standing: RolloutState | null }

async function seenNow(
  { adapters, clock, store }: Outside,
  row: EnvironmentRow,
  { shown: state, standing }: Rollouts,
): Promise<Fresh> {
  const signal = timeLimit(LOOK_LIMIT_MS)
  const others = otherPlaces(await placesOf(store, row), state.plan.components, liveComponents(state))
  const look = { metrics: false, signal, clock, limitMs: LOOK_LIMIT_MS }
  const world = await observeWorld(adapters, state, others, look)
  const { at, slots, routes, failures } = world
  const seen = {
    type: 'WorldObserved',
    data: { key: null, slots, routes, failures },
    version: state.version,
    at,
    actor: 'system',
  } as const
  const fresh = evolve(state, seen)
  const unseen = failures.map(
    ({ what, message }) => say`${namedPart(fresh, what)} could not be observed: ${quote(message)}`,
  )
  const shown = serving(fresh).map((each) => alarmed(each, unseen))
  const known = standing === null || standing.id === state.id ? [fresh] : [fresh, standing]
  const left = leftovers(known, world).map((each) => leftoverView(each, state))
  return { state: fresh, serving: shown, leftovers: left }
}
