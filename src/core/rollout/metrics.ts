/** Snapshots of cumulative counters, turned into ticks: what each role did between two looks. */
import { difference } from '../analysis/difference.ts'
import type { RoleCountsDelta } from '../analysis/state.ts'
import type { MetricsSnapshot, ObservedSlot, OwnAnswer, Slot } from '../observed.ts'
import { otherSlot } from '../observed.ts'
import type { Instant } from '../time.ts'
import type { RolloutEvent } from './events.ts'
import type { World } from './inputs.ts'
import type { RoutePart } from '../parts.ts'
import { behind, type Counted, currentBackStep, liveSlot, type RolloutState } from './state.ts'

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
  const judged = currentBackStep(state)?.kind === 'watch' ? liveSlot(state) : state.candidateSlot
  const seen = (slot: Slot) => world.slots[behind(state, part, slot) ?? '']?.[slot]
  const candidate = roleDelta(before, snapshot, judged, seen(judged))
  const live = roleDelta(before, snapshot, otherSlot(judged), seen(otherSlot(judged)))
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
    },
  }
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
