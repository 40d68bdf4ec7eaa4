/** The analysis rules applied to this rollout, for the step under way. */
import type { Judge } from './step-kind.ts'
import { rollbackKind } from './steps/index.ts'
import { judge, type Judgement } from '../analysis/judge.ts'
import type { AnalysisState } from '../analysis/state.ts'
import { sourcesOf } from '../analysis/sources.ts'
import type { Instant } from '../time.ts'
import { analysisFor } from './initial.ts'
import { currentRollbackStep, type RolloutState } from './state.ts'

/** Judges the side that is looked at: the candidate on the way forward, live in the watch after a rollback. */
export function judgeCandidate(state: RolloutState, now: Instant, requiredMs: number): Judgement {
  const step = currentRollbackStep(state)
  const watching = step !== null && rollbackKind(step).judges === 'live'
  const rules = analysisFor(state.plan, watching ? null : state.stable)
  const { minRequests } = state.plan.analysis
  return judge(state.analysis, { rules, minRequests }, { now, requiredMs, sources: sourcesOf(state.plan) })
}

/**
 * The judge of one decision. Judging is most of a turn's work, and most turns only order something: what was said of the
 * same evidence is said again. A watch begins evidence of its own, so the evidence also tells which side is looked at.
 */
export function judgeAt(now: Instant): Judge {
  const said: { readonly evidence: AnalysisState; readonly requiredMs: number; readonly judgement: Judgement }[] = []
  return (state, requiredMs) => {
    const evidence = state.analysis
    const known = said.find((each) => each.evidence === evidence && each.requiredMs === requiredMs)
    if (known) return known.judgement
    const judgement = judgeCandidate(state, now, requiredMs)
    said.push({ evidence, requiredMs, judgement })
    return judgement
  }
}
