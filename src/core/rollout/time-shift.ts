/**
 * Clocks jump, machines sleep, control planes are down for an hour. None of that is a reason to take a release back or to
 * call a hold complete: the waits of a rollout that looks at the world are moved by the time nobody was looking.
 */
import { english, say, type Sentence } from '../say.ts'
import type { RolloutEvent } from './events.ts'
import { freshAnalysis } from './initial.ts'
import { looking } from './looking.ts'
import { shiftedVisibility } from './no-data.ts'
import { type Instant, after, earliest } from '../time.ts'
import { type RolloutState, type Seen, isPending } from './state.ts'

/** Smaller differences are ordinary lateness, or two database sessions that disagree by a little. */
const BACKWARDS_MS = 5000
const OVERSLEPT_MS = 30_000

export function timeShift(state: RolloutState, now: Instant): readonly RolloutEvent[] {
  if (now < state.lastAt - BACKWARDS_MS) return moved(now - state.lastAt, say`the clock went backwards`)
  if (!looking(state)) return []
  const due = nextDue(state)
  const late = due === null ? 0 : now - due
  return late > OVERSLEPT_MS ? moved(late, say`nobody drove this rollout for a while, or the clock jumped`) : []
}

function moved(byMs: number, said: Sentence): readonly RolloutEvent[] {
  return [{ type: 'TimeShifted', data: { byMs, reason: english(said), said } }]
}

/** Every wait of a rollout moved by the same amount: after a jump of the clock, or when nobody was driving. */
export function shifted(state: RolloutState, ms: number, at: Instant): Partial<RolloutState> {
  return { ...shiftTimes(state, ms), ...(ms < 0 ? { ...countAnew(state, at), ...seenEarlier(state, ms) } : {}) }
}

/** The clock went backwards: ticks of the time that is still to come again would be taken for old ones. */
function countAnew(state: RolloutState, at: Instant): Partial<RolloutState> {
  const { step } = state.analysis
  const fresh = { ...freshAnalysis(state.plan, state.stable, state.parts), step: step && { ...step, at } }
  // The source's clock may have gone back with ours.
  const metrics = Object.entries(state.metrics).map(([name, { epoch, slots }]) => [name, { epoch, slots, at }])
  return { analysis: fresh, metrics: Object.fromEntries(metrics) }
}

/** The clock went backwards: what was seen before must not look as if it were seen in a step that is still to come. */
function seenEarlier({ slots, routes }: RolloutState, ms: number): Pick<RolloutState, 'slots' | 'routes'> {
  const moved = Object.entries(slots).map(([name, seen]) => [name, earlier(seen, ms)])
  return { slots: Object.fromEntries(moved), routes: earlier(routes, ms) }
}

function earlier<T>(seen: Readonly<Record<string, Seen<T>>>, ms: number): Record<string, Seen<T>> {
  return Object.fromEntries(Object.entries(seen).map(([name, { value, at }]) => [name, { value, at: after(at, ms) }]))
}

/** Every moment in the state that a wait hangs on, moved by `ms`. What was seen keeps its time when the clock goes on. */
function shiftTimes(state: RolloutState, ms: number): Partial<RolloutState> {
  return {
    pending: state.pending.map((each) => ({
      ...each,
      due: after(each.due, ms),
      deadline: after(each.deadline, ms),
    })),
    step: state.step && { since: after(state.step.since, ms), deadline: after(state.step.deadline, ms) },
    paused: state.paused && {
      ...state.paused,
      since: after(state.paused.since, ms),
      deadline: after(state.paused.deadline, ms),
    },
    lookedAt: state.lookedAt && after(state.lookedAt, ms),
    unseen: shiftedVisibility(state.unseen, ms),
    unwell: state.unwell && {
      ...state.unwell,
      since: after(state.unwell.since, ms),
      quietSince: state.unwell.quietSince && after(state.unwell.quietSince, ms),
    },
    noData: state.noData && {
      ...state.noData,
      since: ms < 0 ? after(state.noData.since, ms) : state.noData.since,
      quietSince: state.noData.quietSince && after(state.noData.quietSince, ms),
    },
  }
}

/** When this rollout has to be driven next although nobody asks; null: only an input moves it. */
export function nextDue(state: RolloutState): Instant | null {
  const retiring = isPending(state, 'StopSlot') || isPending(state, 'Observe')
  const retire = state.status === 'finalized' && !state.windowClosed && !retiring ? state.retireAt : null
  const step = state.paused ? null : (state.step?.deadline ?? null)
  const commands = state.pending.map(({ deadline }) => deadline)
  return earliest(retire, step, state.paused?.deadline ?? null, ...commands)
}
