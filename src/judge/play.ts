/** Both sides' ticks through the analysis, asked after every one of them, as a rollout asks. */
import { beginStep, foldTick, initialAnalysis } from '../core/analysis/fold.ts'
import { judge, type Judgement } from '../core/analysis/judge.ts'
import type { Rule } from '../core/analysis/rules.ts'
import { evidenceOf } from '../core/analysis/sequential/evidence.ts'
import { initialSequential } from '../core/analysis/sequential/state.ts'
import type { AnalysisState } from '../core/analysis/state.ts'
import type { Instant } from '../core/time.ts'
import type { Pairs } from './pair.ts'

/** `demanded`: what evidence has to reach to roll back, to hold, and to accept. */
export type EvidenceNow = {
  readonly rollback: number
  readonly hold: number
  readonly accept: number
  readonly demanded: { readonly rollback: number; readonly hold: number; readonly accept: number }
}

export type Asked = {
  readonly rules: readonly Rule[]
  readonly name: string
  readonly source: string
  readonly warmUpMs: number
  readonly patienceMs: number
  readonly minRequests: number
  readonly minTimeMs: number
  /** Of the chance to go back without cause, 0-1: 1 where nothing else is judged beside it. */
  readonly alphaShare: number
  /** The index of the last tick of the candidate that is judged. */
  readonly last: number
}

export type Played = {
  /** After each tick of the candidate: a state of each would be gigabytes for a day of them. */
  readonly evidence: readonly (EvidenceNow | null)[]
  readonly judgement: Judgement
  /** Index among them of the tick that decided: the first one that demands a rollback, or the last. */
  readonly decided: number
}

export function play({ ticks, tickMs, alone, weight }: Pairs, asked: Asked): Played {
  const past = ticks.filter((tick) => tick.weight === 0)
  const beside = ticks.slice(past.length)
  const begun = beginStep(past.reduce(foldTick, initial(asked, tickMs, alone)), { at: beside[0]!.from, weight })
  const evidence: (EvidenceNow | null)[] = []
  let state = begun
  let judgement: Judgement | null = null
  let decided = 0
  for (const [index, tick] of beside.entries()) {
    state = foldTick(state, tick)
    evidence.push(evidenceAt(state, asked.name))
    if (judgement?.triggered.length || index > asked.last) continue
    judgement = judgeAt(state, asked, tick.to)
    decided = index
  }
  return { evidence, judgement: judgement!, decided }
}

function initial(asked: Asked, tickMs: number, isAlone: boolean): AnalysisState {
  const { rules, name, warmUpMs, patienceMs, alphaShare } = asked
  const alone = isAlone ? [{ name, late: false }] : []
  const state = initialAnalysis({ rules, tickMs, components: [name], alone, starting: { warmUpMs, patienceMs } })
  const { sequential } = state
  if (sequential === null) return state
  const alpha = { ...sequential.alpha, rollback: sequential.alpha.rollback * alphaShare }
  return { ...state, sequential: { ...sequential, alpha } }
}

function judgeAt(state: AnalysisState, asked: Asked, now: Instant): Judgement {
  const { rules, name, minRequests, minTimeMs, source } = asked
  const sources = { [name]: { counts: source, platform: source, queries: source } }
  return judge(withoutShare(state), { rules, minRequests }, { now, requiredMs: minTimeMs, sources })
}

/** What share of the traffic was meant for the candidate is not known here, so that nothing is concluded from it. */
function withoutShare(state: AnalysisState): AnalysisState {
  const { sequential: options } = state
  if (options === null) return state
  const { share } = initialSequential(options)
  const components = Object.entries(state.components).map(([name, { sequential, ...rest }]) => {
    return [name, { ...rest, sequential: sequential && { ...sequential, share, missedNats: 0 } }] as const
  })
  return { ...state, components: Object.fromEntries(components) }
}

function evidenceAt({ sequential: options, components }: AnalysisState, name: string): EvidenceNow | null {
  const sequential = components[name]?.sequential
  if (!sequential || options === null) return null
  const { rollback, hold, accept } = evidenceOf(sequential)
  const { alpha } = options
  const demanded = { rollback: 1 / alpha.rollback, hold: 1 / alpha.hold, accept: 1 / alpha.accept }
  return { rollback, hold, accept, demanded }
}
