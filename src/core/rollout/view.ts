/** A rollout as people and programs are shown it. */
import { saidOr } from '../say.ts'
import { rollbackKind, forwardKind } from './steps/index.ts'
import type { Instant } from '../time.ts'
import type { Phase, RolloutView } from '../views.ts'
import { openIntents } from './intents.ts'
import { judgeCandidate } from './judging.ts'
import { noDataAlarms } from './no-data.ts'
import { serving } from './serving.ts'
import { shareOf } from './routes.ts'
import { currentRollbackStep, currentStep, isFinal, type RolloutState, approvalOpen } from './state.ts'
import { waitingOf } from './waiting.ts'

export function phaseOf(state: RolloutState): Phase {
  if (state.status === 'queued') return state.admitted ? 'requested' : 'queued'
  if (state.status === 'aborting') return 'aborting'
  const [step, back] = [currentStep(state), currentRollbackStep(state)]
  if (state.status === 'rolling-back') return back ? rollbackKind(back).phase : 'rolling-back: traffic-back'
  if (state.status === 'running') return step ? forwardKind(step).phase : 'requested'
  return state.status
}

const BY_CAUSE: Readonly<Record<string, number>> = { gate: 3, quarantine: 3, queue: 7 }

/** The exit code of `deploy` for an end (design §10); null while it runs. */
export function exitCodeOf(state: RolloutState): number | null {
  if (state.status === 'finalized') return 0
  if (state.status === 'rolled-back') return 5
  if (state.status === 'needs-human') return 6
  if (state.status === 'resolved') return 1
  return state.status === 'aborted' ? (BY_CAUSE[state.ending?.cause ?? ''] ?? 1) : null
}

export function viewOf(state: RolloutState, now: Instant): RolloutView {
  const { plan, paused, stable } = state
  return {
    id: state.id,
    service: plan.service,
    environment: plan.environment,
    version: plan.artifact.version,
    identity: state.identity,
    planHash: state.planHash,
    phase: phaseOf(state),
    final: isFinal(state),
    exitCode: exitCodeOf(state),
    reason: state.ending?.reason ?? state.rollback?.text ?? null,
    reasonSaid: reasonSaid(state),
    paused: paused && { by: paused.by, reason: paused.reason, said: paused.said, since: paused.since },
    waiting: waitingOf(state),
    requestedBy: state.requestedBy,
    requestedAt: state.requestedAt,
    run: state.run ?? null,
    updatedAt: state.lastAt,
    candidate: { slot: state.candidateSlot, weight: shareOf(state) },
    stable: stable && { rollout: stable.rollout, version: stable.version, slot: stable.slot },
    approvals: approvalsOf(state, now),
    verdicts: verdictsOf(state, now),
    serving: serving(state),
    alarms: noDataAlarms(state),
    intents: openIntents(state),
    steps: stepsOf(state),
  }
}

function reasonSaid({ ending, rollback }: RolloutState): RolloutView['reasonSaid'] {
  if (ending) return saidOr(ending.said, ending.reason)
  return rollback && saidOr(rollback.said, rollback.text)
}

/** The log holds verdicts where an outcome changed; who looks while a step lasts is shown the numbers of this moment. */
function verdictsOf(state: RolloutState, now: Instant): RolloutView['verdicts'] {
  const step = currentStep(state)
  return step && forwardKind(step).judges ? judgeCandidate(state, now, 0).verdicts : state.verdicts
}

function approvalsOf(state: RolloutState, now: Instant): RolloutView['approvals'] {
  return state.plan.approvals.map(({ id, role }) => {
    const given = approvalOpen(state, id, now) ? null : (state.approvals[id] ?? null)
    return { id, role, by: given?.by ?? null, expiresAt: given?.expiresAt ?? null }
  })
}

function stepsOf({ at, steps, rollback }: RolloutState): RolloutView['steps'] {
  return {
    at,
    names: steps.map((step) => forwardKind(step).name?.(step) ?? step.kind),
    rollback: rollback?.steps.map(({ kind }) => kind) ?? null,
    rollbackAt: rollback?.at ?? -1,
  }
}
