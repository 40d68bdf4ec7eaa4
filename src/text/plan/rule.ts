/** What a rule demands, in words. Limits stand as they were written, never rounded: they are what is approved. */
import type { OwnLimit, OwnRule } from '../../core/analysis/own/rule.ts'
import { allowed, ownText, WHEN } from '../../core/analysis/own/text.ts'
import type { LimitRule, Rule } from '../../core/analysis/rules.ts'
import { exactPercent, sizeText } from '../../core/analysis/text.ts'
import { listed, say, type Sentence } from '../../core/say.ts'
import { durationText } from '../../core/time.ts'

/** `at most 1 %; rolled back above 2 % for 5m`. */
export function ruleSentence(rule: Rule): Sentence {
  switch (rule.kind) {
    case 'silence':
      return say`rolled back when nothing is logged for ${durationText(rule.silenceMs)}`
    case 'own':
      return ownSentence(rule)
    case 'relative':
      return say`rolled back when more than ${exactPercent(rule.margin)} above ${
        rule.to === 'live' ? say`live` : say`live before the first shift`
      } for ${durationText(rule.forMs)}`
    case 'sequential': {
      const { metric, tolerance, limit } = rule
      return say`rolled back when worse than live by more than ${exactPercent(tolerance)}, or than ${valueText(metric, limit)}, beyond chance`
    }
    case 'limit':
      return limitSentence(rule)
  }
}

function limitSentence({ metric, max, trigger }: LimitRule): Sentence {
  return listed([
    ...(max === null ? [] : [say`at most ${valueText(metric, max)}`]),
    ...(trigger === null
      ? []
      : [say`rolled back ${WHEN.above} ${valueText(metric, trigger.above)} for ${durationText(trigger.forMs)}`]),
  ])
}

function valueText(metric: LimitRule['metric'], value: number): string {
  if (metric === 'memory') return sizeText(value)
  return metric.startsWith('latency') ? durationText(value) : exactPercent(value)
}

function ownSentence(rule: OwnRule): Sentence {
  const { demand } = rule
  switch (demand.kind) {
    case 'limit':
      return ownLimit(rule, demand)
    case 'relative':
      return say`${allowed(rule, demand)}; rolled back beyond for ${durationText(demand.forMs)}`
    case 'silence':
      return say`rolled back when never above 0 for ${durationText(demand.silenceMs)}`
  }
}

function ownLimit({ unit }: OwnRule, { max, min, trigger }: OwnLimit): Sentence {
  const show = (value: number) => ownText(unit, value)
  return listed([
    ...(max === null ? [] : [say`at most ${show(max)}`]),
    ...(min === null ? [] : [say`at least ${show(min)}`]),
    ...(trigger === null
      ? []
      : [say`rolled back ${WHEN[trigger.when]} ${show(trigger.limit)} for ${durationText(trigger.forMs)}`]),
  ])
}
