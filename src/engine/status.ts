/** What serves now: routers and platforms are looked at for every answer, so that it is the truth and not a memory (L10). */
import { evolve } from '../core/rollout/evolve.ts'
import { serving } from '../core/rollout/serving.ts'
import type { RolloutState } from '../core/rollout/state.ts'
import { viewOf } from '../core/rollout/view.ts'
import type { EnvironmentView, ServingView } from '../core/views.ts'
import type { EnvironmentRow } from '../ports/store.ts'
import { observeWorld } from './observe.ts'
import type { Outside } from './perform.ts'
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
  const fresh = shown && withDoubts(await seenNow(outside, shown), outside.store.doubts())
  const { service, environment, queue } = row
  return {
    service,
    environment,
    queue,
    stable: stable && { rollout: stable.rollout, version: stable.version, since: standing?.lastAt ?? null },
    holder: holder && fresh && { ...viewOf(fresh.state, outside.clock.now()), serving: fresh.serving },
    serving: fresh?.serving ?? [],
  }
}

/** Nothing advances while the log cannot be trusted: whoever looks at the status has to see that first. */
function withDoubts(fresh: Fresh, doubts: string | null): Fresh {
  if (doubts === null) return fresh
  const said = `the log cannot be trusted, nothing advances: ${doubts}`
  const serving = fresh.serving.map((each) => ({
    ...each,
    alarm: [said, each.alarm].filter((text) => text !== null).join('; '),
  }))
  return { ...fresh, serving }
}

type Fresh = { readonly state: RolloutState; readonly serving: readonly ServingView[] }

async function seenNow({ adapters, clock }: Outside, state: RolloutState): Promise<Fresh> {
  const signal = AbortSignal.timeout(LOOK_LIMIT_MS)
  const look = { metrics: false, signal, clock, limitMs: LOOK_LIMIT_MS }
  const world = await observeWorld(adapters, state.plan, look)
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
  return { state: fresh, serving: alarmed }
}
