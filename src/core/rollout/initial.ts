import { beginStep, initialAnalysis } from '../analysis/fold.ts'
import type { AnalysisState } from '../analysis/state.ts'
import { type Plan, routedComponents } from '../plan.ts'
import { keepsSessions } from '../sessions.ts'
import { after, type Instant } from '../time.ts'
import type { EventData } from './events.ts'
import { analysisFor, stepsFor } from './first-release.ts'
import type { StableRelease } from './inputs.ts'
import type { RolloutState } from './state.ts'

/** Everything that is empty before the first look, the first answer and the first step. */
const NOTHING_YET = {
  at: -1,
  back: null,
  pending: [],
  failures: {},
  gates: {},
  approvals: {},
  slots: {},
  routes: {},
  desired: {},
  metrics: {},
  verdicts: [],
  smoke: { candidate: null, live: null },
  smokePassed: false,
  done: [],
  lookedAt: null,
  unreadyLooks: 0,
  blind: {},
  blindness: null,
  paused: null,
  sharedCause: null,
  promoted: false,
  exposed: false,
  restartsBefore: {},
  retireAt: null,
  windowClosed: false,
  ending: null,
} as const

/** The state that a request begins with. */
export function requested(
  data: EventData<'RolloutRequested'>,
  { at, version }: { at: Instant; version: number },
): RolloutState {
  const { plan, stable, by, ...facts } = data
  return {
    ...NOTHING_YET,
    ...facts,
    version,
    plan,
    stable,
    requestedBy: by.id,
    requestedAt: at,
    status: 'queued',
    turn: true,
    steps: stepsFor(plan, stable),
    step: { since: at, deadline: after(at, plan.timings.queueLimitMs) },
    analysis: freshAnalysis(plan, stable),
    lastAt: at,
  }
}

export function freshAnalysis(plan: Plan, stable: StableRelease | null): AnalysisState {
  const routed = routedComponents(plan)
  return initialAnalysis({
    rules: analysisFor(plan, stable),
    tickMs: plan.timings.tickMs,
    components: routed.map(({ name }) => name),
    stickySessions: keepsSessions(routed),
  })
}

/** Only what looks like a new stage of evidence begins one: traffic shifts keep what was learnt (analysis §2.7). */
export function beginAnalysis(state: RolloutState, data: EventData<'StepStarted'>, at: Instant) {
  const { step } = data
  if (step.kind === 'hold') return beginStep(state.analysis, { at, weight: step.weight })
  if (step.kind === 'bake') return beginStep(state.analysis, { at, weight: 100 })
  if (step.kind !== 'watch') return state.analysis
  return beginStep(freshAnalysis(state.plan, null), { at, weight: 100 })
}
