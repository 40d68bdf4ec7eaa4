/** Whether the log is trusted, as people have to know it: once when it no longer is, and once when it is again. */
import { foreignLine } from '../foreign-text.ts'
import type { RolloutEvent } from './events.ts'
import type { LogTrust } from './inputs.ts'
import type { RolloutState } from './state.ts'

/** It names what somebody may have written into the database. */
const WHY_MAX = 500

export function trustNews({ doubtedBy = [] }: RolloutState, { host, why }: LogTrust): readonly RolloutEvent[] {
  const isDoubted = doubtedBy.includes(host)
  if (why === null) return isDoubted ? [{ type: 'LogTrusted', data: { host } }] : []
  return isDoubted ? [] : [{ type: 'LogDoubted', data: { host, why: foreignLine(why, WHY_MAX) } }]
}
