import { listed, say, type Sentence } from '../../say.ts'
import { formatDuration } from '../../time.ts'
import { percent } from '../text.ts'
import type { OwnComparison, OwnLimit, OwnRule } from './rule.ts'
import { ownText } from './text.ts'

export const WHEN = { above: say`above`, below: say`below` } as const

/** `token-reuse at most 5 % since the step began; rollback above 10 % for 5m`. */
export function expectation(rule: OwnRule): Sentence {
  return say`${rule.metric} ${demanded(rule)}`
}

function demanded(rule: OwnRule): Sentence {
  const { demand } = rule
  switch (demand.kind) {
    case 'limit':
      return listed(limitParts(rule, demand))
    case 'relative':
      return say`${allowed(rule, demand)} for ${formatDuration(demand.forMs)}`
    case 'silence':
      return say`above 0 at least every ${formatDuration(demand.silenceMs)}`
  }
}

function limitParts({ unit }: OwnRule, { max, min, trigger }: OwnLimit): readonly Sentence[] {
  const show = (value: number) => ownText(unit, value)
  return [
    ...(max === null ? [] : [say`at most ${show(max)} since the step began`]),
    ...(min === null ? [] : [say`at least ${show(min)} since the step began`]),
    ...(trigger === null
      ? []
      : [say`rollback ${WHEN[trigger.when]} ${show(trigger.limit)} for ${formatDuration(trigger.forMs)}`]),
  ]
}

/** `at most 20 % above live before the first shift`. */
export function allowed({ unit }: OwnRule, { to, margin, slack, worse }: OwnComparison): Sentence {
  const by = slack === 0 ? percent(margin) : say`${percent(margin)} and ${ownText(unit, slack)}`
  const direction = { higher: WHEN.above, lower: WHEN.below, either: say`above or below` }[worse]
  return say`at most ${by} ${direction} ${to === 'live' ? say`live` : say`what it was before the first shift`}`
}
