/** Four eyes, bound to what was approved: digest, plan hash, environment and step, by role, single use, expiring (L7). */
import type { PlannedApproval } from '../plan.ts'
import { isSamePerson } from '../person.ts'
import { after, type Instant } from '../time.ts'
import type { RolloutEvent } from './events.ts'
import { goBack } from './go-back.ts'
import type { PersonRequest } from './inputs.ts'
import { currentStep, type RolloutState } from './state.ts'

export function approvalOpen(state: RolloutState, id: string, now: Instant): boolean {
  const given = state.approvals[id]
  return !given || given.expiresAt <= now
}

type Approve = PersonRequest & { type: 'approve' }

export const POLICY_CHANGED =
  'the policy held for this environment was changed after this release had been planned; ask for it again'

/** What an approval changes: `Approved`, or `RequestRefused` with the reason; a policy that changed voids the whole release. */
export function approve(state: RolloutState, request: Approve, now: Instant): readonly RolloutEvent[] {
  const event = approved(state, request, now)
  if (event.type !== 'Approved' || request.policyStands !== false) return [event]
  return [
    refused('approve', request.by.id, POLICY_CHANGED),
    goBack(state, { cause: 'policy', by: 'system', text: POLICY_CHANGED }),
  ]
}

function approved(state: RolloutState, request: Approve, now: Instant): RolloutEvent {
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

function refusal(state: RolloutState, request: Approve, asked: PlannedApproval | null): string | null {
  const { by } = request
  if (currentStep(state)?.kind !== 'approvals') return 'this rollout does not wait for approvals now'
  const other = unlikeShown(state, request)
  if (other !== null) return `what was shown is not what waits here: ${other}; look at it again and approve that`
  if (isSamePerson(by.id, state.requestedBy)) return 'whoever requested a release does not approve it (four eyes)'
  if (state.plan.artifact.authors.some((author) => isSamePerson(author, by.id)))
    return 'an author of the release does not approve it (four eyes)'
  if (!asked) return 'no open approval asks for a role that you hold'
  if (!holds(by, asked)) return `this approval asks for the role "${asked.role}", which you do not hold`
  return null
}

/** What differs between what the approver was shown and what waits; null when nothing does (law L7). */
function unlikeShown(state: RolloutState, seen: Approve): string | null {
  const differing = [
    ['rollout', seen.rollout ?? state.id, state.id],
    ['artifact', seen.identity, state.identity],
    ['plan', seen.planHash, state.planHash],
  ].filter(([, shown, waiting]) => shown !== waiting)
  if (differing.length === 0) return null
  return differing.map(([what, shown, waiting]) => `the ${what} (shown ${shown}, waiting ${waiting})`).join(', ')
}

function holds(by: PersonRequest['by'], asked: PlannedApproval): boolean {
  return by.roles.includes(asked.role) || asked.people.some((person) => isSamePerson(person, by.id))
}
