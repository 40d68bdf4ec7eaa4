import type { IncidentView } from '../core/incident/state.ts'
import { type Alarm, ALARM_KINDS, type PlacedAlarm } from '../core/alarm.ts'
import { INTENT_NAMES } from '../core/rollout/inputs.ts'
import { z } from '@hono/zod-openapi'
import {
  type EnvironmentView,
  type LeftoverView,
  PHASES,
  type Phase,
  type RolloutView,
  type ServingView,
  type Waiting,
} from '../core/views.ts'
import type { Health } from '../engine/control-plane.ts'
import type { Verdict } from '../core/verdict.ts'
import { SaidBody } from './schema-parts.ts'
import { Moment } from './schemas.ts'

const PhaseBody: z.ZodType<Phase> = z.enum(PHASES).openapi('Phase')
const SlotBody = z.enum(['blue', 'green'])

export const VerdictBody: z.ZodType<Verdict> = z
  .object({
    rule: z.string(),
    outcome: z.enum(['pass', 'fail', 'inconclusive', 'no-evidence']),
    expected: z.string(),
    actual: z.string(),
    source: z.string(),
    observedAt: Moment,
    text: z.string(),
    said: SaidBody.optional(),
  })
  .openapi('Verdict')

const WaitingBody: z.ZodType<Waiting> = z
  .object({
    for: z.string(),
    since: Moment,
    earliest: Moment.nullable(),
    until: Moment.nullable(),
    // oxlint-disable-next-line unicorn/no-thenable -- the word of the view; it is text, not a function
    then: z.string(),
    command: z.string().nullable(),
    // oxlint-disable-next-line unicorn/no-thenable -- as above
    said: z.object({ for: SaidBody, then: SaidBody }),
  })
  .openapi('Waiting', { description: 'What is waited for, since when, until when, and what happens then.' })

export const ServingBody: z.ZodType<ServingView> = z
  .object({
    component: z.string(),
    url: z.string().nullable(),
    observedAt: Moment.nullable(),
    maintenance: z.boolean(),
    slots: z.array(
      z.object({
        slot: SlotBody,
        version: z.string().nullable(),
        weight: z.number().int(),
        desiredWeight: z.number().int().nullable(),
        ready: z.number().int(),
        desired: z.number().int(),
        inFlight: z.number().int(),
        unready: z.string().nullable(),
      }),
    ),
    alarm: z.string().nullable(),
    text: z.string(),
    said: z.object({ text: SaidBody, alarm: SaidBody.nullable() }),
  })
  .openapi('Serving', { description: 'What users get from one component: observed beside desired.' })

const AlarmKind = z.enum(ALARM_KINDS)

const AlarmBody: z.ZodType<Alarm> = z
  .object({
    kind: AlarmKind,
    what: z.string(),
    since: Moment,
    until: Moment.nullable(),
    why: z.string(),
    said: z.object({ what: SaidBody, why: SaidBody }),
  })
  .openapi('Alarm', {
    description: 'Something that somebody should know now; `until`: when the candidate goes back for it.',
  })

type OpenAlarm = Omit<PlacedAlarm, 'why' | 'said'>

export const ReadinessBody: z.ZodType<Health & { readonly alarms: readonly OpenAlarm[] }> = z
  .object({
    ok: z.boolean(),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
    alarms: z.array(
      z.object({
        service: z.string().nullable(),
        environment: z.string().nullable(),
        kind: AlarmKind,
        what: z.string(),
        since: Moment,
        until: Moment.nullable(),
      }),
    ),
  })
  .openapi('Readiness', {
    description:
      '`ok`: all checks of the control plane itself pass. `alarms`: what is wrong in its environments, without the reasons, which are answers of others and for those with a token (`/api/v1/status`); `service` null: the control plane itself.',
  })

const ApprovalBody = z.object({
  id: z.string(),
  role: z.string(),
  by: z.string().nullable(),
  expiresAt: Moment.nullable(),
})

const StepsBody = z.object({
  at: z.number().int(),
  names: z.array(z.string()),
  rollback: z.array(z.string()).nullable(),
  rollbackAt: z.number().int(),
})

export const RolloutBody: z.ZodType<RolloutView> = z
  .object({
    id: z.string(),
    service: z.string(),
    environment: z.string(),
    version: z.string(),
    identity: z.string(),
    planHash: z.string(),
    phase: PhaseBody,
    final: z.boolean(),
    exitCode: z.number().int().nullable(),
    reason: z.string().nullable(),
    reasonSaid: SaidBody.nullable(),
    paused: z.object({ by: z.string(), reason: z.string(), since: Moment }).nullable(),
    waiting: WaitingBody.nullable(),
    requestedBy: z.string(),
    requestedAt: Moment,
    run: z.string().nullable(),
    updatedAt: Moment,
    candidate: z.object({ slot: SlotBody, weight: z.number().int() }),
    stable: z.object({ rollout: z.string(), version: z.string(), slot: SlotBody }).nullable(),
    approvals: z.array(ApprovalBody),
    verdicts: z.array(VerdictBody),
    serving: z.array(ServingBody),
    alarms: z.array(AlarmBody),
    intents: z.array(z.enum(INTENT_NAMES)).openapi({ description: 'What people may want of it now.' }),
    steps: StepsBody,
  })
  .openapi('Rollout')

const LeftoverBody: z.ZodType<LeftoverView> = z
  .object({
    component: z.string(),
    slot: SlotBody.nullable(),
    version: z.string().nullable(),
    release: z.string().nullable(),
    text: z.string(),
    said: SaidBody,
  })
  .openapi('Leftover', { description: 'Something that runs, or is routed, and belongs to no release in force.' })

const Said = z.object({ by: z.string(), at: Moment })

export const IncidentBody: z.ZodType<IncidentView> = z
  .object({
    id: z.string().openapi({ example: 'incident-shop-prod-7-1785024000000' }),
    rollout: z.string().openapi({ description: 'The rollout that it came of.' }),
    service: z.string(),
    environment: z.string(),
    version: z.string().openapi({ description: 'What that rollout released.' }),
    priority: z.enum(['P1', 'P2', 'P3']),
    title: z.string(),
    said: SaidBody.optional().openapi({ description: '`title` as data; absent of incidents of earlier versions.' }),
    phase: z.enum(['open', 'acknowledged', 'resolved']),
    openedAt: Moment,
    acknowledged: Said.nullable().openapi({ description: 'The first who said that he looks after it.' }),
    resolved: Said.extend({ note: z.string() }).nullable(),
  })
  .openapi('Incident', {
    description: 'The record of a disturbance: opened by a rollback, by live that is not well, or by a log in doubt.',
  })

export const EnvironmentBody: z.ZodType<EnvironmentView> = z
  .object({
    service: z.string(),
    environment: z.string(),
    stable: z.object({ rollout: z.string(), version: z.string(), since: Moment.nullable() }).nullable(),
    holder: RolloutBody.nullable(),
    queue: z.array(z.string()),
    serving: z.array(ServingBody),
    leftovers: z.array(LeftoverBody),
    alarms: z.array(AlarmBody),
    incidents: z.array(IncidentBody).openapi({ description: 'Those that nobody has resolved yet.' }),
  })
  .openapi('Environment')
