/** Own numbers as people read them. */
import { say, type Sentence } from '../../say.ts'
import { bytes, count, latency, percent } from '../text.ts'
import type { OwnUnit } from './rule.ts'

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
