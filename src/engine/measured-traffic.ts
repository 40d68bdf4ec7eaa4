/** What users did since the last release, by the counters of the router: what a plan foretells its steps by. */
import { type KnownTraffic, trafficFrom } from '../core/forecast/detectable-effect.ts'
import { difference } from '../core/analysis/difference.ts'
import type { MetricsSnapshot, Slot } from '../core/observed.ts'
import { type Plan, type PlannedComponent, routedComponents } from '../core/plan.ts'
import type { MeasuredTraffic } from '../core/forecast/plan-forecast.ts'
import type { Counted, RolloutState } from '../core/rollout/state.ts'
import { say } from '../core/say.ts'
import type { Outside } from './running.ts'
import { environmentFacts } from './environment-row.ts'
import { timeLimit } from '../timers.ts'

const LOOK_LIMIT_MS = 2000
/** Less than this says nothing of a usual day. */
const MEASURED_MS_MIN = 10 * 60_000
const MEASURED_REQUESTS_MIN = 1000

/** Empty where nothing serves, where counters began anew since the last release, and where the source does not answer. */
export async function measuredTraffic(
  outside: Outside,
  load: (id: string) => Promise<RolloutState | null>,
  { service, environment }: Pick<Plan, 'service' | 'environment'>,
): Promise<MeasuredTraffic> {
  const rows = await outside.store.environments()
  const row = rows.find((each) => each.service === service && each.environment === environment)
  const stable = row ? environmentFacts(row).stable : null
  const state = stable && (await load(stable.rollout))
  if (!state) return {}
  const looks = routedComponents(state.plan).map((part) => lookAt(outside, state, part))
  const seen = (await Promise.all(looks)).filter((look) => look !== null)
  return Object.fromEntries(seen)
}

async function lookAt({ adapters }: Outside, state: RolloutState, part: PlannedComponent) {
  const counted = state.metrics[part.name]
  if (!counted) return null
  try {
    const now = await adapters.metrics(state.plan, part).collect(timeLimit(LOOK_LIMIT_MS))
    const traffic = now.ok ? trafficBetween(counted, now.value) : null
    return traffic && ([part.name, traffic] as const)
  } catch {
    return null
  }
}

export function trafficBetween(counted: Counted, now: MetricsSnapshot): KnownTraffic | null {
  const lastedMs = now.at - counted.at
  if (counted.epoch !== now.epoch || lastedMs < MEASURED_MS_MIN) return null
  const slots = (['blue', 'green'] as const satisfies readonly Slot[]).map((slot) =>
    difference(counted.slots[slot], now.slots[slot], true),
  )
  const requests = slots.reduce((sum, slot) => sum + (slot?.requests ?? Number.NaN), 0)
  const errors = slots.reduce((sum, slot) => sum + (slot?.errors ?? Number.NaN), 0)
  if (!(requests >= MEASURED_REQUESTS_MIN) || errors >= requests) return null
  const since = new Date(counted.at).toISOString().slice(0, 16).replace('T', ' ')
  const requestsPerSecond = Number(((requests * 1000) / lastedMs).toPrecision(2))
  const errorRate = Number((errors / requests).toPrecision(2))
  return trafficFrom({ requestsPerSecond, errorRate }, say`measured since ${since} UTC`)
}
