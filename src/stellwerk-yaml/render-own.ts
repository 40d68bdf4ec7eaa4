import { english } from '../core/say.ts'
import type { OwnLimit, OwnRule } from '../core/analysis/own/rule.ts'
import { allowed, ownText } from '../core/analysis/own/text.ts'
import { durationText } from './duration.ts'

/** `at most 5 %; rolled back above 10 % for 5m`. */
export function ownRuleText(rule: OwnRule): string {
  const { demand } = rule
  switch (demand.kind) {
    case 'limit':
      return limitText(rule, demand)
    case 'relative':
      return `${english(allowed(rule, demand))}; rolled back beyond for ${durationText(demand.forMs)}`
    case 'silence':
      return `rolled back when never above 0 for ${durationText(demand.silenceMs)}`
  }
}

function limitText({ unit }: OwnRule, { max, min, trigger }: OwnLimit): string {
  const show = (value: number) => ownText(unit, value)
  return [
    ...(max === null ? [] : [`at most ${show(max)}`]),
    ...(min === null ? [] : [`at least ${show(min)}`]),
    ...(trigger === null
      ? []
      : [`rolled back ${trigger.when} ${show(trigger.limit)} for ${durationText(trigger.forMs)}`]),
  ].join('; ')
}
