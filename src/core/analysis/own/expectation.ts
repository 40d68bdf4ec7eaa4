import { formatDuration } from '../../time.ts'
import { percent } from '../text.ts'
import type { OwnComparison, OwnLimit, OwnRule } from './rule.ts'
import { ownText } from './text.ts'

/** `token-reuse at most 5 % since the step began; rollback above 10 % for 5m`. */
export function expectation(rule: OwnRule): string {
  return `${rule.metric} ${demanded(rule)}`
}

function demanded(rule: OwnRule): string {
  const { demand } = rule
  switch (demand.kind) {
    case 'limit':
      return limitParts(rule, demand).join('; ')
    case 'relative':
      return `${allowed(rule, demand)} for ${formatDuration(demand.forMs)}`
    case 'silence':
      return `above 0 at least every ${formatDuration(demand.silenceMs)}`
  }
}

function limitParts({ unit }: OwnRule, { max, min, trigger }: OwnLimit): readonly string[] {
  const show = (value: number) => ownText(unit, value)
  return [
    ...(max === null ? [] : [`at most ${show(max)} since the step began`]),
    ...(min === null ? [] : [`at least ${show(min)} since the step began`]),
    ...(trigger === null
      ? []
      : [`rollback ${trigger.when} ${show(trigger.limit)} for ${formatDuration(trigger.forMs)}`]),
  ]
}

/** `at most 20 % above live before the first shift`. */
export function allowed({ unit }: OwnRule, { to, margin, slack, worse }: OwnComparison): string {
  const by = slack === 0 ? percent(margin) : `${percent(margin)} and ${ownText(unit, slack)}`
  const direction = { higher: 'above', lower: 'below', either: 'above or below' }[worse]
  return `at most ${by} ${direction} ${to === 'live' ? 'live' : 'what it was before the first shift'}`
}
