/**
 * The interlocking: named predicates over (state before, event) that no decision can pass, whoever asked for it (design §6).
 * `decide` asserts them on every event; the model checker walks them over every edge. A violation is a programmer error: it
 * throws, the stream is stopped, and nothing is guessed.
 */
import { forwardKind } from './steps/index.ts'
import { isSamePerson } from '../person.ts'
import type { Recorded } from './events.ts'
import { isCandidateUnseen, unseen } from './no-data.ts'
import {
  behind,
  candidateOf,
  candidateReady,
  currentStep,
  isFinal,
  liveSlot,
  liveWorkers,
  partAt,
  type RolloutState,
  routesTo,
  slotOf,
  workers,
  approvalOpen,
} from './state.ts'
import type { Command } from './commands.ts'
import { otherSlot, type Slot } from '../observed.ts'

export type Interlock = {
  readonly name: string
  readonly law: string
  /** Null when `event` may happen in `state`; else what it would break. */
  readonly breaks: (state: RolloutState, event: Recorded) => string | null
}

export const interlocks: readonly Interlock[] = [
  { name: 'weights sum to 100', law: 'L12', breaks: (_, event) => onRoute(event, weightsWrong) },
  {
    name: 'traffic only to observed-ready capacity',
    law: 'L5',
    breaks: (state, event) => onRoute(event, (route) => notReady(state, route)),
  },
  {
    name: 'traffic only after smoke, gates and approvals',
    law: 'L3',
    breaks: (state, event) => onRoute(event, (route) => unproven(state, event, route)),
  },
  { name: 'nothing of the requester runs before the consents', law: 'L7', breaks: runsUnapproved },
  { name: 'never stop what is routed to', law: 'L5', breaks: stopsRouted },
  { name: 'a route goes only when nobody has it in his release', law: 'L5', breaks: removesServed },
  { name: 'blue stays until the window closes', law: 'L5', breaks: stopsStandby },
  { name: 'one generation of workers at a time', law: 'L4', breaks: startsBeside },
  { name: 'advance only on a fresh pass', law: 'L3', breaks: advancesWithoutData },
  { name: 'no quarantined artifact', law: 'L3', breaks: startsQuarantined },
  { name: 'approver is neither requester nor author', law: 'L7', breaks: approvesOwn },
  { name: 'an approval is bound to what was approved', law: 'L7', breaks: approvesOther },
  { name: 'every wait has a deadline', law: 'L6', breaks: waitsForever },
  { name: 'traffic returns before the candidate is stopped', law: 'L4', breaks: stopsBeforeReturn },
  { name: 'nothing after the end', law: 'L2', breaks: movesAfterEnd },
]

/** Throws, naming the interlock, when `event` must not happen in `state`. */
export function assertInterlocks(state: RolloutState | null, event: Recorded): void {
  if (!state) return
  for (const { name, law, breaks } of interlocks) {
    const broken = breaks(state, event)
    if (broken === null) continue
    const cause: Broken = { interlock: name }
    throw new Error(`interlock "${name}" (${law}) refuses ${event.type}: ${broken}`, { cause })
  }
}

type Broken = { readonly interlock: string }

/** The name of the interlock that threw this; null: it was something else. */
export function brokenInterlock(error: unknown): string | null {
  const cause: unknown = error instanceof Error ? error.cause : null
  return typeof cause === 'object' && cause !== null && 'interlock' in cause ? (cause as Broken).interlock : null
}

type Route = Extract<Extract<Recorded, { type: 'CommandIssued' }>['data']['command'], { type: 'SetRoute' }>

function onRoute(event: Recorded, check: (route: Route) => string | null): string | null {
  return event.type === 'CommandIssued' && event.data.command.type === 'SetRoute' ? check(event.data.command) : null
}

function weightsWrong({ route }: Route): string | null {
  const { blue, green } = route.weights
  const sane = [blue, green].every((weight) => Number.isInteger(weight) && weight >= 0 && weight <= 100)
  const sum = blue + green
  return sane && (sum === 100 || (sum === 0 && route.maintenance)) ? null : `weights ${blue} and ${green}`
}

function notReady(state: RolloutState, { component, route }: Route): string | null {
  for (const slot of ['blue', 'green'] as const) {
    const { weights, upstreams } = route
    if (weights[slot] === 0) continue
    if (upstreams[slot].length === 0) return `${slot} has no instance to send users to`
    if (!mayServe(state, component, { slot, weight: weights[slot] })) return `${slot} was not observed ready`
  }
  const more = route.weights[state.candidateSlot] > (state.routes[component]?.value.weights[state.candidateSlot] ?? 0)
  return more && state.status === 'running' && !candidateReady(state)
    ? 'the candidate lacks ready capacity for its share'
    : null
}

/** Observed ready, or serving that much already, or the side to go back to that serves some of it right now. */
function mayServe(state: RolloutState, component: string, { slot, weight }: { slot: Slot; weight: number }): boolean {
  const serves = state.routes[component]?.value.weights[slot] ?? 0
  const part = partAt(state, component)
  const ready = slotOf(state, (part && behind(state, part, slot)) ?? '', slot)?.value.ready ?? 0
  return ready > 0 || serves >= weight || (slot === liveSlot(state) && serves > 0)
}

function unproven(state: RolloutState, event: Recorded, { route }: Route): string | null {
  if (route.weights[state.candidateSlot] === 0 || state.exposed || state.status === 'finalized') return null
  if (!state.smokePassed) return 'no passed smoke test'
  const red = state.plan.gates.find(({ id }) => state.gates[id]?.outcome !== 'pass')
  if (red) return `gate "${red.id}" has not passed`
  const open = state.plan.approvals.find(({ id }) => approvalOpen(state, id, event.at))
  return open ? `approval as ${open.role} is missing or has expired` : null
}

/**
 * Commands that run something of the release: its gates' commands, its instances, its migration, its checks. An approval that
 * has expired since does not stop what it let begin; users meet the candidate only under one that still counts.
 */
function runsUnapproved(state: RolloutState, event: Recorded): string | null {
  if (event.type !== 'CommandIssued' || !isRequesters(state, event.data.command)) return null
  const missing = state.plan.approvals.find(({ id }) => state.approvals[id] === undefined)
  return missing ? `nobody has approved as ${missing.role}` : null
}

function isRequesters({ id, plan, exposed }: RolloutState, command: Command): boolean {
  switch (command.type) {
    case 'CheckGate':
      return plan.gates.some((gate) => gate.id === command.gate && gate.runs !== undefined)
    case 'EnsureSlot':
      return command.release === id
    case 'RunSmoke':
      return !exposed
    default:
      return command.type === 'Migrate' || command.type === 'Mitigate'
  }
}

function stopsRouted(state: RolloutState, event: Recorded): string | null {
  if (event.type !== 'CommandIssued' || event.data.command.type !== 'StopSlot') return null
  const { component, slot } = event.data.command
  const [named] = routesTo(state, component, slot)
  if (named !== undefined) return `the route of ${named} names ${slot} of ${component}`
  const ordered = state.pending.find(({ command }) => {
    if (command.type !== 'SetRoute' || command.route.weights[slot] === 0) return false
    const part = partAt(state, command.component)
    return part !== null && behind(state, part, slot) === component
  })
  return ordered ? `a route that names ${slot} of ${component} is ordered` : null
}

/** It is in neither release, or the release without it has all users, or the one that brought it is going back. */
function removesServed(state: RolloutState, event: Recorded): string | null {
  if (event.type !== 'CommandIssued' || event.data.command.type !== 'RemoveRoute') return null
  const part = partAt(state, event.data.command.component)
  if (!part) return null
  if (part.candidate === null) return hasAllUsers(state) ? null : `the previous release still serves ${part.id}`
  if (part.live !== null) return `both releases have the route of ${part.id}`
  const returned = state.rollback !== null && state.rollback.trafficBackAt !== null
  const weight = state.routes[part.id]?.value.weights[state.candidateSlot] ?? 0
  return returned && weight === 0 ? null : `users are, or may be, on ${part.id}`
}

/** The share under way is the last one. */
function hasAllUsers(state: RolloutState): boolean {
  if (state.status === 'finalized') return true
  const step = currentStep(state)
  return step !== null && forwardKind(step).share?.(step) === 100
}

function stopsStandby(state: RolloutState, event: Recorded): string | null {
  if (event.type !== 'CommandIssued' || event.data.command.type !== 'StopSlot') return null
  const { slot, release } = event.data.command
  if (slot !== liveSlot(state) || release !== state.stable?.rollout) return null
  const isPast = state.windowClosed || (state.retireAt !== null && event.at >= state.retireAt)
  const over = state.status === 'finalized' && isPast
  const { component } = event.data.command
  const switches = currentStep(state)?.kind === 'activate' && liveWorkers(state).some(({ name }) => name === component)
  return over || switches ? null : `${release} is what a rollback returns to`
}

/** What no router leads to works as soon as it runs: one side is seen gone before the other is started (R-D16). */
function startsBeside(state: RolloutState, event: Recorded): string | null {
  if (event.type !== 'CommandIssued' || event.data.command.type !== 'EnsureSlot') return null
  const { component, slot } = event.data.command
  const sides = { [state.candidateSlot]: workers(state), [liveSlot(state)]: liveWorkers(state) }
  if (!sides[slot]?.some(({ name }) => name === component)) return null
  const other = otherSlot(slot)
  const beside = sides[other]?.find(({ name }) => {
    const seen = slotOf(state, name, other)
    return !seen || seen.value.present || seen.doubted
  })
  return beside ? `${beside.name} was not seen gone from ${other}` : null
}

/** Ticks may be late by two of their lengths; older evidence is no evidence. */
const FRESH_TICKS = 3

function advancesWithoutData(state: RolloutState, event: Recorded): string | null {
  if (event.type !== 'StepFinished' || event.data.track !== 'forward') return null
  if (!forwardKind(event.data).judges) return null
  const [missing] = isCandidateUnseen(state) ? unseen(state) : []
  if (missing) return `the newest look did not show ${missing.name}`
  const { verdicts } = event.data
  if (verdicts.length === 0) return 'no verdict'
  const bad = verdicts.find(({ outcome }) => outcome !== 'pass')
  if (bad) return `${bad.rule} is ${bad.outcome}`
  const oldest = event.at - FRESH_TICKS * state.plan.timings.tickMs
  const stale = verdicts.find(({ observedAt }) => observedAt < oldest)
  return stale ? `${stale.rule} was last observed ${event.at - stale.observedAt} ms ago` : null
}

function startsQuarantined(state: RolloutState, event: Recorded): string | null {
  return event.type === 'StepStarted' && event.data.track === 'forward' && state.quarantined
    ? 'it was rolled back here before'
    : null
}

function approvesOwn(state: RolloutState, event: Recorded): string | null {
  if (event.type !== 'Approved') return null
  const { by } = event.data
  const own = [state.requestedBy, ...state.plan.artifact.authors].some((each) => isSamePerson(each, by))
  return own ? `${event.data.by} requested or wrote it` : null
}

function approvesOther(state: RolloutState, event: Recorded): string | null {
  if (event.type !== 'Approved') return null
  return event.data.planHash === state.planHash && event.data.identity === state.identity
    ? null
    : 'another plan or artifact'
}

function waitsForever(_: RolloutState, event: Recorded): string | null {
  if (event.type === 'StepStarted' && event.data.deadline <= event.at)
    return `the deadline of ${event.data.step.kind} is not in the future`
  if (event.type === 'CommandIssued' && event.data.deadline <= event.data.due)
    return `${event.data.command.type} has no time`
  return null
}

function stopsBeforeReturn(state: RolloutState, event: Recorded): string | null {
  if (event.type !== 'CommandIssued' || event.data.command.type !== 'StopSlot' || !state.exposed) return null
  const { slot, component } = event.data.command
  if (slot !== state.candidateSlot || !candidateOf(state, component)) return null
  const returned = state.rollback?.trafficBackAt !== null && state.rollback !== null
  return returned && routesTo(state, component, slot).length === 0 ? null : 'users are, or may be, on it'
}

const AFTER_END = [
  'RollbackTriggered',
  'CommandIssued',
  'CommandDone',
  'CommandFailed',
  'SlotObserved',
  'RouteObserved',
  'WorldObserved',
  'WindowClosed',
  'Resolved',
  'RequestRefused',
  'TimeShifted',
  'UnwellFound',
  'UnwellEnded',
  'MetricsBegun',
  'MetricsObserved',
]

function movesAfterEnd(state: RolloutState, event: Recorded): string | null {
  if (!isFinal(state) || AFTER_END.includes(event.type)) return null
  return `it has ended: ${state.status}`
}
