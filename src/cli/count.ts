import { say, verbatim } from '../core/say.ts'
import { usageError } from './verb.ts'

/** How many rows or lines to show, from 1 to `max`. Throws a usage error that names the option. */
export function parseCount(text: string, option: string, max: number): number {
  const count = Number(text)
  if (/^\d+$/.test(text) && count >= 1 && count <= max) return count
  throw usageError(
    say`${option} "${text}" is not a number of lines`,
    say`it must be from 1 to ${max}`,
    verbatim(`${option} ${Math.min(max, 100)}`),
  )
}
