/** Own numbers as people read them. */
import type { OwnComparison, OwnLimit, OwnRule, OwnUnit } from './rule.ts'
import { bytes, count, latency, percent } from '../text.ts'
import { formatDuration } from '../../time.ts'
import { type Sentence, listed, say } from '../../say.ts'

/** `0.07` as a ratio → `7 %`, `0.25` seconds → `250ms`, `1234.5` → `1 235`. */
export function ownText(unit: OwnUnit, value: number): string {
  const size = Math.abs(value)
  const sign = value < 0 ? '-' : ''
  switch (unit) {
    case 'ratio':
      return sign + percent(size)
    case 'percent':
      return sign + percent(size / 100)
    case 'seconds':
      return sign + latency(size * 1000)
    case 'milliseconds':
      return sign + latency(size)
    case 'bytes':
      return sign + bytes(size)
    case 'number':
      return sign + (size >= 1000 ? count(size) : String(Number(size.toPrecision(4))))
  }
}

/** As `ownText`, with the number as it is where rounding would make it look equal to a limit that it is not equal to. */
export function ownBeside(unit: OwnUnit, value: number, limit: number): string {
  const text = ownText(unit, value)
  return value === limit || text !== ownText(unit, limit) ? text : `${text} (${value})`
}

/** `1 look`, `12 looks`. */
export function looksText(looks: number): Sentence {
  return looks === 1 ? say`1 look` : say`${count(looks)} looks`
}

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
