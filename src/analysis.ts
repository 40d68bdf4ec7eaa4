/**
 * `stellwerk/analysis`: the judgement of a rollout as a library, pure functions without any I/O.
 *
 *     import { english, judgeCounts, plotSvg, readSeries } from 'stellwerk/analysis'
 *
 * `judgeCounts` takes both sides' counts tick by tick and answers the verdict with what it rests on; ask again with more
 * ticks as often as you like. `readSeries` reads what `stellwerk judge` reads; `plotSvg` draws the answer. What is said to
 * people is data (`Sentence`), which `english` puts into words.
 */
export type {
  LimitRule,
  RelativeRule,
  SequentialRule,
} from './core/analysis/rules.ts'
export type { MetricsTick } from './core/analysis/state.ts'
export { english, type Sentence, type Told } from './core/say.ts'
export type { Outcome, Verdict } from './core/verdict.ts'
export {
  type CountRule,
  type CoursePoint,
  defaultRules,
  JUDGE_DEFAULTS,
  type JudgeAnswer,
  judgeCounts,
  type Judged,
  type JudgeInput,
  type SegmentJudged,
  type SideTotals,
} from './judge/judge.ts'
export type { Sides } from './judge/pair.ts'
export type { EvidenceNow } from './judge/play.ts'
export { plotSvg, type PlotOptions } from './judge/plot.ts'
export { readSeries, type ReadSeries } from './judge/read-series.ts'
export type { LineProblem } from './judge/rows.ts'
export type { Counts, Edge, SeriesProblem, SideTick } from './judge/series.ts'
