/** What an unfinished rollout waits for, since when, until when, and what happens then (law L6). */
import { english, listed, saidOr, say, type Sentence, verbatim } from '../say.ts'
import { rollbackKind, forwardKind } from './steps/index.ts'
import { after, type Instant } from '../time.ts'
import type { Waiting } from '../views.ts'
import { noDataText, partSaid, rollsBackAt, unseen } from './no-data.ts'
import { lacksReady } from './readiness.ts'
import { currentRollbackStep, currentStep, type RolloutState } from './state.ts'

export function waitingOf(state: RolloutState): Waiting | null {
  const unseen = noDataWait(state)
  if (unseen) return unseen
  if (state.paused) return pausedFor(state, state.paused)
  switch (state.status) {
    case 'queued':
      return wait(state, {
        for: say`another rollout to end`,
        until: state.step?.deadline ?? null,
        then: say`it is given up`,
        command: `stellwerk abort ${state.id}`,
      })
    case 'needs-human':
      return humanNeeded(state)
    case 'running':
    case 'aborting':
    case 'rolling-back':
      return stepWait(state)
    default:
      return null
  }
}

/** The first thing that ends a wait in which nothing can be seen is that nothing can be seen. */
function noDataWait(state: RolloutState): Waiting | null {
  const until = rollsBackAt(state)
  const asked = state.noData !== null && state.noData.answeredBy === null
  if (until === null || !asked || (state.paused && state.paused.deadline <= until)) return null
  const missing = unseen(state).filter(({ importance }) => importance !== 'standby')
  return wait(state, {
    for: listed(missing.map((part) => noDataText({ ...part, what: part.name, said: partSaid(part) }))),
    until,
    then: endOf(state),
    command: `stellwerk resume ${state.id}`,
  })
}

type PausedBy = NonNullable<RolloutState['paused']>

function pausedFor(state: RolloutState, { by, reason, said, deadline }: PausedBy): Waiting {
  const why = saidOr(said, reason)
  return wait(state, {
    for: by === 'system' ? say`a decision: ${why}` : say`somebody to resume: ${why}`,
    until: deadline,
    then: endOf(state),
    command: `stellwerk resume ${state.id}`,
  })
}

function humanNeeded(state: RolloutState): Waiting {
  const { reason, said, todo, todoSaid } = state.ending ?? { reason: 'a human', todo: null }
  return wait(state, {
    for: saidOr(said, reason),
    until: null,
    then: saidOr(todoSaid, todo ?? ''),
    command: `stellwerk resolve ${state.id}`,
  })
}

function stepWait(state: RolloutState): Waiting {
  const step = currentStep(state)
  const until = state.step?.deadline ?? null
  if (step?.kind === 'approvals') {
    return wait(state, {
      for: say`approval as ${rolesMissing(state)}`,
      until,
      then: say`it is aborted`,
      command: `stellwerk approve ${state.id}`,
    })
  }
  const back = currentRollbackStep(state)
  const what = step
    ? forwardKind(step).waitsFor(step, state)
    : back
      ? rollbackKind(back).waitsFor(back, state)
      : verbatim(state.status)
  const lacks = lacksReady(state)
  return wait(state, {
    for: lacks === null ? what : say`${what} (${lacks})`,
    until,
    then: endOf(state),
    command: step && forwardKind(step).judges ? `stellwerk promote ${state.id}` : null,
  })
}

type Wait = Pick<Waiting, 'until' | 'command'> & Waiting['said']

function wait(state: RolloutState, { for: what, then: next, ...rest }: Wait): Waiting {
  const since: Instant = state.paused?.since ?? state.step?.since ?? state.lastAt
  const said = { for: what, then: next }
  return { ...rest, for: english(what), then: english(next), said, since, earliest: earliestEnd(state) }
}

/** A hold, a bake and a watch last at least their own length. */
function earliestEnd(state: RolloutState): Instant | null {
  const step = currentStep(state) ?? currentRollbackStep(state)
  if (step?.holdMs === undefined || !state.step || state.promoted) return null
  return after(state.step.since, step.holdMs)
}

/** What happens when nobody and nothing ends a wait before its time. */
function endOf(state: RolloutState): Sentence {
  if (state.rollback) return say`a human is called`
  if (!state.exposed) return say`it is aborted; users stay where they are`
  const step = currentStep(state)
  if (state.paused || !step || !forwardKind(step).judges) return say`it is rolled back`
  return say`it is rolled back, or a person is asked where evidence is missing`
}

function rolesMissing(state: RolloutState): string {
  const open = state.plan.approvals.filter(({ id }) => !state.approvals[id]).map(({ role }) => role)
  return open.join(', ')
}
