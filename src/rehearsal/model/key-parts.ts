/** The parts of a node's key that stand for themselves: an order, and what the analysis knows. */
import type { Span } from '../../core/analysis/state.ts'
import type { Command, WishedRoute } from '../../core/rollout/commands.ts'
import type { RolloutState } from '../../core/rollout/state.ts'
import { ABSENT, add, flag, moment, word } from './hash.ts'
import type { ModelWorld } from './world.ts'

export function addCommand(command: Command): void {
  word(command.type)
  switch (command.type) {
    case 'CheckGate':
      return word(command.gate)
    case 'EnsureSlot':
    case 'StopSlot':
      word(command.slot)
      return word(command.release)
    case 'SetRoute':
      return addRoute(command.route)
    case 'RunSmoke':
      return word(command.target)
    case 'Migrate':
      return word(command.direction)
    case 'OpenIncident':
      return word(command.title)
    case 'Damp':
      return add(command.index)
    case 'Observe':
      return flag(command.metrics)
    case 'Notify':
      return
  }
}

function addRoute({ weights, upstreams }: WishedRoute): void {
  add(weights.blue * 128 + weights.green)
  add(upstreams.blue.length * 128 + upstreams.green.length)
}

export function addAnalysis(state: RolloutState, world: ModelWorld, now: number): void {
  const counted = state.metrics['api']
  moment(counted?.at, now)
  for (const slot of ['blue', 'green'] as const) {
    add(counted ? world.counts[slot].requests - counted.slots[slot].requests : ABSENT)
    add(counted ? world.counts[slot].errors - counted.slots[slot].errors : ABSENT)
  }
  const { step, components } = state.analysis
  moment(step?.at, now)
  const component = components['api']
  if (!component) return
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
