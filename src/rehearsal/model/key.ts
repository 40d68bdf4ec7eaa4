/**
 * When two nodes are the same node: a hash over everything that can still make a difference, with times relative to now.
 *
 * Left out, and why that is sound: versions and keys (only their order counts, and that is kept by the order of what is
 * pending), texts and causes (no decision reads them), when what stands by was seen (only whether since the step began, or
 * since the window ended), cumulative counters (only what a source counted more than the state knows), the outcomes last shown
 * to people. Failure counters are exact until the pause after them has stopped growing: only that is read. 53 bits: with a
 * million states the chance that any two are mistaken for one is below 1 in 10,000.
 */
import type { Slot } from '../../core/observed.ts'
import type { RolloutState } from '../../core/rollout/state.ts'
import type { Facts } from './facts.ts'
import { ABSENT, add, begin, end, flag, moment, word } from './hash.ts'
import { addAnalysis } from './key-analysis.ts'
import { addCommand } from './key-command.ts'
import { NO_LAYOUT } from './sides.ts'
import { PARTS } from './visibility.ts'
import type { ModelWorld } from './world-state.ts'

const FAILURES_OF_LONGEST_PAUSE = 7

export function keyOf(state: RolloutState, facts: Facts, world: ModelWorld, now: number): number {
  begin()
  addState(state, now)
  addPending(state, now)
  addSeen(state, 'api', 'blue')
  addSeen(state, 'api', 'green')
  addAnalysis(state, world, now)
  addFacts(facts, now)
  addWorld(world)
  if (world.layout !== NO_LAYOUT) addSides(state, facts, world)
  return end()
}

function addState(state: RolloutState, now: number): void {
  word(state.status)
  add(state.at)
  flag(state.admitted)
  flag(state.quarantined)
  word(state.candidateSlot)
  word(state.stable?.rollout ?? '')
  flag(state.smokePassed)
  flag(state.promoted)
  flag(state.sharedCause !== null)
  moment(state.sharedCause?.quietSince ?? undefined, now)
  flag(state.exposed)
  flag(state.windowClosed)
  wait(state.step, now)
  wait(state.paused, now)
  moment(state.lookedAt, now)
  add(Math.min(state.unreadyLooks, 3))
  addVisibility(state, now)
  addUnwell(state, now)
  moment(state.retireAt, now)
  addRollback(state)
  add(state.smoke.candidate ? Number(state.smoke.candidate.passed) : 2)
  add(state.smoke.live ? Number(state.smoke.live.passed) : 2)
  for (const each of state.done) word(each)
  for (const gate in state.gates) {
    word(gate)
    word(state.gates[gate]!.outcome)
  }
  for (const id in state.approvals) add(Math.max((state.approvals[id]?.expiresAt ?? 0) - now, 0))
}

/** Names are those of a few parts, always in the order in which they were missed first. */
function addVisibility({ unseen, noData }: RolloutState, now: number): void {
  for (const part in unseen) {
    word(part)
    moment(unseen[part]!.from, now)
    add(Math.min(unseen[part]!.looks, 3))
  }
  if (!noData) return add(ABSENT)
  flag(noData.answeredBy !== null)
  moment(noData.quietSince ?? undefined, now)
  for (const part of noData.parts) word(part)
}

function addUnwell({ unwell }: RolloutState, now: number): void {
  if (!unwell) return add(ABSENT)
  flag(unwell.told)
  moment(unwell.since, now)
  moment(unwell.quietSince ?? undefined, now)
}

function wait(waiting: { readonly since: number; readonly deadline: number } | null, now: number): void {
  if (!waiting) return add(ABSENT)
  moment(waiting.since, now)
  moment(waiting.deadline, now)
}

function addRollback({ rollback }: RolloutState): void {
  if (!rollback) return add(ABSENT)
  word(rollback.mode)
  add(rollback.at)
  flag(rollback.trafficBackAt !== null)
  for (const { kind } of rollback.steps) word(kind)
}

function addPending(state: RolloutState, now: number): void {
  for (const each of state.pending) {
    addCommand(each.command)
    moment(each.due, now)
    moment(each.deadline, now)
  }
  for (const identity in state.failures) {
    const { count, kind } = state.failures[identity]!
    word(identity)
    word(kind)
    add(Math.min(count, FAILURES_OF_LONGEST_PAUSE))
  }
}

/** What is known and what is there of the components beside `api`. */
function addSides(state: RolloutState, facts: Facts, world: ModelWorld): void {
  word(world.address)
  for (const name in world.sides) {
    const { slots, route } = world.sides[name]!
    flag(state.desired[name] !== undefined)
    flag(route.there)
    word(route.address)
    flag(route.maintenance)
    flag(facts.routes[name]?.inStep ?? false)
    for (const slot of ['blue', 'green'] as const) {
      addSeen(state, name, slot)
      const held = slots[slot]
      word(held?.release ?? '')
      word(held?.condition ?? '')
      add(held?.instances ?? ABSENT)
      add(route.weights[slot] * 8 + route.upstreams[slot].length)
    }
  }
}

function addSeen(state: RolloutState, name: string, slot: Slot): void {
  const since = state.step?.since ?? state.retireAt ?? 0
  const seen = state.slots[name]?.[slot]
  const route = state.routes[name]
  add(
    route
      ? route.value.weights[slot] + route.value.upstreams[slot].length * 128 + route.value.inFlight[slot] * 1024
      : ABSENT,
  )
  flag(route ? route.at >= since : false)
  if (!seen) return add(ABSENT)
  word(seen.value.release ?? '')
  add(seen.value.ready * 64 + seen.value.running * 8 + seen.value.desired)
  add(seen.value.restarts - (slot === state.candidateSlot ? (state.restartsBefore[name] ?? 0) : 0))
  flag(seen.at >= since)
  flag(seen.doubted === true)
}

function addFacts(facts: Facts, now: number): void {
  word(facts.end ?? '')
  word(facts.rollbackStepDone)
  word(facts.held)
  word(facts.gates)
  flag(facts.smokePassed)
  flag(facts.paused)
  flag(facts.promoted)
  flag(facts.windowClosed)
  word(facts.back ?? '')
  add(facts.liveSmoke === null ? 2 : Number(facts.liveSmoke))
  add(facts.weights ? facts.weights.blue * 128 + facts.weights.green : ABSENT)
  add(facts.step ? facts.step.index : ABSENT)
  add(facts.shareOrdered)
  add(Math.min(facts.badTicks, 3))
  add(Math.min(facts.unreadyLooks, 3))
  for (const part of PARTS) {
    const { seen, from, looks } = facts.seenParts[part]
    moment(seen ?? undefined, now)
    moment(from ?? undefined, now)
    add(Math.min(looks, 3))
  }
  flag(facts.toldNoData)
  flag(facts.answered)
  flag(facts.seenInStep.route)
  flag(facts.seenInStep.slots)
  moment(facts.step?.since, now)
  add(facts.waits.length)
}

function addWorld(world: ModelWorld): void {
  for (const slot of ['blue', 'green'] as const) {
    const held = world.slots[slot]
    word(held?.release ?? '')
    word(held?.condition ?? '')
    add(held?.restarts ?? ABSENT)
    add(world.weights[slot] * 8 + world.upstreams[slot].length)
  }
  flag(world.maintenance)
  word(world.draining ?? '')
  word(world.feel)
  word(world.hides)
  flag(world.stray !== null)
  if (world.stray) addCommand(world.stray.command)
}
