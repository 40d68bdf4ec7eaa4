import type { OwnDemand, OwnRule, OwnUnit } from '../core/analysis/own/rule.ts'
import type { OwnMetric } from './own-metric.ts'
import { isPerSlot } from './own-query.ts'
import { type Quantity, quantityIn } from './quantity.ts'

/** Of an entry without problems: exactly one rule, its limits in one unit. */
export function ownRule(entry: OwnMetric, id: string): OwnRule {
  const { metric, query, component = null, maxAge = null } = entry
  const perSlot = isPerSlot(query)
  return {
    kind: 'own',
    id,
    metric,
    query,
    perSlot,
    unit: unitOf(entry),
    component,
    maxAgeMs: maxAge,
    demand: demandOf(entry),
  }
}

export function ownName({ metric, relativeTo, silence }: OwnMetric): string {
  if (silence !== undefined) return `${metric} silence`
  return relativeTo === undefined ? metric : `${metric} to ${relativeTo}`
}

/** As it is said, or as the first of its limits is written. */
export function unitOf(entry: OwnMetric): OwnUnit {
  return entry.unit ?? quantities(entry).find(({ unit }) => unit !== 'number')?.unit ?? 'number'
}

export function quantities({ max, min, trigger, slack }: OwnMetric): readonly Quantity[] {
  return [max, min, trigger?.above, trigger?.below, slack].filter((each) => each !== undefined)
}

function demandOf(entry: OwnMetric): OwnDemand {
  const { silence, relativeTo, margin = 0, worse = 'higher', for: forMs = 0 } = entry
  const read = (quantity: Quantity | undefined) => (quantity === undefined ? null : quantityIn(unitOf(entry), quantity))
  if (silence !== undefined) return { kind: 'silence', silenceMs: silence }
  if (relativeTo !== undefined) {
    return { kind: 'relative', to: relativeTo, margin, slack: read(entry.slack) ?? 0, worse, forMs }
  }
  return { kind: 'limit', max: read(entry.max), min: read(entry.min), trigger: triggerOf(entry.trigger, read) }
}

function triggerOf(trigger: OwnMetric['trigger'], read: (quantity: Quantity | undefined) => number | null) {
  if (trigger === undefined) return null
  const { above, below, for: forMs } = trigger
  const when = above === undefined ? ('below' as const) : ('above' as const)
  return { when, limit: read(above ?? below) ?? Number.NaN, forMs }
}
