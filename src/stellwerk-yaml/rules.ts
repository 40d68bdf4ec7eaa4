import type { Rule } from '../core/analysis/rules.ts'
import { SEGMENTS_MAX, SEQUENTIAL_DEFAULTS, type Starting } from '../core/analysis/sequential/options.ts'
import type { EnvironmentSpec } from './spec.ts'
import type { AnalysisEntry, MeasuredEntry } from './analysis.ts'
import { segmentsToldBy } from './described.ts'
import { ownName, ownRule } from './own-rules.ts'

/** What a plan says of how a candidate may begin, where anything is compared. */
export function startingOf({ rules, warmUp, patience }: EnvironmentSpec['analysis']): Starting {
  if (!rules.some((entry) => 'compare' in entry && entry.compare !== undefined)) return {}
  return {
    warmUpMs: warmUp ?? SEQUENTIAL_DEFAULTS.warmUpMs,
    patienceMs: patience ?? SEQUENTIAL_DEFAULTS.patienceMs,
  }
}

/** Where anything is compared and the source tells segments; a team that says nothing gets what its source can learn. */
export function segmentsOf({ analysis, metrics }: Pick<EnvironmentSpec, 'analysis' | 'metrics'>): Starting {
  if (startingOf(analysis).warmUpMs === undefined || segmentsToldBy(metrics) === null) return {}
  const { routes: declared = [], learn = SEGMENTS_MAX - declared.length } = analysis.segments ?? {}
  return { segments: { declared, learn } }
}

/** Entries of `analysis.rules` as rules, each with an id of its own: `error-rate`, `error-rate to live`, `error-rate 2`. */
export function analysisRules(entries: readonly AnalysisEntry[]): readonly Rule[] {
  const used = new Map<string, number>()
  return entries.map((entry) => {
    const name = ruleName(entry)
    const count = (used.get(name) ?? 0) + 1
    used.set(name, count)
    return ruleOf(entry, count === 1 ? name : `${name} ${count}`)
  })
}

function ruleName(entry: AnalysisEntry): string {
  if ('query' in entry) return ownName(entry)
  if (entry.metric === 'info-logs') return 'info-logs silence'
  if ('compare' in entry && entry.compare) return `${entry.metric} compared`
  return 'relativeTo' in entry && entry.relativeTo ? `${entry.metric} to ${entry.relativeTo}` : entry.metric
}

function ruleOf(entry: AnalysisEntry, id: string): Rule {
  if ('query' in entry) return ownRule(entry, id)
  if (entry.metric === 'info-logs') return { kind: 'silence', id, metric: entry.metric, silenceMs: entry.silence }
  if ('compare' in entry && entry.compare !== undefined) return sequentialRule(entry, id)
  if ('relativeTo' in entry && entry.relativeTo !== undefined) {
    const { metric, relativeTo: to, margin = 0, for: forMs = 0 } = entry
    return { kind: 'relative', id, metric, to, margin, forMs }
  }
  const { metric, max = null, trigger } = entry
  return { kind: 'limit', id, metric, max, trigger: trigger ? { above: trigger.above, forMs: trigger.for } : null }
}

type Compared = Extract<MeasuredEntry, { compare?: unknown }>

function sequentialRule({ metric, tolerance, max }: Compared, id: string): Rule {
  const { errors, latency } = SEQUENTIAL_DEFAULTS
  const standard = metric === 'error-rate' ? errors : { tolerance: latency.tolerance, limit: latency.slowMs }
  return { kind: 'sequential', id, metric, tolerance: tolerance ?? standard.tolerance, limit: max ?? standard.limit }
}
