import type { LimitRule, Rule } from '../core/analysis/rules.ts'
import { durationText } from './duration.ts'
import { ownRuleText } from './render-own.ts'
import { percentageText } from './percentage.ts'
import { sizeText } from './size.ts'

/** `at most 1%; rolled back above 2% for 5m`. */
export function ruleText(rule: Rule): string {
  if (rule.kind === 'silence') return `rolled back when nothing is logged for ${durationText(rule.silenceMs)}`
  if (rule.kind === 'own') return ownRuleText(rule)
  if (rule.kind === 'relative') {
    const other = rule.to === 'live' ? 'live' : 'live before the first shift'
    return `rolled back when more than ${percentageText(rule.margin)} above ${other} for ${durationText(rule.forMs)}`
  }
  if (rule.kind === 'sequential') {
    const { metric, tolerance, limit } = rule
    return `rolled back when worse than live by more than ${percentageText(tolerance)}, or than ${valueText(metric, limit)}, beyond chance`
  }
  const parts = rule.max === null ? [] : [`at most ${valueText(rule.metric, rule.max)}`]
  if (rule.trigger) {
    const { above, forMs } = rule.trigger
    parts.push(`rolled back above ${valueText(rule.metric, above)} for ${durationText(forMs)}`)
  }
  return parts.join('; ')
}

function valueText(metric: LimitRule['metric'], value: number): string {
  if (metric === 'memory') return sizeText(value)
  return metric.startsWith('latency') ? durationText(value) : percentageText(value)
}
