/** What every language has to say on screen; a missing text is a type error. */
import type { Alarm } from '../core/alarm.ts'
import type { Part, Told } from '../core/say.ts'
import type { DoctorTexts } from './doctor.ts'
import type { RebuildTexts } from './rebuild.ts'
import type { SetChange } from '../core/set-changes.ts'
import type { RollbackStep, Step } from '../core/plan.ts'
import type { Phase, Waiting } from '../core/views.ts'
import type { Outcome } from '../core/verdict.ts'
import type { IncidentMessages } from './incident.ts'
import type { NotifyMessages } from './notify.ts'
import type { PolicyMessages } from './policy.ts'

export type Messages = {
  readonly phases: Readonly<Record<Phase, string>>
  readonly outcomes: Readonly<Record<Outcome, string>>
  /** What the control plane says: `said` in this language, or `text` quoted where the log holds only that. */
  readonly told: (said: Told | undefined, text: string) => string
  /** A sentence in this language; what is quoted stays as it is. */
  readonly tell: (part: Part) => string
  /** `hold 10 % for 5m` */
  /** `isFirst`: no version was live before, so there is none to go back to. */
  readonly step: (step: Step | RollbackStep, isFirst?: boolean) => string
  readonly events: EventMessages
  readonly labels: Labels
  /** Of the summary on the page of a CI run. */
  readonly summary: Readonly<
    Record<'rollout' | 'state' | 'serving' | 'by' | 'run' | 'took' | 'why' | 'verdict', string>
  >
  /** What is waited for, and what happens then, in words that go into `waiting`. */
  readonly wait: (waiting: Waiting) => { readonly what: string; readonly next: string }
  readonly waiting: (what: string, since: string, until: string | null, next: string) => string
  readonly goesOnWith: (command: string) => string
  readonly nowServing: (text: string) => string
  readonly nothingServes: string
  readonly paused: (by: string, reason: string) => string
  readonly ends: Readonly<Record<EndName, (version: string, environment: string) => string>>
  readonly detached: (rollout: string) => string
  /** Before what the failing instance printed; `api v2 green/instance-0`. */
  readonly lastLines: (instance: string) => string
  readonly moreLines: (command: string) => string
  readonly noLines: (rollout: string) => string
  readonly timedOut: (rollout: string, limit: string) => string
  readonly followAgain: (command: string) => string
  readonly stopIt: (command: string) => string
  readonly lost: (why: string) => string
  readonly backAgain: string
  readonly confirm: (version: string, environment: string) => string
  readonly started: (rollout: string) => string
  readonly policy: PolicyMessages
  readonly notify: NotifyMessages
  readonly incident: IncidentMessages
  readonly nothingToUndo: string
  /** Above the steps of a plan where nothing is live yet. */
  readonly firstRelease: string
  /** Heading over what the steps of a plan see, at this traffic. */
  readonly sees: (component: string, traffic: string) => string
  /** Below a block that does not fit the terminal. */
  readonly more: (count: number) => string
  readonly worthALook: string
  readonly declined: string
  readonly ago: (duration: string) => string
  readonly inTime: (duration: string) => string
  /** `metrics of api: no data since 14:02:11 (3m ago): connection refused; rolled back at 14:07:11` */
  /** What a release changes in the set of components; see `core/set-changes.ts`. */
  readonly setChange: (change: SetChange) => string
  readonly alarm: (kind: Alarm['kind'], what: string, since: string, why: string) => string
  readonly alarmUntil: (until: string) => string
  /** Behind what is waited for: how much of its own length is still to go. */
  readonly left: (duration: string) => string
  readonly rehearsal: RehearsalMessages
  readonly doctor: DoctorTexts
  readonly rebuild: RebuildTexts
}

export type RehearsalMessages = {
  readonly head: (scenario: string) => string
  readonly summary: (facts: RehearsalFacts) => string
  readonly handedOver: (where: string, by: string) => string
  /** The plan has the gate, and nobody said `--record`. */
  readonly notHandedOver: string
  readonly nothingProven: string
  readonly unexpected: string
}

export type RehearsalFacts = {
  /** Simulated and real time. */
  readonly took: string
  readonly wall: string
  readonly seed: number
  readonly serves: string
  readonly requests: number
  readonly bad: number
  readonly lost: number
}

export type EndName = 'done' | 'failed' | 'gate' | 'approval' | 'rolledBack' | 'needsHuman' | 'held'

export type EventMessages = {
  readonly requested: (version: string, environment: string, by: string) => string
  readonly queued: (behind: string, until: string) => string
  readonly admitted: (live: string | null) => string
  readonly stepStarted: (what: string, until: string) => string
  readonly stepFinished: (what: string) => string
  readonly rollbackStepStarted: (what: string) => string
  readonly extended: (until: string, reason: string) => string
  readonly commandFailed: (kind: string, message: string) => string
  readonly slot: (component: string, slot: string, ready: number, desired: number) => string
  readonly route: (component: string, blue: number, green: number) => string
  readonly maintenance: (component: string) => string
  readonly gate: (gate: string, outcome: string, text: string) => string
  readonly smoke: (target: string, passed: number, total: number) => string
  readonly smokeFailed: (name: string, expected: string, actual: string) => string
  readonly approved: (role: string, by: string) => string
  readonly rejected: (by: string, reason: string) => string
  readonly refused: (by: string, request: string, reason: string) => string
  readonly paused: (by: string, reason: string) => string
  readonly resumed: (by: string) => string
  readonly sharedCause: (why: string) => string
  readonly sharedCauseEnded: (lasted: string) => string
  readonly controlLost: (component: string, share: number) => string
  readonly 'no-data': (what: string, until: string) => string
  readonly noDataAnswered: (by: string, what: string) => string
  readonly noDataEnded: (lasted: string) => string
  readonly unwell: (what: string) => string
  readonly unwellEnded: (lasted: string) => string
  readonly logDoubted: (why: string) => string
  readonly logTrusted: string
  readonly promoted: (by: string) => string
  readonly rollback: (mode: 'abort' | 'rollback', cause: string, text: string) => string
  /** `until`: null where no version stays warm. `previous`: null where its name is not known. */
  readonly finalized: (slot: string, until: string | null, previous: string | null) => string
  readonly windowClosed: string
  readonly nothingBefore: string
  readonly aborted: (reason: string) => string
  readonly rolledBack: (reason: string, trafficBack: string | null) => string
  readonly needsHuman: (reason: string, todo: string) => string
  readonly resolved: (by: string, note: string) => string
  readonly timeShifted: (by: string, reason: string) => string
}

export type Labels = {
  readonly service: string
  readonly environment: string
  readonly component: string
  readonly serving: string
  readonly desired: string
  readonly rollout: string
  readonly version: string
  readonly phase: string
  readonly requested: string
  readonly by: string
  readonly alarm: string
  readonly leftover: string
  /** Before the reason of a rollback or an end. */
  readonly why: string
  readonly ready: string
  readonly elapsed: string
  readonly queue: string
  readonly noEnvironments: string
  readonly noRollouts: string
}
