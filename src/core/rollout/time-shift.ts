/**
 * Clocks jump, machines sleep, control planes are down for an hour. None of that is a reason to take a release back or to
 * call a hold complete: the waits of a rollout that looks at the world are moved by the time nobody was looking.
 */
import type { Instant } from '../time.ts'
import { nextDue } from './due.ts'
import type { RolloutEvent } from './events.ts'
import { looking } from './looking.ts'
import type { RolloutState } from './state.ts'

/** Smaller differences are ordinary lateness, or two database sessions that disagree by a little. */
const BACKWARDS_MS = 5000
const OVERSLEPT_MS = 30_000

export function timeShift(state: RolloutState, now: Instant): readonly RolloutEvent[] {
  if (now < state.lastAt - BACKWARDS_MS) return shifted(now - state.lastAt, 'the clock went backwards')
  if (!looking(state)) return []
  const due = nextDue(state)
  const late = due === null ? 0 : now - due
  return late > OVERSLEPT_MS ? shifted(late, 'nobody drove this rollout for a while, or the clock jumped') : []
}

function shifted(byMs: number, reason: string): readonly RolloutEvent[] {
  return [{ type: 'TimeShifted', data: { byMs, reason } }]
}
