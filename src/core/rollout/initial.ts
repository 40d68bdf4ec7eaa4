import { rollbackKind, forwardKind } from './steps/index.ts'
import type { AnalysisState } from '../analysis/state.ts'
import type { EventData } from './events.ts'
import type { RolloutState } from './state.ts'
import type { StableRelease } from './inputs.ts'
import { beginStep, initialAnalysis } from '../analysis/fold.ts'
import { keepsSessions } from '../told.ts'
import { type Instant, after } from '../time.ts'
import { type Parts, isShared, partsOf } from '../parts.ts'
import { type Plan, type Step, bakedShift, routedComponents, stepsThatRun } from '../plan.ts'
import { type Rule, isComparison } from '../analysis/rules.ts'

/** Everything that is empty before the first look, the first answer and the first step. */
const NOTHING_YET = {
  at: -1,
  rollback: null,
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
  unseen: {},
  noData: null,
  unwell: null,
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
  const { plan, stable, by, leftovers, requestFingerprint: _, ...facts } = data
  return {
    ...NOTHING_YET,
    ...facts,
    version,
    plan,
    ...beside(plan, stable),
    leftovers: leftovers ?? [],
    requestedBy: by.id,
    requestedAt: at,
    status: 'queued',
    admitted: true,
    step: { since: at, deadline: after(at, plan.timings.queueLimitMs) },
    lastAt: at,
  }
}

/** All that depends on what serves before. */
export function beside(plan: Plan, stable: StableRelease | null) {
  const parts = partsBeside(plan, stable)
  return { stable, parts, steps: stepsFor(plan, parts, stable), analysis: freshAnalysis(plan, stable, parts) } as const
}

export function freshAnalysis(plan: Plan, stable: StableRelease | null, { routes }: Parts): AnalysisState {
  const judged = routes.filter(({ candidate }) => candidate !== null)
  const alone = stable === null ? [] : judged.filter((part) => !isShared(part))
  return initialAnalysis({
    rules: analysisFor(plan, stable),
    tickMs: plan.timings.tickMs,
    components: judged.map(({ id }) => id),
    alone: alone.map(({ id, late }) => ({ name: id, late })),
    stickySessions: keepsSessions(routedComponents(plan)),
    starting: plan.analysis,
  })
}

/** Only what looks like a new stage of evidence begins one: traffic shifts keep what was learnt (analysis §2.7). */
export function beginAnalysis(state: RolloutState, data: EventData<'StepStarted'>, at: Instant) {
  const { step, track } = data
  if (track === 'rollback')
    return rollbackKind(step).judges ? beginStep(watching(state), { at, weight: 100 }) : state.analysis
  const { judges, share } = forwardKind(step)
  return judges && share ? beginStep(state.analysis, { at, weight: share(step) }) : state.analysis
}

/** After a rollback the routes of the previous release are looked at, each for itself. */
function watching({ plan, parts }: RolloutState): AnalysisState {
  const routes = parts.routes.filter(({ live }) => live !== null).map((part) => ({ ...part, candidate: part.live }))
  return freshAnalysis(plan, null, { ...parts, routes })
}

/** Logs of earlier versions do not say what the previous release consisted of. */
export function partsBeside(plan: Plan, stable: StableRelease | null): Parts {
  return partsOf(plan, stable && (stable.components ?? plan.components))
}

/** Without a route that is shared, as in a first release, there are no shares to go through. */
export function stepsFor(plan: Plan, { routes }: Parts, stable: StableRelease | null): readonly Step[] {
  return stepsThatRun({ ...plan, steps: withSwitch(plan, stable) }, !routes.some(isShared))
}

/** A worker of the previous release stops at the switch also where the plan has none: it was removed, renamed or given a router. */
function withSwitch({ steps, components }: Plan, stable: StableRelease | null): readonly Step[] {
  const asBefore = components.some(({ name, router }) => router === null && isDeployed(steps, name))
  const idles = stable?.components?.some(({ router }) => router === null) ?? false
  if (asBefore || !idles || steps.some(({ kind }) => kind === 'activate')) return steps
  return steps.toSpliced(bakedShift(steps), 0, { kind: 'activate' })
}

function isDeployed(steps: readonly Step[], name: string): boolean {
  return steps.some((step) => step.kind === 'deploy' && step.component === name)
}

export function analysisFor(plan: Plan, stable: StableRelease | null): readonly Rule[] {
  return stable ? plan.analysis.rules : plan.analysis.rules.filter((rule) => !isComparison(rule))
}
