/** When the world is looked at: one look under way at a time, quick while waiting for something, once a tick otherwise. */
import { LOOK } from './commands.ts'
import { rollbackKind, forwardKind } from './steps/index.ts'
import { after, type Instant } from '../time.ts'
import type { RolloutEvent } from './events.ts'
import { issueAt } from './orders.ts'
import { currentRollbackStep, currentStep, isPending, type RolloutState } from './state.ts'

const LONGEST_POLL_MS = 2000

export function looking(state: RolloutState): boolean {
  return looksOf(state) !== 'never'
}

function looksOf(state: RolloutState) {
  const [step, back] = [currentStep(state), currentRollbackStep(state)]
  if (back !== null) return rollbackKind(back).looks
  return step === null ? 'never' : forwardKind(step).looks
}

export function nextLook(state: RolloutState, now: Instant): readonly RolloutEvent[] {
  if (isPending(state, 'Observe')) return []
  const every = looksOf(state) === 'at ticks' ? state.plan.timings.tickMs : Math.round(pollEvery(state, now))
  const due = state.lookedAt === null ? now : (Math.max(now, after(state.lookedAt, every)) as Instant)
  const attempt = (state.failures[LOOK]?.count ?? 0) + 1
  const later = attempt > 1 ? after(now, every) : due
  return [issueAt(state, { type: 'Observe', metrics: metricsDue(state, later) }, { due: later, attempt })]
}

/** Quick at first, then a quarter of the time waited so far, at most 2 s: a slow start does not fill the log. */
function pollEvery(state: RolloutState, now: Instant): number {
  const waited = now - (state.step?.since ?? now)
  return Math.max(state.plan.timings.pollMs, Math.min(waited / 4, LONGEST_POLL_MS))
}

/** Counters are read once a tick, however often slots and routes are looked at. */
function metricsDue(state: RolloutState, at: Instant): boolean {
  const last = Object.values(state.metrics).map((counted) => counted.at)
  if (last.length === 0) return true
  return at - Math.min(...last) >= state.plan.timings.tickMs * 0.9
}
