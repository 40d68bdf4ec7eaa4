/** Four eyes, bound to what was approved: digest, plan hash, environment and step, by role, single use, expiring (L7). */
import type { PlannedApproval } from '../plan.ts'
import { isSamePerson } from '../person.ts'
import { after, type Instant } from '../time.ts'
import type { RolloutEvent } from './events.ts'
import type { PersonRequest } from './inputs.ts'
import { currentStep, type RolloutState } from './state.ts'

export function approvalOpen(state: RolloutState, id: string, now: Instant): boolean {
  const given = state.approvals[id]
  return !given || given.expiresAt <= now
}

/** What an approval changes: `Approved`, or `RequestRefused` with the reason. */
export function approve(state: RolloutState, request: PersonRequest & { type: 'approve' }, now: Instant): RolloutEvent {
  const open = state.plan.approvals.filter(({ id }) => approvalOpen(state, id, now))
  const asked =
    request.approval === null
      ? open.find((each) => holds(request.by, each))
      : open.find(({ id }) => id === request.approval)
  const reason = refusal(state, request, asked ?? null)
  if (reason !== null || !asked) return refused('approve', request.by.id, reason ?? 'there is nothing to approve')
  return {
    type: 'Approved',
    data: {
      approval: asked.id,
      role: asked.role,
      by: request.by.id,
      planHash: state.planHash,
      identity: state.identity,
      expiresAt: after(now, state.plan.timings.approvalsLimitMs),
    },
  }
}

export function refused(request: string, by: string, reason: string): RolloutEvent {
  return { type: 'RequestRefused', data: { request, by, reason } }
}

function refusal(
  state: RolloutState,
  request: PersonRequest & { type: 'approve' },
  asked: PlannedApproval | null,
): string | null {
  const { by } = request
  if (currentStep(state)?.kind !== 'approvals') return 'this rollout does not wait for approvals now'
  if (request.planHash !== state.planHash || request.identity !== state.identity) {
    return 'the approval names another plan or artifact than the one that waits; look at the plan again and approve that'
  }
  if (isSamePerson(by.id, state.requestedBy)) return 'whoever requested a release does not approve it (four eyes)'
  if (state.plan.artifact.authors.some((author) => isSamePerson(author, by.id)))
    return 'an author of the release does not approve it (four eyes)'
  if (!asked) return 'no open approval asks for a role that you hold'
  if (!holds(by, asked)) return `this approval asks for the role "${asked.role}", which you do not hold`
  return null
}

function holds(by: PersonRequest['by'], asked: PlannedApproval): boolean {
  return by.roles.includes(asked.role) || asked.people.some((person) => isSamePerson(person, by.id))
}
