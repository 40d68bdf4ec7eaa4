/** What an unfinished rollout waits for, since when, until when, and what happens then (law L6). */
import { rollbackKind, forwardKind } from './steps/index.ts'
import { after, type Instant } from '../time.ts'
import type { RollbackStep, Step } from '../plan.ts'
import type { Waiting, WaitName } from '../views.ts'
import { noDataText, rollsBackAt, unseen } from './no-data.ts'
import { lacksReady } from './readiness.ts'
import { currentRollbackStep, currentStep, type RolloutState } from './state.ts'

export function waitingOf(state: RolloutState): Waiting | null {
  const unseen = noDataWait(state)
  if (unseen) return unseen
  if (state.paused) return pausedFor(state, state.paused)
  const until = state.step?.deadline ?? null
  switch (state.status) {
    case 'queued':
      return wait(state, {
        for: 'another rollout to end',
        until,
        then: ENDS['given-up'],
        command: `stellwerk abort ${state.id}`,
        named: named('queue', 'given-up'),
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
    for: missing.map(({ name, since, why }) => noDataText({ what: name, since, why })).join('; '),
    until,
    then: ENDS[endOf(state)],
    command: `stellwerk resume ${state.id}`,
  })
}

type PausedBy = NonNullable<RolloutState['paused']>

function pausedFor(state: RolloutState, { by, reason, deadline }: PausedBy): Waiting {
  const what = by === 'system' ? 'a decision' : 'somebody to resume'
  return wait(state, {
    for: `${what}: ${reason}`,
    until: deadline,
    then: ENDS[endOf(state)],
    command: `stellwerk resume ${state.id}`,
    named: named(by === 'system' ? 'decision' : 'resume', endOf(state), { subject: reason }),
  })
}

function humanNeeded(state: RolloutState): Waiting {
  const { reason, todo } = state.ending ?? { reason: 'a human', todo: null }
  return wait(state, { for: reason, until: null, then: todo ?? '', command: `stellwerk resolve ${state.id}` })
}

function stepWait(state: RolloutState): Waiting {
  const step = currentStep(state)
  const until = state.step?.deadline ?? null
  if (step?.kind === 'approvals') {
    return wait(state, {
      for: approvalsMissing(state),
      until,
      then: ENDS.aborted,
      command: `stellwerk approve ${state.id}`,
      named: named('approvals', 'aborted', { subject: rolesMissing(state) }),
    })
  }
  const back = currentRollbackStep(state)
  const what = step ? forwardKind(step).waitsFor(step) : back ? rollbackKind(back).waitsFor(back) : state.status
  const lacks = lacksReady(state)
  return wait(state, {
    for: lacks === null ? what : `${what} (${lacks})`,
    until,
    then: ENDS[endOf(state)],
    command: step && forwardKind(step).judges ? `stellwerk promote ${state.id}` : null,
    named: namedStep(step ?? back, state),
  })
}

function wait(state: RolloutState, rest: Omit<Waiting, 'since' | 'earliest'>): Waiting {
  const since: Instant = state.paused?.since ?? state.step?.since ?? state.lastAt
  return { ...rest, since, earliest: earliestEnd(state) }
}

/** A hold, a bake and a watch last at least their own length. */
function earliestEnd(state: RolloutState): Instant | null {
  const step = currentStep(state) ?? currentRollbackStep(state)
  if (step?.holdMs === undefined || !state.step || state.promoted) return null
  return after(state.step.since, step.holdMs)
}

const ENDS: Readonly<Record<WaitName['end'], string>> = {
  'given-up': 'it is given up',
  aborted: 'it is aborted',
  'aborted-unseen': 'it is aborted; users stay where they are',
  'rolled-back': 'it is rolled back',
  'rolled-back-or-asked': 'it is rolled back, or a person is asked where evidence is missing',
  human: 'a human is called',
}

function named(kind: string, end: WaitName['end'], more: Partial<WaitName> = {}): WaitName {
  return { kind, end, subject: null, weight: null, lastsMs: null, lacks: null, ...more }
}

function namedStep(step: Step | RollbackStep | null, state: RolloutState): WaitName {
  return named(step?.kind ?? state.status, endOf(state), {
    subject: subjectOf(step),
    weight: step?.weight ?? null,
    lastsMs: step?.holdMs ?? null,
    lacks: lacksReady(state),
  })
}

function subjectOf(step: Step | RollbackStep | null): string | null {
  return step?.component ?? step?.gates?.join(', ') ?? null
}

function endOf(state: RolloutState): WaitName['end'] {
  if (state.rollback) return 'human'
  if (!state.exposed) return 'aborted-unseen'
  const step = currentStep(state)
  return !state.paused && step && forwardKind(step).judges ? 'rolled-back-or-asked' : 'rolled-back'
}

function approvalsMissing(state: RolloutState): string {
  return `approval as ${rolesMissing(state)}`
}

function rolesMissing(state: RolloutState): string {
  const open = state.plan.approvals.filter(({ id }) => !state.approvals[id]).map(({ role }) => role)
  return open.join(', ')
}
