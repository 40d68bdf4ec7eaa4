/** Turning a wish into a recorded command: once, with a deadline, and with growing pauses after failures. */
import { canonicalJson, sameJson } from '../json.ts'
import { after, type Instant } from '../time.ts'
import type { Command } from './commands.ts'
import type { RolloutEvent } from './events.ts'
import type { RolloutState } from './state.ts'

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 10_000
const SLOW: readonly Command['type'][] = ['RunSmoke', 'CheckGate', 'Migrate', 'Damp', 'StopSlot', 'EnsureSlot']
/** Each route of a message is tried for about that long before it becomes a dead letter: longer than a channel is down for. */
const NOTIFY_LIMIT_MS = 24 * 3_600_000

/**
 * Two commands with one identity wish the same: the second is not issued while the first is under way, and pauses grow over
 * both. A look is a look, whether it asks for counts or not: what refuses one refuses the other.
 */
export function commandIdentity(command: Command): string {
  return command.type === 'Observe' ? LOOK : canonicalJson(command)
}

export const LOOK = canonicalJson({ type: 'Observe' })

export function isEmpty(record: object): boolean {
  for (const _ in record) return false
  return true
}

/** The event that issues `command`, or nothing while the same wish is already pending. */
export function issue(state: RolloutState, command: Command, now: Instant): readonly RolloutEvent[] {
  const pending = state.pending.some((each) => sameJson(each.command, command))
  if (pending) return []
  const failed = isEmpty(state.failures) ? 0 : (state.failures[commandIdentity(command)]?.count ?? 0)
  return [issueAt(state, command, { due: after(now, pauseAfter(failed)), attempt: failed + 1 })]
}

export function issueAt(state: RolloutState, command: Command, when: { due: Instant; attempt: number }): RolloutEvent {
  return { type: 'CommandIssued', data: { command, ...when, deadline: after(when.due, limitOf(state, command)) } }
}

/** 0, 250, 500, 1000 … 10 000 ms after 0, 1, 2, 3 … failures in a row. */
export function pauseAfter(failures: number): number {
  return failures === 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS)
}

function limitOf(state: RolloutState, command: Command): number {
  if (command.type === 'Notify') return NOTIFY_LIMIT_MS
  const { slowCommandLimitMs, commandLimitMs } = state.plan.timings
  // A request that may wait longer by its own word is not cut short by the order that it is part of.
  if (command.type === 'RunSmoke') return longestWait(state.plan, slowCommandLimitMs)
  return SLOW.includes(command.type) ? slowCommandLimitMs : commandLimitMs
}

/** Each request of a suite may wait in turn; the step's own deadline bounds them all. */
function longestWait({ smoke, timings }: RolloutState['plan'], slowMs: number): number {
  const all = smoke.reduce((sum, { timeoutMs }) => sum + timeoutMs, 0)
  return smoke.some(({ timeoutMs }) => timeoutMs >= slowMs)
    ? Math.max(slowMs, Math.min(all, timings.smokeLimitMs))
    : slowMs
}
