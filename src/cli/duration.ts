import { say } from '../core/say.ts'
import { StellwerkError } from '../errors.ts'

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Ten years, as in stellwerk.yaml: far below what a date can hold. */
const DURATION_MAX_MS = 3650 * 86_400_000

/** `30m` → 1_800_000, `1h30m` → 5_400_000. Throws a usage error that names the option. */
export function parseDuration(text: string, option: string): number {
  const parts = [...text.matchAll(/(\d+)(ms|s|m|h|d)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw new StellwerkError('usage', {
      what: say`${option} "${text}" is not a duration`,
      why: say`it must be a number with a unit: ms, s, m, h or d`,
      fix: say`for example: ${option} 30m`,
    })
  }
  const ms = parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNIT_MS[unit!]!, 0)
  if (ms <= DURATION_MAX_MS) return ms
  throw new StellwerkError('usage', {
    what: say`${option} "${text}" is too long`,
    why: say`a duration is at most 3650d, as in stellwerk.yaml`,
    fix: say`for example: ${option} 365d`,
  })
}
