/**
 * Facts of one rollout, past tense, in the order in which they were decided. Refusals are facts too. Every event carries
 * only data that may stand in the log for ever: no secret, no name of a person (law L11).
 */
import type { Told } from '../say.ts'
import type { MetricsTick } from '../analysis/state.ts'
import type { ObservedRoute, ObservedSlot, OwnAnswer, Slot, SlotCounts } from '../observed.ts'
import type { RollbackStep, PlannedComponent, Step } from '../plan.ts'
import type { Instant } from '../time.ts'
import type { Verdict } from '../verdict.ts'
import type { Command } from './commands.ts'
import type { Actor, RollbackCause, RolloutRequest, SmokeReport, StableRelease } from './inputs.ts'

type Facts = {
  RolloutRequested: Omit<RolloutRequest, 'type' | 'behind'> & { readonly candidateSlot: Slot }
  RolloutQueued: { readonly behind: string; readonly deadline: Instant }
  RolloutAdmitted: {
    readonly stable: StableRelease | null
    readonly leftovers?: readonly PlannedComponent[]
    readonly candidateSlot: Slot
    readonly quarantined: boolean
  }
  StepStarted: {
    readonly track: 'forward' | 'rollback'
    readonly index: number
    readonly step: Step | RollbackStep
    readonly deadline: Instant
  }
  StepFinished: {
    readonly track: 'forward' | 'rollback'
    readonly index: number
    readonly kind: string
    readonly verdicts: readonly Verdict[]
  }
  StepExtended: { readonly deadline: Instant; readonly reason: string; readonly said?: Told | undefined }
  /** The outbox: whoever sees this event may perform the command, from `due` on, under the key of this event. */
  CommandIssued: {
    readonly command: Command
    readonly attempt: number
    readonly due: Instant
    readonly deadline: Instant
  }
  CommandDone: { readonly key: string; readonly detail: string }
  CommandFailed: {
    readonly key: string
    readonly kind: 'transient' | 'permanent' | 'unknown'
    readonly message: string
  }
  SlotObserved: {
    readonly key: string
    readonly component: string
    readonly slot: Slot
    readonly observed: ObservedSlot
  }
  RouteObserved: { readonly key: string; readonly component: string; readonly observed: ObservedRoute }
  WorldObserved: {
    readonly key: string | null
    readonly slots: Readonly<Record<string, Readonly<Partial<Record<Slot, ObservedSlot>>>>>
    readonly routes: Readonly<Record<string, ObservedRoute>>
    readonly failures: readonly { readonly what: string; readonly message: string }[]
  }
  /** The first snapshot of a source: from here on its counters are read as differences. */
  MetricsBegun: {
    readonly component: string
    readonly epoch: string
    /** When the source measured this, by its own clock; logs of earlier versions do not say. */
    readonly measuredAt?: Instant
    readonly slots: Readonly<Record<Slot, SlotCounts>>
    /** What live's own numbers were then, if users had not met the candidate yet. */
    readonly own?: Readonly<Record<string, OwnAnswer>>
  }
  MetricsObserved: MetricsTick
  GateChecked: { readonly key: string; readonly gate: string; readonly verdict: Verdict }
  SmokeFinished: { readonly key: string; readonly target: 'candidate' | 'live'; readonly report: SmokeReport }
  Approved: {
    readonly approval: string
    readonly role: string
    readonly by: string
    readonly planHash: string
    readonly identity: string
    readonly expiresAt: Instant
  }
  Rejected: { readonly by: string; readonly reason: string }
  RequestRefused: {
    readonly request: string
    readonly by: string
    readonly reason: string
    readonly said?: Told | undefined
  }
  /** `said`, here and below: the sentence as data, for other languages; logs of versions before 0.2 hold none. */
  Paused: {
    readonly by: string
    readonly reason: string
    readonly said?: Told | undefined
    readonly deadline: Instant
  }
  Resumed: { readonly by: string }
  Promoted: { readonly by: string }
  /** The rules' outcomes changed; recorded whenever they do, so that a verdict can be traced to its numbers. */
  Judged: { readonly verdicts: readonly Verdict[] }
  /** Live suffers as the candidate does: going back would not mend it, so the release holds and people are called. */
  SharedCauseFound: { readonly verdict: Verdict }
  /** Nothing was seen of it for a while. */
  SharedCauseEnded: { readonly lastedMs: number }
  /** Nobody of live's `component` is ready any more: the percent of users kept on live come over before the bake ends. */
  ControlLost: { readonly component: string; readonly share: number }
  /** These cannot be seen while users are on the candidate: it is held, people are called, and it goes back at `until`. */
  NoDataFound: {
    readonly parts: readonly {
      readonly what: string
      readonly said?: Told | undefined
      readonly since: Instant
      readonly why: string
    }[]
    readonly until: Instant
  }
  /** A person says by name that the release shall wait for these all the same. */
  NoDataAnswered: { readonly by: string; readonly parts: readonly string[]; readonly said?: Told | undefined }
  NoDataEnded: { readonly lastedMs: number }
  /** Between releases: what serves has not been as it should be for a while. `isDown`: users get nothing from a part of it. */
  UnwellFound: {
    readonly since: Instant
    readonly found: readonly {
      readonly what: string
      readonly text: string
      readonly said?: Told | undefined
      readonly isDown: boolean
    }[]
    readonly isDown: boolean
  }
  UnwellEnded: { readonly lastedMs: number }
  /** The control plane of this host no longer trusts its log: people are told, and an incident is opened. */
  LogDoubted: { readonly host: string; readonly why: string }
  LogTrusted: { readonly host: string }
  RollbackTriggered: {
    readonly mode: 'abort' | 'rollback'
    readonly cause: RollbackCause | 'gate' | 'rejected' | 'start' | 'migration' | 'policy'
    readonly by: string
    readonly text: string
    readonly said?: Told | undefined
    readonly verdict: Verdict | null
    readonly steps: readonly RollbackStep[]
  }
  Finalized: {
    readonly slot: Slot
    readonly retireAt: Instant
    /** Version that stays warm until `retireAt`; null after a first release. Absent in logs of 0.1.0 before it was kept. */
    readonly previous?: string | null
  }
  /** The spare slot is stopped, or no longer this rollout's to return to: from here there is no instant way back. */
  WindowClosed: { readonly reason: 'retired' | 'superseded' | 'no-previous' }
  Aborted: { readonly reason: string; readonly said?: Told | undefined; readonly cause: string }
  RolledBack: {
    readonly reason: string
    readonly said?: Told | undefined
    readonly trafficBackMs: number | null
    /** By how much `rollback.targets.rto` was missed; absent where it was met. */
    readonly rtoMissedByMs?: number
  }
  NeedsHuman: {
    readonly reason: string
    readonly said?: Told | undefined
    readonly todo: string
    readonly todoSaid?: Told | undefined
  }
  Resolved: { readonly by: string; readonly note: string }
  /** The clock jumped, or nobody drove this rollout for a while: every wait of it is moved by that much. */
  TimeShifted: { readonly byMs: number; readonly reason: string; readonly said?: Told | undefined }
}

export type RolloutEvent = { [T in keyof Facts]: { readonly type: T; readonly data: Facts[T] } }[keyof Facts]
export type RolloutEventType = keyof Facts
export type EventData<T extends RolloutEventType> = Facts[T]

/** An event as the log keeps it: its place in the stream, when, and on whose behalf. */
export type Recorded<E = RolloutEvent> = E & {
  readonly version: number
  readonly at: Instant
  readonly actor: Actor['id']
  /** The id of the token by whose request it was decided. */
  readonly token?: string
}
