/** What an unfinished rollout waits for, since when, until when, and what happens then (law L6). */
import { after, formatDuration, type Instant } from '../time.ts'
import type { RollbackStep, Step } from '../plan.ts'
import type { Waiting, WaitName } from '../views.ts'
import { noDataText, rollsBackAt, unseen } from './no-data.ts'
import { lacksReady } from './readiness.ts'
import { currentRollbackStep, currentStep, type RolloutState } from './state.ts'

export function stepName(step: RolloutState['steps'][number]): string {
  switch (step.kind) {
    case 'gates':
      return step.gates === undefined ? 'gates' : `gates ${step.gates.join(', ')}`
    case 'deploy':
      return `deploy ${step.component}`
    case 'shift':
      return `shift ${step.weight} %`
    case 'hold':
      return `hold ${step.weight} % for ${formatDuration(step.holdMs)}`
    case 'bake':
      return `bake for ${formatDuration(step.holdMs)}`
    default:
      return step.kind
  }
}

/** What is waited for while a step lasts: goes on after "waiting for". */
const WAITS: Readonly<Partial<Record<(Step | RollbackStep)['kind'], string>>> = {
  migrate: 'the migration',
  smoke: 'the smoke tests of the candidate',
  activate: 'the workers of the candidate',
  'verify-live': 'the smoke tests of live',
  finalize: 'the candidate to become live',
  mitigate: 'the mitigation',
  'restore-previous': 'the previous version to be ready',
  'traffic-back': 'all traffic to be back',
  'stop-candidate': 'the candidate to stop',
  schema: 'the schema to be migrated back',
  reactivate: 'the workers of the previous version',
  'smoke-live': 'the smoke tests of live',
}

function waitName(step: Step | RollbackStep | null): string | null {
  if (step === null) return null
  switch (step.kind) {
    case 'gates':
      return step.gates === undefined ? 'the gates' : `the gates ${step.gates.join(', ')}`
    case 'deploy':
      return `${step.component} to be ready`
    case 'shift':
      return `traffic to be at ${step.weight} %`
    case 'hold':
      return `the ${formatDuration(step.holdMs)} hold at ${step.weight} %`
    case 'bake':
    case 'watch':
      return `the ${formatDuration(step.holdMs)} ${step.kind}`
    default:
      return WAITS[step.kind] ?? step.kind
  }
}

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
  const what = waitName(step ?? currentRollbackStep(state)) ?? state.status
  const lacks = lacksReady(state)
  return wait(state, {
    for: lacks === null ? what : `${what} (${lacks})`,
    until,
    then: ENDS[endOf(state)],
    command: step && 'holdMs' in step ? `stellwerk promote ${state.id}` : null,
    named: namedStep(step ?? currentRollbackStep(state), state),
  })
}

function wait(state: RolloutState, rest: Omit<Waiting, 'since' | 'earliest'>): Waiting {
  const since: Instant = state.paused?.since ?? state.step?.since ?? state.lastAt
  return { ...rest, since, earliest: earliestEnd(state) }
}

/** A hold, a bake and a watch last at least their own length. */
function earliestEnd(state: RolloutState): Instant | null {
  const step = currentStep(state) ?? currentRollbackStep(state)
  if (!step || !('holdMs' in step) || !state.step || state.promoted) return null
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
    weight: step && 'weight' in step ? step.weight : null,
    lastsMs: step && 'holdMs' in step ? step.holdMs : null,
    lacks: lacksReady(state),
  })
}

function subjectOf(step: Step | RollbackStep | null): string | null {
  if (step?.kind === 'deploy') return step.component
  return step?.kind === 'gates' ? (step.gates?.join(', ') ?? null) : null
}

function endOf(state: RolloutState): WaitName['end'] {
  if (state.rollback) return 'human'
  if (!state.exposed) return 'aborted-unseen'
  const kind = currentStep(state)?.kind
  if (state.paused || (kind !== 'hold' && kind !== 'bake')) return 'rolled-back'
  return 'rolled-back-or-asked'
}

function approvalsMissing(state: RolloutState): string {
  return `approval as ${rolesMissing(state)}`
}

function rolesMissing(state: RolloutState): string {
  const open = state.plan.approvals.filter(({ id }) => !state.approvals[id]).map(({ role }) => role)
  return open.join(', ')
}
