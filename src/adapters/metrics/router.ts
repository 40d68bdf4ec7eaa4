/** The embedded router's own counts and latencies per slot: the metrics source that needs nothing to be set up. */
import { instant } from '../../core/time.ts'
import type { MetricsSnapshot, SlotCounts } from '../../core/observed.ts'
import type { MetricsSource } from '../../ports/metrics-source.ts'
import { ok, type Result } from '../../ports/result.ts'
import type { SlotMetrics } from '../../router/client.ts'
import { RouterMetricsOptions } from '../../spec/adapter-options.ts'
import { type EmbeddedDeps, reach, refusalOf, routeKey } from '../shared/embedded-router.ts'

export const routerMetrics = {
  kind: 'router',
  options: RouterMetricsOptions,
  create(_options: unknown, deps: EmbeddedDeps): MetricsSource {
    return { name: `router ${routeKey(deps.target)}`, collect: () => collect(deps) }
  },
} as const

async function collect(deps: EmbeddedDeps): Promise<Result<MetricsSnapshot>> {
  const client = await reach(deps)
  if (!client.ok) return client
  const answer = await client.value.metrics(routeKey(deps.target))
  if (!answer.ok) return refusalOf(answer.status, answer.problem)
  const { epoch, at, slots } = answer.value
  return ok({ epoch, at: instant(at), slots: { blue: counts(slots.blue), green: counts(slots.green) } })
}

function counts({ requests, errors, latency, inFlight, waitingOldestMs }: SlotMetrics): SlotCounts {
  return { requests, errors, latency, inFlight, waitingOldestMs }
}
