/**
 * Where a rollout is: the fold of its events and nothing else. JSON-able, so that it can be kept beside the log and thrown
 * away at any time.
 */
import type { Told } from '../say.ts'
import type { AnalysisState } from '../analysis/state.ts'
import { type ObservedRoute, type ObservedSlot, type Slot, type SlotCounts, otherSlot } from '../observed.ts'
import {
  type RollbackStep,
  type Plan,
  type PlannedComponent,
  type Step,
  component as planned,
  workersOf,
} from '../plan.ts'
import type { Parts, RoutePart } from '../parts.ts'
import type { Instant } from '../time.ts'
import type { Verdict } from '../verdict.ts'
import type { Command } from './commands.ts'
import type { EventData } from './events.ts'
import type { SmokeReport, StableRelease } from './inputs.ts'

export type Status =
  | 'queued'
  | 'running'
  | 'aborting'
  | 'rolling-back'
  | 'finalized'
  | 'aborted'
  | 'rolled-back'
  | 'needs-human'
  | 'resolved'

/**
 * A fact with the moment at which it was seen. `answer`: said in answer to an order, and not yet confirmed by a look.
 * `doubted`: an order that could change it has failed since, and may have been done all the same.
 */
export type Seen<T> = {
  readonly value: T
  readonly at: Instant
  readonly answer?: true
  readonly doubted?: true
}

/** A command under way; `key` is the version of the event that issued it. */
export type Pending = {
  readonly key: string
  readonly command: Command
  readonly attempt: number
  readonly due: Instant
  readonly deadline: Instant
}

/** Cumulative counts of both slots at the last tick: what the next snapshot is compared with. */
export type Counted = {
  readonly epoch: string
  readonly at: Instant
  /** The same moment by the source's own clock: what it measured no later than that is stale. */
  readonly measuredAt?: Instant
  readonly slots: Readonly<
    Record<
      Slot,
      SlotCounts & { readonly readiness: ObservedSlot['readiness'] | null; readonly logLines: number | null }
    >
  >
}

export type Cause = EventData<'RollbackTriggered'>['cause']

/** Why the candidate is taken back. */
export type Trigger = { readonly cause: Cause; readonly said: Told; readonly verdict: Verdict | null }

export type WayBack = {
  readonly mode: 'abort' | 'rollback'
  readonly steps: readonly RollbackStep[]
  readonly at: number
  readonly cause: Cause
  readonly text: string
  readonly said?: Told | undefined
  readonly by: string
  readonly startedAt: Instant
  readonly trafficBackAt: Instant | null
}

/** A part that the newest look did not show. */
export type UnseenSince = {
  /** When it was last seen; of what was never seen, when a look first failed to. */
  readonly since: Instant
  /** What its limit counts from: later than `since` where users met the candidate only afterwards. */
  readonly from: Instant
  /** Looks in a row that did not see it. */
  readonly looks: number
  readonly why: string
}

/** NoData that people were told of. */
export type NoData = {
  readonly since: Instant
  readonly parts: readonly string[]
  /** Everything was seen again, since then. */
  readonly quietSince: Instant | null
  /** Who said that the release shall wait for it. */
  readonly answeredBy: string | null
}

/** Something in which what users get differs from what it should be. */
export type Difference = {
  /** The route, or the component where nobody is routed to it. */
  readonly what: string
  readonly text: string
  /** `text` as data, for other languages; logs of versions before 0.2 hold none. */
  readonly said?: Told | undefined
  /** Users, or work, get nothing from it at all. */
  readonly isDown: boolean
}

/** What serves since the release was finalized is not as it should be. */
export type Unwell = {
  readonly since: Instant
  /** What the newest bad look found. */
  readonly found: readonly Difference[]
  readonly told: boolean
  /** All was well in every look since then. */
  readonly quietSince: Instant | null
}

export type RolloutState = {
  /** Version of the last event folded in. */
  readonly version: number
  readonly id: string
  readonly plan: Plan
  readonly planHash: string
  readonly identity: string
  readonly requestedBy: string
  readonly requestedAt: Instant
  readonly run?: string
  readonly requestKey: string | null
  readonly stable: StableRelease | null
  /** What this release means for each component and route, against what the previous one consists of. */
  readonly parts: Parts
  /** Components of older releases of which something was left when this one began. */
  readonly leftovers: readonly PlannedComponent[]
  readonly candidateSlot: Slot
  readonly quarantined: boolean
  readonly status: Status
  /** False while another rollout holds the environment. */
  readonly admitted: boolean
  /** The forward steps this rollout takes: the plan's, shortened for a first release that has nothing to compare with. */
  readonly steps: readonly Step[]
  readonly at: number
  readonly rollback: WayBack | null
  readonly step: { readonly since: Instant; readonly deadline: Instant } | null
  /** In the order in which they were issued. A few at most: looking through them is quicker than any index. */
  readonly pending: readonly Pending[]
  /** Failures in a row per command, within the step under way: for growing pauses. */
  readonly failures: Readonly<
    Record<
      string,
      { readonly of: Command['type']; readonly count: number; readonly kind: string; readonly message: string }
    >
  >
  readonly gates: Readonly<Record<string, Verdict>>
  readonly approvals: Readonly<Record<string, { readonly by: string; readonly expiresAt: Instant }>>
  readonly slots: Readonly<Record<string, Readonly<Partial<Record<Slot, Seen<ObservedSlot>>>>>>
  readonly routes: Readonly<Record<string, Seen<ObservedRoute>>>
  /** Last weights ordered per component; null where the last order was to take the route away. */
  readonly desired: Readonly<Record<string, Readonly<Record<Slot, number>> | null>>
  readonly metrics: Readonly<Record<string, Counted>>
  readonly analysis: AnalysisState
  readonly verdicts: readonly Verdict[]
  readonly smoke: { readonly candidate: SmokeReport | null; readonly live: SmokeReport | null }
  readonly smokePassed: boolean
  readonly done: readonly string[]
  readonly lookedAt: Instant | null
  /** Looks in a row at which the candidate was not completely ready, since users are on it. */
  readonly unreadyLooks: number
  /** Parts that the newest look did not show, by their name in a look. */
  readonly unseen: Readonly<Record<string, UnseenSince>>
  /** What people were told that cannot be seen; null while all is, or nobody had to be told. */
  readonly noData: NoData | null
  /** What serves since this release was finalized is not as it should be; null while it is. */
  readonly unwell: Unwell | null
  /** Hosts whose control plane does not trust the log, as people were told; absent: none. */
  readonly doubtedBy?: readonly string[]
  readonly paused: {
    readonly by: string
    readonly reason: string
    readonly said?: Told | undefined
    readonly since: Instant
    readonly deadline: Instant
  } | null
  /** What live suffers from as well, of which people were told; `quietSince`: its rule no longer fails. */
  readonly sharedCause: { readonly rule: string; readonly since: Instant; readonly quietSince: Instant | null } | null
  /** A person asked to go on without waiting for the rest of the hold; evidence is still demanded. */
  readonly promoted: boolean
  /** Users were, or were ordered to be, on the candidate. */
  readonly exposed: boolean
  /** Exits per component before users met the candidate: only later ones are its failure under traffic. */
  readonly restartsBefore: Readonly<Record<string, number>>
  readonly retireAt: Instant | null
  readonly windowClosed: boolean
  readonly ending: {
    readonly at: Instant
    readonly reason: string
    readonly said?: Told | undefined
    readonly cause: string
    readonly todo: string | null
    readonly todoSaid?: Told | undefined
  } | null
  readonly lastAt: Instant
}

const FINAL: readonly Status[] = ['finalized', 'aborted', 'rolled-back', 'needs-human', 'resolved']

/** Ended, as far as the environment is concerned: another rollout may hold it (not after `needs-human`). */
export function isFinal(state: RolloutState): boolean {
  return FINAL.includes(state.status)
}

export function holdsEnvironment(state: RolloutState): boolean {
  return state.status === 'needs-human' || (!isFinal(state) && state.status !== 'queued')
}

export function isRollingBack(state: RolloutState): boolean {
  return state.status === 'rolling-back' || state.status === 'aborting'
}

export function currentStep(state: RolloutState): Step | null {
  return state.status === 'running' ? (state.steps[state.at] ?? null) : null
}

export function currentRollbackStep(state: RolloutState): RollbackStep | null {
  return isRollingBack(state) && state.rollback ? (state.rollback.steps[state.rollback.at] ?? null) : null
}

/** Nobody has given this consent, or what was given has expired. */
export function approvalOpen(state: RolloutState, id: string, now: Instant): boolean {
  const given = state.approvals[id]
  return !given || given.expiresAt <= now
}

export function liveSlot(state: RolloutState): Slot {
  return otherSlot(state.candidateSlot)
}

export function slotOf(state: RolloutState, component: string, slot: Slot): Seen<ObservedSlot> | null {
  return state.slots[component]?.[slot] ?? null
}

export function candidateOf(state: RolloutState, component: string): Seen<ObservedSlot> | null {
  const seen = slotOf(state, component, state.candidateSlot)
  return seen && seen.value.release === state.id ? seen : null
}

/** Components of the previous release, as far as this log tells them. */
export function liveComponents({ stable, plan }: Pick<RolloutState, 'stable' | 'plan'>): readonly PlannedComponent[] {
  return stable ? (stable.components ?? plan.components) : []
}

export function partAt({ parts }: RolloutState, id: string): RoutePart | null {
  return parts.routes.find((part) => part.id === id) ?? null
}

/** The component whose instances a route knows as `slot`. */
export function behind(state: RolloutState, part: RoutePart, slot: Slot): string | null {
  return slot === state.candidateSlot ? part.candidate : part.live
}

/**
 * Routes that were last seen to send users to a slot of this component: by what each side of a route is, and by the
 * addresses that it names, whoever has set it.
 */
export function routesTo(state: RolloutState, component: string, slot: Slot): readonly string[] {
  const known = slotOf(state, component, slot)?.value.upstreams ?? []
  return Object.entries(state.routes).flatMap(([id, { value }]) => {
    const part = partAt(state, id)
    const isItsSide = value.weights[slot] > 0 && part !== null && behind(state, part, slot) === component
    return isItsSide || names(value, known) ? [id] : []
  })
}

function names({ weights, upstreams }: ObservedRoute, addresses: readonly string[]): boolean {
  if (addresses.length === 0) return false
  return (['blue', 'green'] as const).some(
    (slot) => weights[slot] > 0 && upstreams[slot].some((upstream) => addresses.includes(upstream)),
  )
}

/** What of the candidate no router leads to: it starts at the switch (R-D16). */
export function workers({ plan }: Pick<RolloutState, 'plan'>): readonly PlannedComponent[] {
  return workersOf(plan)
}

/**
 * What of the previous release no router leads to: it stops at the switch, and starts again on the way back. Plans of earlier
 * versions kept it running.
 */
export function liveWorkers(state: Pick<RolloutState, 'stable' | 'plan' | 'steps'>): readonly PlannedComponent[] {
  if (!state.steps.some(({ kind }) => kind === 'activate')) return []
  return liveComponents(state).filter(({ router }) => router === null)
}

/**
 * Instances the component must have by what is done: a canary grows with its share, and what starts at the switch has none
 * before it. The step under way is not done: what it starts may take its time.
 */
export function desiredInstances(state: RolloutState, name: string): number {
  const { instances } = planned(state.plan, name)
  const before = state.steps.slice(0, Math.max(state.at, 0))
  if (workers(state).some((each) => each.name === name))
    return before.some(({ kind }) => kind === 'activate') ? instances : 0
  const deployed = before.findLast((step) => step.kind === 'deploy' && step.component === name)
  return deployed?.instances ?? instances
}

/** Every started component has all its instances ready, as last seen. */
export function candidateReady(state: RolloutState): boolean {
  return state.plan.components.every(({ name }) => {
    const wanted = desiredInstances(state, name)
    const seen = candidateOf(state, name)
    return wanted === 0 || (seen !== null && seen.value.ready >= wanted)
  })
}

export function isPending(state: RolloutState, type: Command['type']): boolean {
  return state.pending.some(({ command }) => command.type === type)
}

/** The command that this key stands for; undefined once it has its answer or is no longer waited for. */
export function pendingOf(state: RolloutState, key: string): Pending | undefined {
  return state.pending.find((each) => each.key === key)
}
