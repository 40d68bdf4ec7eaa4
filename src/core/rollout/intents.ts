/**
 * What people and pipelines want, recorded as what it changes, or as a refusal with its reason. Approvals are four eyes, bound
 * to what was approved: digest, plan hash, environment and step, by role, single use, expiring (L7).
 */
import { english, listed, quote, saidOr, say, type Sentence } from '../say.ts'
import {
  type Admission,
  INTENT_NAMES,
  type IntentName,
  type PersonRequest,
  type RolloutRequest,
  type StableRelease,
  type Superseded,
} from './inputs.ts'
import type { PlannedApproval } from '../plan.ts'
import type { RolloutEvent } from './events.ts'
import { answeredFor } from './no-data.ts'
import { forwardKind } from './steps/index.ts'
import { startRollback } from './start-rollback.ts'
import { isSamePerson } from '../person.ts'
import { otherSlot } from '../observed.ts'
import { type Instant, after, formatDuration } from '../time.ts'
import { type RolloutState, currentStep, isFinal, isRollingBack, approvalOpen } from './state.ts'

type Request = RolloutRequest | PersonRequest | Admission | Superseded

export function requests(state: RolloutState | null, request: Request, now: Instant): readonly RolloutEvent[] {
  if (request.type === 'request-rollout') return begin(state, request, now)
  if (!state) throw new Error(`${request.type} for a rollout that does not exist`)
  switch (request.type) {
    case 'admit':
      return admitted(state, request)
    case 'superseded':
      return state.status === 'finalized' && !state.windowClosed
        ? [{ type: 'WindowClosed', data: { reason: 'superseded' } }]
        : []
    default:
      return intended(state, request, now)
  }
}

function intended<K extends IntentName>(
  state: RolloutState,
  request: PersonRequest<K>,
  now: Instant,
): readonly RolloutEvent[] {
  const kind: IntentKind<K> = INTENTS[request.type]
  const no = kind.closed(state, request)
  return no === null ? kind.run(state, request, now) : [refused(request.type, request.by.id, no)]
}

/** What people may want of it now; each may still be refused to who is not the one to ask, or for what another rollout does. */
export function openIntents(state: RolloutState): readonly IntentName[] {
  return INTENT_NAMES.filter((name) => INTENTS[name].closed(state) === null)
}

function begin(state: RolloutState | null, request: RolloutRequest, now: Instant): readonly RolloutEvent[] {
  if (state) return []
  const { type: _, behind, by, ...rest } = request
  const facts = { ...rest, by: { id: by.id, roles: by.roles } }
  const candidateSlot = spareSlot(request.stable)
  const requested: RolloutEvent = { type: 'RolloutRequested', data: { ...facts, candidateSlot } }
  if (behind === null) return [requested]
  const deadline = after(now, request.plan.timings.queueLimitMs)
  return [requested, { type: 'RolloutQueued', data: { behind, deadline } }]
}

function admitted(state: RolloutState, admission: Admission): readonly RolloutEvent[] {
  if (state.status !== 'queued') return []
  if (admission.policyStands === false)
    return [{ type: 'Aborted', data: { reason: english(POLICY_CHANGED), said: POLICY_CHANGED, cause: 'policy' } }]
  return [
    {
      type: 'RolloutAdmitted',
      data: {
        stable: admission.stable,
        ...(admission.leftovers ? { leftovers: admission.leftovers } : {}),
        candidateSlot: spareSlot(admission.stable),
        quarantined: admission.quarantined,
      },
    },
  ]
}

function spareSlot(stable: StableRelease | null): 'blue' | 'green' {
  return stable ? otherSlot(stable.slot) : 'blue'
}

/** One thing that people may want of a rollout, described once. What it says stands in `SAYS`. */
type IntentKind<K extends IntentName> = {
  /** In a line, for API and help. */
  readonly summary: Sentence
  readonly description?: Sentence
  /** As a thing that can be refused: `an approval`. */
  readonly noun: Sentence
  /** What somebody was doing whom it was refused: `pause shop-prod-7`. */
  readonly doing: (rollout: string) => Sentence
  /** What a token must be allowed. */
  readonly scope: 'approve' | 'intervene'
  /** Lets the rollout go on: not while the log cannot be trusted. What holds it, or takes it back, is taken at any time. */
  readonly advances?: true
  /** Why it makes no sense now, whoever asks; null: it may be asked. */
  readonly closed: (state: RolloutState, request?: PersonRequest<K>) => Sentence | null
  readonly run: (state: RolloutState, request: PersonRequest<K>, now: Instant) => readonly RolloutEvent[]
}

export const INTENTS: { readonly [K in IntentName]: IntentKind<K> } = {
  approve: {
    summary: say`Give an approval of exactly what was shown: this rollout, artifact and plan`,
    noun: say`an approval`,
    doing: (id) => say`approve ${id}`,
    scope: 'approve',
    advances: true,
    closed: asksNobody,
    run: approve,
  },
  reject: {
    summary: say`Refuse a release; it is aborted`,
    description: say`Before any traffic nothing changes for users; afterwards traffic returns to the previous version.`,
    noun: say`a rejection`,
    doing: (id) => say`reject ${id}`,
    scope: 'approve',
    closed: asksNobody,
    run: (state, { by, reason }) => [
      { type: 'Rejected', data: { by: by.id, reason } },
      startRollback(state, { cause: 'rejected', by: by.id, said: say`rejected by ${by.id}: ${quote(reason)}` }),
    ],
  },
  pause: {
    summary: say`Stop advancing`,
    description: say`Triggers stay armed: a breach still rolls back. A pause has a deadline, after which the candidate is rolled back.`,
    noun: say`a pause`,
    doing: (id) => say`pause ${id}`,
    scope: 'intervene',
    closed: (state) => {
      const { paused } = state
      if (state.status !== 'running') return whyNot(state)
      return paused && say`it is paused already, by ${paused.by}: ${saidOr(paused.said, paused.reason)}`
    },
    run: (state, { by, reason }, now) => [
      { type: 'Paused', data: { by: by.id, reason, deadline: after(now, state.plan.timings.pauseLimitMs) } },
    ],
  },
  resume: {
    summary: say`Continue after a pause`,
    description: say`The wait continues where it left off.`,
    noun: say`a continuation`,
    doing: (id) => say`resume ${id}`,
    scope: 'intervene',
    advances: true,
    closed: (state) => {
      if ((state.paused && state.step) || answeredFor(state, '').length > 0) return null
      return state.status === 'running' ? say`it is not paused` : whyNot(state)
    },
    run: resume,
  },
  promote: {
    summary: say`End the current hold and go to the next step`,
    description: say`What was observed must still allow it: without evidence nothing advances.`,
    noun: say`a promotion`,
    doing: (id) => say`promote ${id}`,
    scope: 'intervene',
    advances: true,
    closed: (state) => {
      const step = currentStep(state)
      if (step && forwardKind(step).judges) return null
      return state.status === 'running' ? say`there is no hold to shorten in "${step?.kind ?? ''}"` : whyNot(state)
    },
    run: (_, { by }) => [{ type: 'Promoted', data: { by: by.id } }],
  },
  abort: {
    summary: say`Give up; users return to live`,
    noun: say`an abort`,
    doing: (id) => say`abort ${id}`,
    scope: 'intervene',
    closed: (state) => (state.status === 'queued' || state.status === 'running' ? null : whyNot(state)),
    run: (state, { by, reason }) => {
      if (state.status === 'queued') return [abortedInQueue(say`aborted by ${by.id} in the queue: ${quote(reason)}`)]
      return [startRollback(state, { cause: 'person', by: by.id, said: say`aborted by ${by.id}: ${quote(reason)}` })]
    },
  },
  'roll-back': {
    summary: say`Return users to the previous version`,
    noun: say`a rollback`,
    doing: (id) => say`roll back ${id}`,
    scope: 'intervene',
    closed: (state, request) => {
      if (state.status === 'running' || state.status === 'needs-human') return null
      if (state.status !== 'finalized') return whyNot(state)
      if (request?.environmentFree === false) return ENVIRONMENT_TAKEN
      return state.windowClosed ? WINDOW_CLOSED : null
    },
    run: (state, { by, reason, cause }) => [
      startRollback(state, { cause, by: by.id, said: say`${label[cause]} (${by.id}): ${quote(reason)}` }),
    ],
  },
  resolve: {
    summary: say`Record that a person has put things right after needs-human`,
    description: say`Ends the rollout; check "stellwerk status" first.`,
    noun: say`a resolution`,
    doing: (id) => say`resolve ${id}`,
    scope: 'intervene',
    closed: ({ status }) => (status === 'needs-human' ? null : say`it does not need a human`),
    run: (_, { by, note }) => [{ type: 'Resolved', data: { by: by.id, note } }],
  },
}

/** The noun of an intent that a log names; null of one that this version does not know. */
export function nounOf(name: string): Sentence | null {
  const known = INTENT_NAMES.find((each) => each === name)
  return known === undefined ? null : INTENTS[known].noun
}

function asksNobody(state: RolloutState): Sentence | null {
  return currentStep(state)?.kind === 'approvals' ? null : say`this rollout does not wait for approvals now`
}

function resume(state: RolloutState, { by }: PersonRequest<'resume'>, now: Instant): readonly RolloutEvent[] {
  const { paused, step } = state
  const answered = answeredFor(state, by.id)
  if (!paused || !step) return answered
  const waited = say`it was paused for ${formatDuration(now - paused.since)}`
  const deadline = resumedDeadline(state, step.deadline, now - paused.since, now)
  return [
    { type: 'Resumed', data: { by: by.id } },
    { type: 'StepExtended', data: { deadline, reason: english(waited), said: waited } },
    ...answered,
  ]
}

const label = {
  person: say`rolled back by hand`,
  incident: say`rolled back for an incident`,
  'security-finding': say`rolled back for a security finding`,
}

function abortedInQueue(said: Sentence): RolloutEvent {
  return { type: 'Aborted', data: { reason: english(said), said, cause: 'person' } }
}

const ENVIRONMENT_TAKEN = say`another rollout holds the environment; roll that one back instead`
const WINDOW_CLOSED = say`its rollback window is closed: the previous version is no longer standing by; deploy the earlier release again`

/** The pause does not count against the step; one whose time was up when people were asked gets its whole time again. */
function resumedDeadline(state: RolloutState, deadline: Instant, pausedMs: number, now: Instant): Instant {
  const step = currentStep(state)
  const again = step && deadline <= now ? after(now, forwardKind(step).limitMs(step, state)) : now
  return Math.max(after(deadline, pausedMs), again) as Instant
}

function whyNot(state: RolloutState): Sentence {
  if (isRollingBack(state)) return say`it is already being rolled back`
  if (isFinal(state)) return say`it has ended: ${state.status}`
  return say`it is ${state.status}`
}

type Approve = PersonRequest<'approve'>

export const POLICY_CHANGED = say`the policy in force here was changed after this release was planned; request it again`

/** What an approval changes: `Approved`, or `RequestRefused` with the reason; a policy that changed voids the whole release. */
function approve(state: RolloutState, request: Approve, now: Instant): readonly RolloutEvent[] {
  const event = approved(state, request, now)
  if (event.type !== 'Approved' || request.policyStands !== false) return [event]
  return [
    refused('approve', request.by.id, POLICY_CHANGED),
    startRollback(state, { cause: 'policy', by: 'system', said: POLICY_CHANGED }),
  ]
}

function approved(state: RolloutState, request: Approve, now: Instant): RolloutEvent {
  const open = state.plan.approvals.filter(({ id }) => approvalOpen(state, id, now))
  const asked =
    request.approval === null
      ? open.find((each) => holds(request.by, each))
      : open.find(({ id }) => id === request.approval)
  const reason = refusal(state, request, asked ?? null)
  if (reason !== null || !asked) return refused('approve', request.by.id, reason ?? say`there is nothing to approve`)
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

function refused(request: string, by: string, said: Sentence): RolloutEvent {
  return { type: 'RequestRefused', data: { request, by, reason: english(said), said } }
}

function refusal(state: RolloutState, request: Approve, asked: PlannedApproval | null): Sentence | null {
  const { by } = request
  const other = unlikeShown(state, request)
  if (other !== null) return say`what was shown is not what is waiting here: ${other}; look again and approve that`
  if (isSamePerson(by.id, state.requestedBy)) return say`whoever requested a release does not approve it (four eyes)`
  if (state.plan.artifact.authors.some((author) => isSamePerson(author, by.id)))
    return say`an author of the release does not approve it (four eyes)`
  if (!asked) return say`no open approval asks for a role that you hold`
  if (!holds(by, asked)) return say`this approval asks for the role "${asked.role}", which you do not hold`
  return null
}

/** What differs between what the approver was shown and what waits; null when nothing does (law L7). */
function unlikeShown(state: RolloutState, seen: Approve): Sentence | null {
  const differing = [
    [say`rollout`, seen.rollout ?? state.id, state.id],
    [say`artifact`, seen.identity, state.identity],
    [say`plan`, seen.planHash, state.planHash],
  ] as const
  const others = differing.filter(([, shown, waiting]) => shown !== waiting)
  if (others.length === 0) return null
  return listed(
    others.map(([what, shown, waiting]) => say`the ${what} (shown ${shown}, waiting ${waiting})`),
    ', ',
  )
}

function holds(by: PersonRequest['by'], asked: PlannedApproval): boolean {
  return by.roles.includes(asked.role) || asked.people.some((person) => isSamePerson(person, by.id))
}
