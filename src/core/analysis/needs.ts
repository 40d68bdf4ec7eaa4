/** What has to be remembered for a plan's rules. */
import { ownWindowMs } from './own/rule.ts'
import type { LimitRule, Rule } from './rules.ts'
import type { WindowNeeds } from './window.ts'

/** One window per length that some rule names, keeping what the rules of that length need. */
export function windowsOf(rules: readonly Rule[]): readonly WindowNeeds[] {
  const lengths = [...new Set(rules.map(windowMsOf).filter((windowMs) => windowMs !== null))].sort((a, b) => a - b)
  return lengths.map((windowMs) => {
    const looking = rules.filter((rule) => windowMsOf(rule) === windowMs)
    const metrics = looking.filter(({ kind }) => kind !== 'own').map(({ metric }) => metric)
    return {
      windowMs,
      keepsLatency: metrics.some((metric) => metric.startsWith('latency-')),
      keepsPlatform: metrics.some((metric) => ['readiness-flapping', 'memory', 'info-logs'].includes(metric)),
      keepsOwn: looking.filter(({ kind }) => kind === 'own').map(({ id }) => id),
    }
  })
}

/** The window a rule looks at, ms; null for one that only looks at the step. */
export function windowMsOf(rule: Rule): number | null {
  switch (rule.kind) {
    case 'limit':
      return rule.trigger?.forMs ?? null
    case 'relative':
      return rule.forMs
    case 'silence':
      return rule.silenceMs
    case 'sequential':
      return null
    case 'own':
      return ownWindowMs(rule)
  }
}

/** Every latency that a limit names, ascending: requests slower than each are counted exactly. */
export function slowLimits(rules: readonly Rule[]): readonly number[] {
  const limits = rules
    .filter((rule): rule is LimitRule => rule.kind === 'limit' && rule.metric.startsWith('latency-'))
    .flatMap(({ max, trigger }) => [max, trigger?.above ?? null])
    .filter((limit) => limit !== null)
  return [...new Set(limits)].sort((a, b) => a - b)
}
