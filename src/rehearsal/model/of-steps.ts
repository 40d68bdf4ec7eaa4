/** What must hold of the course of a rollout: its steps, its way back, its end. */
import { otherSlot, type Slot } from '../../core/observed.ts'
import type { Ends } from '../../core/rollout/step-kind.ts'
import { rollbackKind, forwardKind } from '../../core/rollout/steps/index.ts'
import type { Command } from '../../core/rollout/commands.ts'
import type { Recorded } from '../../core/rollout/events.ts'
import { type Facts, desiredOf } from './facts.ts'
import type { Context } from './invariant.ts'
import { wantedShare } from './of-orders.ts'
import type { Plan } from '../../core/plan.ts'

export function orderedTwice(facts: Facts, event: Recorded): string | null {
  if (event.type !== 'CommandIssued' || event.data.command.type === 'Notify') return null
  const desired = desiredOf(event.data.command)
  return facts.waits.some((each) => each.desired === desired) ? desired : null
}

const FIRST_PAUSE_MS = 250

export function triedAtOnce(facts: Facts, event: Recorded): string | null {
  if (event.type !== 'CommandIssued') return null
  const desired = desiredOf(event.data.command)
  const failures = facts.failed[desired] ?? 0
  const pause = event.data.due - event.at
  const wanted = failures === 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), 1000)
  return pause < wanted ? `${desired} after ${failures} failures and ${pause} ms` : null
}

/** A first release bakes the whole, whatever share its plan would bake beside a live one. */
function plannedStep({ steps }: Plan, of: string, at: Facts['step']): Plan['steps'][number] | undefined {
  return steps.find(({ kind, weight }) => kind === of && (kind === 'bake' || weight === at?.weight))
}

export function holdsShort(facts: Facts, event: Recorded, { plan }: Context): string | null {
  if (event.type !== 'StepFinished' || event.data.track !== 'forward') return null
  const step = plannedStep(plan, event.data.kind, facts.step)
  if (step?.holdMs === undefined || !facts.step) return null
  const lasted = event.at - facts.step.since
  if (!facts.promoted && lasted < step.holdMs) return `${event.data.kind} lasted ${lasted} of ${step.holdMs} ms`
  const { verdicts } = event.data
  if (verdicts.length === 0) return 'no verdict'
  const bad = verdicts.find(({ outcome }) => outcome !== 'pass')
  if (bad) return `${bad.rule} is ${bad.outcome}`
  if (facts.badTicks > 0) return 'the newest tick was bad'
  const share = facts.weights?.[facts.candidate]
  if (!isReady(facts)) return 'the candidate was not seen ready'
  return share === wantedShare(facts) ? null : `users were last seen with ${share} % of it`
}

export function advancesPaused(facts: Facts, event: Recorded): string | null {
  const advances = event.type === 'StepFinished' || event.type === 'StepStarted'
  return advances && facts.paused && event.data.track === 'forward' ? `${event.type} of ${facts.step?.kind}` : null
}

const KEYED: readonly Recorded['type'][] = [
  'CommandDone',
  'CommandFailed',
  'SlotObserved',
  'RouteObserved',
  'WorldObserved',
  'GateChecked',
  'SmokeFinished',
]

/** What an earlier step asked for says how the world was then. */
export function hearsStrangers(facts: Facts, event: Recorded): string | null {
  if (!KEYED.includes(event.type) || !('key' in event.data) || event.data.key === null) return null
  const { key } = event.data
  return facts.waits.some((each) => each.key === key) ? null : `${event.type} answers ${key}`
}

export function endsUnseen(facts: Facts, event: Recorded): string | null {
  if (event.type !== 'StepFinished' || !facts.step) return null
  const { kind, weight, component } = facts.step
  const step = { kind, weight, component: component ?? '' }
  return unseen(
    facts,
    event.data.track === 'forward' ? forwardKind(step).ends?.(step) : rollbackKind(step).ends?.(step),
  )
}

/** What its kind says that must have been seen within a step, held against what was; null: all of it was. */
function unseen(facts: Facts, wanted: Ends = {}): string | null {
  const { slots, candidate, id, liveSmoke } = facts
  if (wanted.candidate === 'ready' && !(facts.seenInStep.slots && isDeployed(facts)))
    return 'the candidate was not seen ready'
  if (wanted.candidate === 'gone' && slots[candidate]?.release === id) return 'the candidate was not seen gone'
  if (wanted.smoke === 'live' && liveSmoke !== true) return 'live was not tested'
  const previous = wanted.previous === 'ready' ? previousMissing(facts) : null
  return (
    previous ?? shareMissing(facts, candidate, wanted.share) ?? shareMissing(facts, otherSlot(candidate), wanted.live)
  )
}

function shareMissing(facts: Facts, slot: Slot, wanted: number | undefined): string | null {
  if (wanted === undefined || (facts.back && neverServed(facts))) return null
  return facts.seenInStep.route && facts.weights?.[slot] === wanted ? null : `${wanted} % of ${slot} was not seen`
}

/** A first release that no router ever took: there is nobody to take back, and no page to show. */
function neverServed({ stable, weights, candidate }: Facts): boolean {
  return stable === null && weights?.[candidate] === 0
}

function previousMissing({ stable, slots, weights, candidate, failed }: Facts): string | null {
  if (stable === null) return null
  const live = otherSlot(candidate)
  const held = slots[live]
  const startedAgain = `EnsureSlot ${live} ${stable}` in failed
  const serves = (weights?.[live] ?? 0) > 0 && held?.running !== 0 && !startedAgain
  return serves || (held?.release === stable && held.ready > 0) ? null : 'the previous release was not seen ready'
}

function isDeployed(facts: Facts): boolean {
  const name = facts.step?.component ?? 'api'
  if (name === 'api') return isReady(facts)
  const held = facts.sides[name]?.[facts.candidate]
  return held?.release === facts.id && held.ready > 0
}

function isReady(facts: Facts): boolean {
  const held = facts.slots[facts.candidate]
  return held?.release === facts.id && held.ready >= 2
}

export function skipsSteps(facts: Facts, event: Recorded): string | null {
  if (event.type !== 'StepStarted') return null
  const last = facts.step && facts.step.track === event.data.track ? facts.step.index : -1
  return event.data.index === last + 1 ? null : `${event.data.step.kind} is number ${event.data.index} after ${last}`
}

export function backOutOfOrder(facts: Facts, event: Recorded): string | null {
  if (event.type === 'RolledBack') {
    const missing = ['traffic-back', 'stop-candidate', 'smoke-live', 'watch'].filter(
      (kind) => !facts.rollbackStepDone.includes(kind),
    )
    if (missing.length > 0) return `rolled back without ${missing.join(', ')}`
    return facts.weights?.[otherSlot(facts.candidate)] === 100 ? null : 'live was not seen to serve everything'
  }
  if (event.type !== 'StepStarted' || event.data.track !== 'rollback' || facts.shareOrdered === 0) return null
  const early = ['stop-candidate', 'schema', 'smoke-live', 'watch'].includes(event.data.step.kind)
  return early && !facts.rollbackStepDone.includes('traffic-back')
    ? `${event.data.step.kind} before traffic-back`
    : null
}

const AFTER: readonly Recorded['type'][] = [
  'RequestRefused',
  'WindowClosed',
  'CommandDone',
  'CommandFailed',
  'SlotObserved',
  'RouteObserved',
  'WorldObserved',
  'MetricsBegun',
  'MetricsObserved',
  'TimeShifted',
  'UnwellFound',
  'UnwellEnded',
]

export function movesAfterEnd(facts: Facts, event: Recorded): string | null {
  if (!facts.end || AFTER.includes(event.type)) return null
  if (event.type === 'Resolved') return facts.end === 'NeedsHuman' ? null : `resolved after ${facts.end}`
  if (event.type === 'RollbackTriggered')
    return facts.end === 'NeedsHuman' || (facts.end === 'Finalized' && !facts.windowClosed)
      ? null
      : `back after ${facts.end}`
  if (event.type !== 'CommandIssued') return `${event.type} after ${facts.end}`
  return orderedAfterEnd(facts, event.data.command)
}

function orderedAfterEnd(facts: Facts, command: Command): string | null {
  if (command.type === 'Notify' || command.type === 'OpenIncident') return null
  if (facts.end !== 'Finalized') return `${command.type} after ${facts.end}`
  // Before anything is stopped at the end of the window.
  if (command.type === 'Observe') return null
  if (command.type === 'RemoveRoute' || ('component' in command && command.component !== 'api')) return null
  if (command.type === 'StopSlot') return command.release === facts.stable ? null : `stops ${command.release}`
  if (command.type === 'EnsureSlot') return command.release === facts.id ? null : `starts ${command.release}`
  if (command.type !== 'SetRoute') return `${command.type} after the end`
  return command.route.weights[facts.candidate] === 100 ? null : 'takes traffic off'
}

export function finalizesEarly(facts: Facts, event: Recorded, { plan }: Context): string | null {
  if (event.type !== 'Finalized') return null
  const first = facts.stable === null
  const wanted = plan.steps.filter(({ kind }) => kind === 'bake' || (kind === 'hold' && !first)).length
  const held = facts.held.split(' ').length - 1
  if (held < wanted) return `${held} of ${wanted} holds passed`
  return isReady(facts) ? null : 'the candidate was not seen ready at the end'
}

export function lies(facts: Facts, event: Recorded, { world }: Context): string | null {
  const { candidate } = facts
  const share = world.weights[candidate]
  if (event.type === 'Finalized') return share === 100 ? null : `users have ${share} % of it`
  if (event.type !== 'Aborted' && event.type !== 'RolledBack') return null
  const left = world.slots[candidate]?.release === facts.id && facts.id !== ''
  if (left) return 'the candidate is still there'
  return share === 0 || world.slots[candidate]?.release !== facts.id || facts.end ? null : `users have ${share} % of it`
}
