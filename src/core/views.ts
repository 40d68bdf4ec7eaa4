/**
 * What people and programs are shown of a rollout and of an environment: the same data for the command line, the HTTP API
 * and pages. Desired and observed stand side by side (law L10).
 */
import type { IncidentView } from './incident/state.ts'
import type { IntentName } from './rollout/inputs.ts'
import type { Told } from './say.ts'
import { ROLLBACK_PHASES, FORWARD_PHASES } from './rollout/steps/index.ts'
import type { Alarm } from './alarm.ts'
import type { Slot } from './observed.ts'
import type { Instant } from './time.ts'
import type { Verdict } from './verdict.ts'

/** design §6; `queued` before its turn, `aborting` while what was started before any traffic is being taken away. */
export const PHASES = [
  'requested',
  'queued',
  ...FORWARD_PHASES,
  'finalized',
  'aborting',
  'aborted',
  ...ROLLBACK_PHASES,
  'rolled-back',
  'needs-human',
  'resolved',
] as const

export type Phase = (typeof PHASES)[number]

/** The wait that every unfinished state names: for what, since when, until when, what happens then (law L6). */
export type Waiting = {
  readonly for: string
  readonly since: Instant
  /** Not before this, however good it looks: the end of a hold. Null where there is no such moment. */
  readonly earliest: Instant | null
  readonly until: Instant | null
  readonly then: string
  /** The command that goes on or finds out more, ready to paste. */
  readonly command: string | null
  /** `for` and `then` as data, for other languages. */
  // oxlint-disable-next-line unicorn/no-thenable -- the word of the view; it is text, not a function
  readonly said: { readonly for: Told; readonly then: Told }
}

export type RolloutView = {
  readonly id: string
  readonly service: string
  readonly environment: string
  readonly version: string
  readonly identity: string
  readonly planHash: string
  readonly phase: Phase
  readonly final: boolean
  /** Null while it runs; else the exit code that `deploy` ends with (design §10). */
  readonly exitCode: number | null
  readonly reason: string | null
  /** `reason` as data, for other languages. */
  readonly reasonSaid: Told | null
  readonly paused: {
    readonly by: string
    readonly reason: string
    readonly said?: Told | undefined
    readonly since: Instant
  } | null
  readonly waiting: Waiting | null
  readonly requestedBy: string
  readonly requestedAt: Instant
  /** Where the CI run that asked for it can be looked at; null where a person asked. */
  readonly run: string | null
  readonly updatedAt: Instant
  readonly candidate: { readonly slot: Slot; readonly weight: number }
  readonly stable: { readonly rollout: string; readonly version: string; readonly slot: Slot } | null
  /** Approvals asked for, with who gave them. */
  readonly approvals: readonly {
    readonly id: string
    readonly role: string
    readonly by: string | null
    readonly expiresAt: Instant | null
  }[]
  readonly verdicts: readonly Verdict[]
  readonly serving: readonly ServingView[]
  readonly alarms: readonly Alarm[]
  /** What people may want of it now; who may, the API says. */
  readonly intents: readonly IntentName[]
  /** How far along: index of the step under way and all steps by name. */
  readonly steps: {
    readonly at: number
    readonly names: readonly string[]
    readonly rollback: readonly string[] | null
    readonly rollbackAt: number
  }
}

/** What users get from one component, as last observed, beside what was desired. */
export type ServingView = {
  readonly component: string
  readonly url: string | null
  readonly observedAt: Instant | null
  readonly maintenance: boolean
  readonly slots: readonly {
    readonly slot: Slot
    readonly version: string | null
    readonly weight: number
    readonly desiredWeight: number | null
    readonly ready: number
    readonly desired: number
    readonly inFlight: number
    /** What an instance that is not ready last answered, `GET /readiness: 404 "Not Found"`; null when nobody says. */
    readonly unready: string | null
  }[]
  /** Set when observed and desired differ, or when it could not be observed. */
  readonly alarm: string | null
  /** `v1 100 %` or `v1 90 %, v2 10 %` or `maintenance page`. */
  readonly text: string
  /** `text` and `alarm` as data, for other languages. */
  readonly said: { readonly text: Told; readonly alarm: Told | null }
}

/** Something that runs, or is routed (`slot: null`), and belongs to no release in force. */
export type LeftoverView = {
  readonly component: string
  readonly slot: Slot | null
  readonly version: string | null
  readonly release: string | null
  /** What it is and what becomes of it. */
  readonly text: string
  /** `text` as data, for other languages. */
  readonly said: Told
}

export type EnvironmentView = {
  readonly service: string
  readonly environment: string
  readonly stable: { readonly rollout: string; readonly version: string; readonly since: Instant | null } | null
  readonly holder: RolloutView | null
  readonly queue: readonly string[]
  readonly serving: readonly ServingView[]
  /** Instances and routes of releases that nobody can return to; they are ended in their time. */
  readonly leftovers: readonly LeftoverView[]
  /** Everything that is not as it should be here, beside what `serving` says of single components. */
  readonly alarms: readonly Alarm[]
  /** Those that nobody has resolved yet. */
  readonly incidents: readonly IncidentView[]
}
