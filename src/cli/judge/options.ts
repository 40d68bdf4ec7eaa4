import { say, verbatim } from '../../core/say.ts'
import { usageError } from '../verb.ts'

export function requestsOption(text: string): number {
  const count = Number(text)
  if (/^\d{1,9}$/.test(text) && count > 0) return count
  throw usageError(
    say`--min-requests "${text}" cannot be read`,
    say`it must be a whole number, 1 or more: no request at all is never enough`,
    verbatim('--min-requests 200'),
  )
}
