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

/** The state's judgement as it is now, made when it is first asked for: a turn asks twice, and judging is most of its work. */
export function judgedOnce(state: RolloutState, now: Instant): () => Judgement {
  let judgement: Judgement | null = null
  return () => (judgement ??= judgeCandidate(state, now, 0))
}
