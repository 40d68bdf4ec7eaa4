/**
 * Numbers of the service's own, in a world that knows nothing of them: each is what its rule calls good, so that a rehearsal
 * shows what the rest of the plan does. What a service really answers, only its own metrics source can say.
 */
import type { OwnDemand, OwnRule } from '../../core/analysis/own/rule.ts'
import type { MetricsSource } from '../../ports/metrics-source.ts'

export function withOwn(source: MetricsSource, rules: readonly OwnRule[]): MetricsSource {
  const own = Object.fromEntries(
    rules.map(({ id, demand }) => {
      const answer = { value: good(demand) }
      return [id, { blue: answer, green: answer }]
    }),
  )
  return {
    ...source,
    collect: async (signal, _queries, segments) => {
      const collected = await source.collect(signal, [], segments)
      return collected.ok ? { ok: true, value: { ...collected.value, own } } : collected
    },
  }
}

function good(demand: OwnDemand): number {
  if (demand.kind !== 'limit') return 1
  const { max, min, trigger } = demand
  const upper = Math.min(max ?? Infinity, trigger?.when === 'above' ? trigger.limit : Infinity)
  const lower = Math.max(min ?? -Infinity, trigger?.when === 'below' ? trigger.limit : -Infinity)
  if (Number.isFinite(upper) && Number.isFinite(lower)) return (upper + lower) / 2
  return Number.isFinite(upper) ? upper - Math.abs(upper) / 2 : lower + Math.abs(lower)
}
