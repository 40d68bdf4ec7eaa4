/**
 * Folds ticks into the state that rules are judged by. Deterministic and mergeable: the sum of two routers' counts is one
 * tick, and a tick cut in two gives the same sums. A tick that holds anything but counts is not folded at all; it leaves a
 * gap, and until a good one follows nothing is judged (law L3).
 */
import type { Instant } from '../time.ts'
import { bare, emptyWindow, slide, sumsWithLatency, slowLimits, windowsOf, TICKS_COVERED_MAX } from './window.ts'
import {
  NO_SIDES,
  type OwnAnswers,
  type OwnSides,
  type OwnTallies,
  ownTallies,
  sumOwn,
  unknownBecause,
} from './own/tally.ts'
import { type ReadTick, readTick } from './tick.ts'
import type { Rule } from './rules.ts'
import { foldSequential } from './sequential/fold.ts'
import { type Starting, sequentialOptions } from './sequential/options.ts'
import { beginSequentialStep, initialSequential } from './sequential/state.ts'
import { atStep, ceilingsOf, foldSharedCauses, NO_SHARED_CAUSE } from './shared-cause.ts'
import type {
  AnalysisState,
  ComponentAnalysis,
  Exposure,
  Granule,
  MetricsTick,
  NewestTick,
  RoleCountsDelta,
  Span,
} from './state.ts'
import { platformTallyOf, SUM_LATENCY_CHARS, tallyOf, withSpan } from './tally.ts'

export type AnalysisOptions = {
  readonly rules: readonly Rule[]
  readonly tickMs: number
  /** Every component that gets traffic: one that never reports keeps the rollout from advancing. */
  readonly components: readonly string[]
  /** Those of them that nobody serves beside the candidate: all users are on it, in every step. `late`: from 100 % on. */
  readonly alone?: readonly { readonly name: string; readonly late: boolean }[]
  /** Sessions stay where they began, so that the candidate gets less than its weight after a shift. */
  readonly stickySessions?: boolean
  /** How a candidate may begin: `warmUpMs`, `patienceMs`; absent: as usual. */
  readonly starting?: Starting
}

export function initialAnalysis(options: AnalysisOptions): AnalysisState {
  const { rules, tickMs, components, alone = [], stickySessions = false, starting = {} } = options
  const sequential = sequentialOptions(rules, stickySessions, starting)
  const empty = emptyComponent(windowsOf(rules).map(emptyWindow), sequential && initialSequential(sequential))
  const single = (late: boolean): ComponentAnalysis => ({ ...empty, alone: late ? 'late' : 'yes' })
  return {
    tickMs,
    sequential,
    slowLimitsMs: slowLimits(rules),
    keepsLatency: sumsWithLatency(rules),
    ceilings: ceilingsOf(rules, slowLimits(rules)),
    step: null,
    components: Object.fromEntries(
      components.map((name) => {
        const found = alone.find((each) => each.name === name)
        return [name, found ? single(found.late) : empty]
      }),
    ),
  }
}

/** Sums of the step start at 0; windows go on, since the candidate's traffic does. Call it when the weight is observed. */
export function beginStep(
  state: AnalysisState,
  step: { readonly at: Instant; readonly weight: number },
): AnalysisState {
  const components = Object.entries(state.components).map(([name, component]) => {
    const share = component.alone ? { ...step, weight: 100 } : step
    const sequential = component.sequential && beginSequentialStep(component.sequential, share)
    return [name, { ...component, sinceStep: null, shared: atStep(component.shared), sequential }] as const
  })
  return { ...state, step, components: Object.fromEntries(components) }
}

/** A tick that is not newer than the newest one changes nothing. Throws for a component that the plan does not route. */
export function foldTick(state: AnalysisState, tick: MetricsTick): AnalysisState {
  const component = state.components[tick.component]
  if (component === undefined) throw new Error(`no analysis was begun for the component "${tick.component}"`)
  const folded = foldComponent(state, component, tick)
  return folded === component ? state : { ...state, components: { ...state.components, [tick.component]: folded } }
}

/** The first look at a source, before users met the candidate: a look at "before", though no tick yet. */
export function foldFirstOwn(state: AnalysisState, name: string, own: OwnAnswers | undefined): AnalysisState {
  const component = state.components[name]
  if (component === undefined || component.shifted || own === undefined) return state
  const ownBefore = sumOwn([component.ownBefore, ownTallies(own, 0)])
  return { ...state, components: { ...state.components, [name]: { ...component, ownBefore } } }
}

/** The metrics source of a component did not answer: remembered until it does, so that people are told what is wrong. */
export function foldSilent(state: AnalysisState, name: string, reason: string): AnalysisState {
  const component = state.components[name]
  if (component === undefined) return state
  return { ...state, components: { ...state.components, [name]: { ...component, silent: reason } } }
}

function foldComponent(state: AnalysisState, component: ComponentAnalysis, tick: MetricsTick): ComponentAnalysis {
  if (component.newest !== null && tick.to <= component.newest.to) return component
  const read = readTick(tick, component.scale)
  if (typeof read === 'string') return { ...component, unusable: read }
  const granule = granuleOf(state, component, read)
  const keeps = state.keepsLatency
  const [isOfStep, isBefore] = [
    belongsToStep(state, component, tick),
    granule.exposure === 'none' && !component.shifted,
  ]
  return {
    ...component,
    scale: read.scale,
    newest: newestTick(tick, granule),
    unusable: null,
    silent: null,
    idleTicks: granule.exposure !== 'none' && completedNothing(tick.candidate) ? component.idleTicks + 1 : 0,
    sinceStep: isOfStep ? summed(component.sinceStep, granule, keeps.step) : component.sinceStep,
    shared: foldSharedCauses(component, state.ceilings, granule, isOfStep),
    before: isBefore ? summed(component.before, granule, keeps.before) : component.before,
    ownBefore: isBefore ? ownOf(component.ownBefore, granule) : component.ownBefore,
    shifted: component.shifted || granule.exposure !== 'none',
    windows: component.windows.map((window) => slide(window, granule)),
    sequential:
      component.sequential &&
      state.sequential &&
      foldSequential(component.sequential, state.sequential, tick, read.cells),
  }
}

function summed(sum: Span | null, granule: Granule, keepsLatency: boolean): Span {
  return withSpan(sum, keepsLatency ? granule : bare(granule), SUM_LATENCY_CHARS)
}

function ownOf(before: OwnTallies, { own }: Granule): OwnTallies {
  return own.live === undefined ? before : sumOwn([before, own.live])
}

function newestTick({ to, candidate }: MetricsTick, { platform }: Granule): NewestTick {
  return {
    to,
    waitingOldestMs: candidate.waitingOldestMs,
    knew: {
      readiness: (platform?.readinessMs ?? 0) > 0,
      logLines: (platform?.logLinesMs ?? 0) > 0,
      memory: (platform?.memoryMs ?? 0) > 0,
    },
    own: Object.fromEntries(Object.entries(candidate.own ?? {}).map(([id, answer]) => [id, unknownBecause(answer)])),
  }
}

function granuleOf(state: AnalysisState, component: ComponentAnalysis, { tick, cells }: ReadTick): Granule {
  const from = Math.max(tick.from, component.newest?.to ?? tick.from) as Instant
  const coveredMs = Math.min(tick.to - from, TICKS_COVERED_MAX * state.tickMs)
  const { slowLimitsMs } = state
  const keepsLatency = state.keepsLatency.step || component.windows.some((window) => window.keepsLatency)
  return {
    from,
    to: tick.to,
    coveredMs,
    exposure: exposureAt(tick.weight),
    live: tallyOf(tick.live, cells.live, { slowLimitsMs, keepsLatency }),
    candidate: tallyOf(tick.candidate, cells.candidate, { slowLimitsMs, keepsLatency }),
    platform: platformTallyOf(tick.candidate, coveredMs),
    own: ownSides(tick, coveredMs),
  }
}

function ownSides({ live, candidate }: MetricsTick, coveredMs: number): OwnSides {
  if (live.own === undefined && candidate.own === undefined) return NO_SIDES
  return { live: ownTallies(live.own, coveredMs), candidate: ownTallies(candidate.own, coveredMs) }
}

function exposureAt(weight: number): Exposure {
  return weight <= 0 ? 'none' : weight < 100 ? 'part' : 'all'
}

/** Evidence for a step is what happened wholly within it and at its weight (law L3). */
function belongsToStep({ step }: AnalysisState, { alone }: ComponentAnalysis, tick: MetricsTick): boolean {
  return step !== null && tick.from >= step.at && tick.weight === (alone ? 100 : step.weight)
}

function completedNothing({ requests, errors }: RoleCountsDelta): boolean {
  return requests === 0 && errors === 0
}

function emptyComponent(
  windows: ComponentAnalysis['windows'],
  sequential: ComponentAnalysis['sequential'],
): ComponentAnalysis {
  return {
    scale: null,
    newest: null,
    unusable: null,
    silent: null,
    idleTicks: 0,
    sinceStep: null,
    before: null,
    ownBefore: {},
    shifted: false,
    windows,
    shared: NO_SHARED_CAUSE,
    sequential,
  }
}
