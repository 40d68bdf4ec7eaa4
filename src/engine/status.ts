/** What serves now: routers and platforms are looked at for every answer, so that it is the truth and not a memory (L10). */
import { evolve } from '../core/rollout/evolve.ts'
import { serving } from '../core/rollout/serving.ts'
import { liveComponents, type RolloutState } from '../core/rollout/state.ts'
import { viewOf } from '../core/rollout/view.ts'
import { leftovers } from '../core/rollout/leftovers.ts'
import { leftoverView } from '../core/rollout/leftover-view.ts'
import type { EnvironmentView, LeftoverView, ServingView } from '../core/views.ts'
import type { EnvironmentRow } from '../ports/store.ts'
import { observeWorld } from './observe.ts'
import type { Outside } from './perform.ts'
import { otherPlaces, placesOf } from './places.ts'
import { environmentFacts } from './rollouts.ts'

const LOOK_LIMIT_MS = 3000

type Load = (id: string) => Promise<RolloutState | null>
type Filter = { readonly service?: string; readonly environment?: string }

export async function statusOf(outside: Outside, load: Load, filter: Filter): Promise<readonly EnvironmentView[]> {
  const rows = await outside.store.environments()
  const wanted = rows.filter(
    ({ service, environment }) =>
      (filter.service ?? service) === service && (filter.environment ?? environment) === environment,
  )
  return Promise.all(wanted.map((row) => environmentView(outside, load, row)))
}

async function environmentView(outside: Outside, load: Load, row: EnvironmentRow): Promise<EnvironmentView> {
  const { stable } = environmentFacts(row)
  const [holder, standing] = await Promise.all([
    row.holder ? load(row.holder) : null,
    stable ? load(stable.rollout) : null,
  ])
  const shown = holder ?? standing
  const fresh = shown && (await seenNow(outside, row, { shown, standing }))
  const { service, environment, queue } = row
  return {
    service,
    environment,
    queue,
    stable: stable && { rollout: stable.rollout, version: stable.version, since: standing?.lastAt ?? null },
    holder: holder && fresh && { ...viewOf(fresh.state, outside.clock.now()), serving: fresh.serving },
    serving: fresh?.serving ?? [],
    leftovers: fresh?.leftovers ?? [],
  }
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
  const signal = AbortSignal.timeout(LOOK_LIMIT_MS)
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
  const unseen = failures.map(({ what, message }) => `${what} could not be observed: ${message}`)
  const alarmed = serving(fresh).map((each) => ({
    ...each,
    alarm: [each.alarm, ...unseen].filter((text) => text !== null).join('; ') || null,
  }))
  const known = standing === null || standing.id === state.id ? [fresh] : [fresh, standing]
  const left = leftovers(known, world).map((each) => leftoverView(each, state))
  return { state: fresh, serving: alarmed, leftovers: left }
}
