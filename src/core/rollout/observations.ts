/**
 * What a look brought, made into facts and kept. Snapshots of cumulative counters become ticks: what each role did between
 * two looks. Counts are evidence of now only if they were measured now (law L3): a source that stands still, or one behind a
 * cache, answers promptly what it had counted before, and read as a difference that would be "no traffic", which is a
 * finding. It is told apart by the source's own time of measurement, which has to go on, and may not be far from ours.
 */
import { metricsPart } from './no-data.ts'
import { rollbackKind } from './steps/index.ts'
import { TICKS_COVERED_MAX } from '../analysis/window.ts'
import type { EventData, RolloutEvent } from './events.ts'
import type { MetricsTick, RoleCountsDelta } from '../analysis/state.ts'
import { segmentsAfter, segmentTicks } from '../analysis/segment-ticks.ts'
import type { RoutePart } from '../parts.ts'
import type { World } from './inputs.ts'
import { difference } from '../analysis/difference.ts'
import { mergeHistograms } from '../histogram.ts'
import { timeOfDay } from '../analysis/text.ts'
import { type Counted, type RolloutState, type Seen, behind, currentRollbackStep, liveSlot, partAt } from './state.ts'
import { type Instant, formatDuration } from '../time.ts'
import {
  type MetricsSnapshot,
  type ObservedSlot,
  type OwnAnswer,
  type Slot,
  type SlotCounts,
  otherSlot,
} from '../observed.ts'

/** Nothing is recorded for a component whose source did not answer or gave impossible numbers: silence is no evidence. */
export function metricsFacts(state: RolloutState, world: World, now: Instant): readonly RolloutEvent[] {
  return state.parts.routes.flatMap((part) => {
    const snapshot = world.metrics[part.id]
    if (!snapshot || !isJudged(state, part)) return []
    const fact = tick(state, part, { snapshot, world, now })
    return fact ? [fact] : []
  })
}

type Look = { readonly snapshot: MetricsSnapshot; readonly world: World; readonly now: Instant }

/** The side that is judged has somebody: in the watch after a rollback that is the previous release. */
function isJudged(state: RolloutState, { id }: RoutePart): boolean {
  return state.analysis.components[id] !== undefined
}

function tick(state: RolloutState, part: RoutePart, { snapshot, world, now }: Look): RolloutEvent | null {
  const component = part.id
  const before = state.metrics[component]
  if (!before) {
    const { epoch, slots, at: measuredAt } = snapshot
    const own = state.exposed ? {} : ownOf(snapshot, liveSlot(state))
    return { type: 'MetricsBegun', data: { component, epoch, measuredAt, slots, ...own } }
  }
  const back = currentRollbackStep(state)
  const judged = back && rollbackKind(back).judges === 'live' ? liveSlot(state) : state.candidateSlot
  const seen = (slot: Slot) => world.slots[behind(state, part, slot) ?? '']?.[slot]
  const [candidate, live] = [judged, otherSlot(judged)].map((slot) => roleDelta(before, snapshot, slot, seen(slot)))
  if (!candidate || !live) return null
  return {
    type: 'MetricsObserved',
    data: {
      component,
      epoch: snapshot.epoch,
      measuredAt: snapshot.at,
      from: before.at,
      to: now,
      weight: world.routes[component]?.weights[judged] ?? state.routes[component]?.value.weights[judged] ?? 0,
      judged,
      restarted: { candidate: candidate.restarted, live: live.restarted },
      candidate: candidate.delta,
      live: live.delta,
      ...segmentsBetween(before, snapshot, judged),
    },
  }
}

function segmentsBetween(before: Counted, snapshot: MetricsSnapshot, judged: Slot): Pick<MetricsTick, 'segments'> {
  const sides = ({ slots }: Pick<Counted, 'slots'> | MetricsSnapshot) => ({
    candidate: slots[judged].segments,
    live: slots[otherSlot(judged)].segments,
  })
  const segments = segmentTicks(sides(before), sides(snapshot), before.epoch === snapshot.epoch)
  return segments === undefined ? {} : { segments }
}

type RoleDelta = { readonly delta: RoleCountsDelta; readonly restarted: boolean }

function roleDelta(
  before: Counted,
  snapshot: MetricsSnapshot,
  slot: Slot,
  seen: ObservedSlot | undefined,
): RoleDelta | null {
  const previous = before.slots[slot]
  const current = snapshot.slots[slot]
  const sameEpoch = before.epoch === snapshot.epoch
  const counts = difference(previous, current, sameEpoch)
  if (!counts) return null
  const restarted = !sameEpoch || current.requests < previous.requests || current.errors < previous.errors
  return { restarted, delta: { ...counts, ...platformDelta(previous, seen), ...ownOf(snapshot, slot) } }
}

function ownOf({ own }: MetricsSnapshot, slot: Slot): { readonly own?: Readonly<Record<string, OwnAnswer>> } {
  if (own === undefined) return {}
  return { own: Object.fromEntries(Object.entries(own).map(([rule, answers]) => [rule, answers[slot]])) }
}

/** A slot that was started anew counts from 0; a slot that was not seen has nothing to say. */
function platformDelta(previous: Counted['slots'][Slot], seen: ObservedSlot | undefined) {
  if (!seen) return { readiness: null, logLines: null, memoryBytes: null }
  const began = previous.readiness === null || seen.readiness.probes < previous.readiness.probes
  return {
    readiness: probesSince(began ? null : previous.readiness, seen.readiness),
    logLines: linesSince(began ? null : previous.logLines, seen.logLines),
    memoryBytes: seen.memoryBytes,
  }
}

function probesSince(before: ObservedSlot['readiness'] | null, { probes, failures }: ObservedSlot['readiness']) {
  return { probes: probes - (before?.probes ?? 0), failures: failures - (before?.failures ?? 0) }
}

function linesSince(before: number | null, now: number | null): number | null {
  if (now === null) return null
  return before === null || now < before ? now : now - before
}

/** The counts that a source began with. */
export function countedFirst(
  state: RolloutState,
  { component, epoch, measuredAt, slots }: EventData<'MetricsBegun'>,
  at: Instant,
): Counted {
  const blue = marked(state, component, 'blue', slots.blue)
  const green = marked(state, component, 'green', slots.green)
  return { epoch, at, ...(measuredAt === undefined ? {} : { measuredAt }), slots: { blue, green } }
}

/** The cumulative counts after this tick, kept so that the next snapshot can be turned into differences. */
export function counted(state: RolloutState, data: EventData<'MetricsObserved'>, at: Instant): Counted {
  const before = state.metrics[data.component]
  const known = before?.epoch === data.epoch ? before : undefined
  const after = (slot: Slot) => {
    const role = data.judged === slot ? 'candidate' : 'live'
    const delta = data[role]
    const previous = data.restarted[role] ? null : (before?.slots[slot] ?? null)
    const segments = segmentsAfter(known?.slots[slot].segments, data.segments, role)
    return marked(state, data.component, slot, { ...addCounts(previous, delta), ...segments })
  }
  const { epoch, measuredAt } = data
  const slots = { blue: after('blue'), green: after('green') }
  return { epoch, at, ...(measuredAt === undefined ? {} : { measuredAt }), slots }
}

/** Counts together with what the platform had counted at the same moment. */
function marked(state: RolloutState, component: string, slot: Slot, counts: SlotCounts): Counted['slots'][Slot] {
  const part = partAt(state, component)
  const name = part ? behind(state, part, slot) : component
  const seen = name === null ? undefined : state.slots[name]?.[slot]?.value
  return { ...counts, readiness: seen?.readiness ?? null, logLines: seen?.logLines ?? null }
}

function addCounts(previous: SlotCounts | null, delta: RoleCountsDelta): SlotCounts {
  const { inFlight, waitingOldestMs } = delta
  if (!previous)
    return { requests: delta.requests, errors: delta.errors, latency: delta.latency, inFlight, waitingOldestMs }
  return {
    requests: previous.requests + delta.requests,
    errors: previous.errors + delta.errors,
    latency: mergeHistograms(previous.latency, delta.latency),
    inFlight,
    waitingOldestMs,
  }
}

/** Clocks of two machines may differ; one that is further away than this is no clock. */
export const SKEW_MAX_MS = 30_000

/** What a look saw, as far as it is of now: a stale answer is no answer, and named as one of the look's failures. */
export function withoutStale(state: RolloutState, world: World): World {
  const stale = Object.entries(world.metrics).flatMap(([component, snapshot]) => {
    const problem = staleness(state, component, { snapshot, world })
    return problem === null ? [] : [{ component, problem }]
  })
  if (stale.length === 0) return world
  const metrics = { ...world.metrics }
  for (const { component } of stale) delete metrics[component]
  const told = stale.map(({ component, problem }) => ({ what: metricsPart(component), message: problem }))
  return { ...world, metrics, failures: [...world.failures, ...told] }
}

type Answered = { readonly snapshot: MetricsSnapshot; readonly world: World }

function staleness(state: RolloutState, component: string, { snapshot, world }: Answered): string | null {
  const ageMs = world.at - snapshot.at
  const mostMs = Math.max(SKEW_MAX_MS, TICKS_COVERED_MAX * state.plan.timings.tickMs)
  if (!(Math.abs(ageMs) <= mostMs)) {
    const away = `${formatDuration(Math.abs(ageMs))} ${ageMs > 0 ? 'before' : 'ahead of'} our time`
    return `stale: its counts are of ${away} (at most ${formatDuration(mostMs)})`
  }
  const { epoch, measuredAt: measured } = state.metrics[component] ?? {}
  // Another epoch is another counter, maybe on another machine: its time is compared with ours alone.
  if (measured === undefined || epoch !== snapshot.epoch || snapshot.at > measured) return null
  return `stale: it answered what it had measured at ${timeOfDay(snapshot.at)} UTC already, the newest was of ${timeOfDay(measured)} UTC`
}

/** Observations with the moment they were made: newer ones replace older ones, slot by slot. */
export function withSlot(state: RolloutState, data: EventData<'SlotObserved'>, at: Instant): RolloutState['slots'] {
  return mergeSlots(state, { [data.component]: { [data.slot]: data.observed } }, at)
}

export function mergeSlots(
  state: RolloutState,
  seen: Readonly<Record<string, Readonly<Partial<Record<Slot, ObservedSlot>>>>>,
  at: Instant,
): RolloutState['slots'] {
  const merged: Record<string, Partial<Record<Slot, Seen<ObservedSlot>>>> = { ...state.slots }
  for (const [component, slots] of Object.entries(seen))
    merged[component] = { ...merged[component], ...seenAll(slots, at) }
  return merged
}

export function seenAll<T>(values: Readonly<Record<string, T>>, at: Instant): Record<string, Seen<T>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value, at }]))
}

/** Until a look says what is there now. */
export function doubted(
  slots: RolloutState['slots'],
  { component, slot }: { readonly component: string; readonly slot: Slot },
): RolloutState['slots'] {
  const seen = slots[component]?.[slot]
  return seen ? { ...slots, [component]: { ...slots[component], [slot]: { ...seen, doubted: true } } } : slots
}
