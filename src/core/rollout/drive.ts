/** What follows from the state at this moment: one turn of `decide`'s loop. Ifs stand here, steps and triggers are leaves. */
import type { Instant } from '../time.ts'
import { commandFailed } from './answers.ts'
import { backward } from './backward.ts'
import { blindnessNews } from './blindness.ts'
import type { RolloutEvent } from './events.ts'
import { forward, startForward } from './forward.ts'
import { goBack } from './go-back.ts'
import type { Judge } from './judging.ts'
import { looking, nextLook } from './looking.ts'
import { retire } from './retire.ts'
import { isGoingBack, type RolloutState } from './state.ts'
import { triggered } from './triggers.ts'
import { unwellNews } from './unwell.ts'

export function drive(state: RolloutState, now: Instant, judge: Judge, held: boolean): readonly RolloutEvent[] {
  const late = overdue(state, now)
  if (late.length > 0) return late
  if (state.status === 'queued') return queued(state, now, held)
  if (state.status === 'finalized')
    return firstOf(
      () => unwellNews(state),
      () => (held ? [] : retire(state, now)),
    )
  if (state.status === 'running')
    return firstOf(
      () => turnRound(state, now, judge),
      () => blindnessNews(state, now),
      () => forward(state, now, judge, held),
      () => look(state, now),
    )
  if (isGoingBack(state))
    return firstOf(
      () => backward(state, now, judge),
      () => look(state, now),
    )
  return []
}

function firstOf(...choices: readonly (() => readonly RolloutEvent[])[]): readonly RolloutEvent[] {
  for (const choice of choices) {
    const events = choice()
    if (events.length > 0) return events
  }
  return []
}

/** An order without an answer in its time may have happened: `unknown`, to be observed and given again. */
function overdue(state: RolloutState, now: Instant): readonly RolloutEvent[] {
  const late = state.pending.find(({ deadline }) => now >= deadline)
  if (!late) return []
  const { key, command, due, deadline } = late
  return commandFailed(
    state,
    key,
    { kind: 'unknown', message: `${command.type} had no answer within ${deadline - due} ms` },
    now,
  )
}

function queued(state: RolloutState, now: Instant, held: boolean): readonly RolloutEvent[] {
  if (!state.turn) {
    if (!state.step || now < state.step.deadline) return []
    return [{ type: 'Aborted', data: { reason: 'another rollout held the environment for too long', cause: 'queue' } }]
  }
  if (state.quarantined) {
    const reason = `this artifact was rolled back in ${state.plan.environment} before and is quarantined there; build a new one`
    return [{ type: 'Aborted', data: { reason, cause: 'quarantine' } }]
  }
  return held ? [] : startForward(state, 0, now)
}

function turnRound(state: RolloutState, now: Instant, judge: Judge): readonly RolloutEvent[] {
  const trigger = triggered(state, judge, now)
  if (trigger) return [goBack(state, { ...trigger, by: 'system' })]
  if (!state.paused || now < state.paused.deadline) return []
  const text = `nobody decided in time (${state.paused.reason})`
  return [goBack(state, { cause: 'undecided', by: 'system', text })]
}

function look(state: RolloutState, now: Instant): readonly RolloutEvent[] {
  return looking(state) ? nextLook(state, now) : []
}
