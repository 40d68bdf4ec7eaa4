/** The analysis rules applied to this rollout, for the step under way. */
import { judge, type Judgement } from '../analysis/judge.ts'
import { sourcesOf } from '../analysis/sources.ts'
import type { Instant } from '../time.ts'
import { analysisFor } from './first-release.ts'
import { currentBackStep, type RolloutState } from './state.ts'

/** Judges the side that is looked at: the candidate on the way forward, live in the watch after a rollback. */
export function judgeCandidate(state: RolloutState, now: Instant, requiredMs: number): Judgement {
  const watching = currentBackStep(state)?.kind === 'watch'
  const rules = analysisFor(state.plan, watching ? null : state.stable)
  const { minRequests } = state.plan.analysis
  return judge(state.analysis, { rules, minRequests }, { now, requiredMs, sources: sourcesOf(state.plan) })
}

/** The judgement of a running rollout at one moment. */
export type Judge = (state: RolloutState) => Judgement

/** Made when first asked for, and once for all turns of a decision that fold nothing new: judging is most of their work. */
export function judgesAt(now: Instant): Judge {
  let last: { readonly analysis: RolloutState['analysis']; readonly judgement: Judgement } | null = null
  return (state) => {
    const { analysis } = state
    if (last?.analysis !== analysis) last = { analysis, judgement: judgeCandidate(state, now, 0) }
    return last.judgement
  }
}
