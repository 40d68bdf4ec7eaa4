/** The part of a node's hash that is the evidence: what a source counted beyond the state, and what the rules look at. */
import type { SharedCauses, Span } from '../../core/analysis/state.ts'
import type { RolloutState } from '../../core/rollout/state.ts'
import { ABSENT, add, flag, moment, word } from './hash.ts'
import type { ModelWorld } from './world-state.ts'

export function addAnalysis(state: RolloutState, world: ModelWorld, now: number): void {
  addCounted(state, 'api', world.counts, now)
  moment(state.analysis.step?.at, now)
  addEvidence(state, 'api', now)
  for (const name in world.sides) {
    addCounted(state, name, world.sides[name]!.counts, now)
    addEvidence(state, name, now)
  }
}

function addCounted(state: RolloutState, name: string, counts: ModelWorld['counts'], now: number): void {
  const counted = state.metrics[name]
  moment(counted?.at, now)
  for (const slot of ['blue', 'green'] as const) {
    add(counted ? counts[slot].requests - counted.slots[slot].requests : ABSENT)
    add(counted ? counts[slot].errors - counted.slots[slot].errors : ABSENT)
  }
}

function addEvidence({ analysis }: RolloutState, name: string, now: number): void {
  const component = analysis.components[name]
  if (!component) return
  addShared(component.shared, now)
  moment(component.newest?.to, now)
  add(component.idleTicks)
  flag(component.unusable === null)
  addSpan(component.sinceStep, now)
  for (const { granules } of component.windows)
    for (const granule of granules) {
      word(granule.exposure)
      addSpan(granule, now)
    }
}

/**
 * What live broke by itself, and its newest requests, from which the next tick tells that. As long as none of those was bad
 * their number is left out: half of a look's requests fail, or none, and that half breaks a limit whatever went before.
 */
function addShared({ live, step, window }: SharedCauses, now: number): void {
  const rows = [live.older, live.newer]
  if (rows.some(([, errors = 0]) => errors > 0)) {
    add(live.ticks)
    for (const row of rows) for (const count of row) add(count)
  }
  for (const calms of [step, window])
    for (const rule in calms) {
      const calm = calms[rule]!
      flag(calm.suffers)
      moment(calm.lastAt, now)
      addSpan(calm.span, now)
    }
}

function addSpan(span: Span | null, now: number): void {
  if (!span) return add(ABSENT)
  moment(span.from, now)
  moment(span.to, now)
  add(span.coveredMs)
  add(span.candidate.requests)
  add(span.candidate.errors)
  add(span.live.requests)
  add(span.live.errors)
}
