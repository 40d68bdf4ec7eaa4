/** Whole numbers that people give on the command line. */
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

/** How many requests a judgement needs. Throws a usage error. */
export function requestsOption(text: string): number {
  const count = Number(text)
  if (/^\d{1,9}$/.test(text) && count > 0) return count
  throw usageError(
    say`--min-requests "${text}" cannot be read`,
    say`it must be a whole number, 1 or more: no request at all is never enough`,
    verbatim('--min-requests 200'),
  )
}
