/**
 * The judgement alone, for who releases with another tool: two sides' counts in, a verdict out, by the same rules and the same
 * code as a rollout's. It is asked after every tick, as in a rollout, and ends with the first tick that demands a rollback:
 * evidence that was enough once is enough.
 */

import { isLatency, type LatencyMetric } from '../core/analysis/reading.ts'
import type { LimitRule, RelativeRule, Rule, SequentialRule } from '../core/analysis/rules.ts'
import { SEQUENTIAL_DEFAULTS } from '../core/analysis/sequential/options.ts'
import type { MetricsTick } from '../core/analysis/state.ts'
import { histogramQuantile, mergeHistograms } from '../core/histogram.ts'
import type { Histogram, Role } from '../core/observed.ts'
import type { Outcome, Verdict } from '../core/verdict.ts'
import { pair, type Pairs, type Sides } from './pair.ts'
import { type Asked, type EvidenceNow, play, type Played } from './play.ts'
import { type PlayedSegment, playSegments, WHOLE_SHARE } from './segments.ts'
import type { SeriesProblem } from './series.ts'

/** Rules that counts can answer; what a platform sees (memory, readiness, log lines) is not in them. */
export type CountRule = SequentialRule | RelativeRule | (LimitRule & { readonly metric: 'error-rate' | LatencyMetric })

export type JudgeInput = Sides & {
  /** Errors compared with live, and p95 latencies where both sides have them, when absent. */
  readonly rules?: readonly CountRule[]
  /** Length of a tick, ms; the usual distance of two when absent. */
  readonly tickMs?: number
  /** Of the candidate, at least so many to pass. */
  readonly minRequests?: number
  /** The candidate has to be good for at least so long to pass, ms. */
  readonly minTimeMs?: number
  /** So long after the candidate's first tick begin comparisons with live, ms: a cold start is no regression. */
  readonly warmUpMs?: number
  /** So long a difference from live that breaks no limit is held before it demands a rollback, ms. */
  readonly patienceMs?: number
  /** Whose numbers they are, for texts: `checkout`. */
  readonly name?: string
  /** Where they come from, for texts: `candidate.csv and live.csv`. */
  readonly source?: string
}

export const JUDGE_DEFAULTS = {
  minRequests: SEQUENTIAL_DEFAULTS.minRequests,
  minTimeMs: 0,
  warmUpMs: SEQUENTIAL_DEFAULTS.warmUpMs,
  patienceMs: SEQUENTIAL_DEFAULTS.patienceMs,
  name: 'service',
} as const

export type Judged = {
  readonly ok: true
  /** Only `pass` is a reason to go on; `fail` with `rollback` is one to go back. */
  readonly outcome: Outcome
  /** A rule demands a rollback; a `fail` without it says: do not go on, and have a person look. */
  readonly rollback: boolean
  /** Live breaks the same limit: going back would not mend it. */
  readonly sharedCause: boolean
  /** Of every rule, those of `evidence` and `stalled` among them. */
  readonly verdicts: readonly Verdict[]
  /** Of the sequential comparison; null where no rule compares. */
  readonly evidence: EvidenceNow | null
  readonly candidate: SideTotals
  /** Beside the candidate; where nothing is, its past. */
  readonly live: SideTotals
  /** Live has nothing beside the candidate, so it is compared with live's past. */
  readonly alone: boolean
  readonly tickMs: number
  /** `(from, decidedAt]` was judged, of counts until `to`; ms since 1970. */
  readonly from: number
  readonly decidedAt: number
  readonly to: number
  /** Ticks of the candidate that were judged, and all that it has. */
  readonly ticks: { readonly judged: number; readonly all: number }
  readonly rules: readonly CountRule[]
  /** In the order of their evidence; empty where the counts tell no segments, or no rule compares. */
  readonly segments: readonly SegmentJudged[]
  /** Every tick of the candidate, the ones after the decision too, for a plot. */
  readonly course: readonly CoursePoint[]
}

export type SideTotals = {
  readonly requests: number
  readonly errors: number
  /** Quantiles, ms; null where no latency was counted, Infinity where it is beyond the largest edge. */
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
}

/** The slowest bucket that there is holds what took longer than every edge: nobody knows how long. */
const BEYOND_EDGES_MS = 36_000_000

/** One segment until the decision. */
export type SegmentJudged = {
  readonly name: string
  /** It demands the rollback. */
  readonly rollback: boolean
  readonly candidate: Pick<SideTotals, 'requests' | 'errors'>
  readonly live: Pick<SideTotals, 'requests' | 'errors'>
  /** For a rollback, and what it has to reach. */
  readonly evidence: number
  readonly demanded: number
}

export type CoursePoint = {
  readonly tick: MetricsTick
  /** After this tick; null where nothing compares. */
  readonly evidence: { readonly rollback: number; readonly hold: number } | null
}

export type JudgeAnswer = Judged | { readonly ok: false; readonly problems: readonly SeriesProblem[] }

/** Throws on rules that contradict each other or have no usable limit; on counts that cannot be judged it answers the problems. */
export function judgeCounts(input: JudgeInput): JudgeAnswer {
  const { name = JUDGE_DEFAULTS.name, rules = defaultRules(input), tickMs = null } = input
  const paired = pair(input, name, tickMs)
  if (!paired.ok) return paired
  const asked: Asked = {
    ...JUDGE_DEFAULTS,
    source: 'counts that were given',
    ...input,
    name,
    rules,
    alphaShare: 1,
    last: Number.POSITIVE_INFINITY,
  }
  const segments = playSegments(input, asked, paired.tickMs)
  const first = Math.min(...segments.map(({ triggeredAt }) => triggeredAt), asked.last)
  const whole = play(paired, segments.length === 0 ? asked : { ...asked, alphaShare: WHOLE_SHARE, last: first })
  return told({ paired, rules, segments, ...whole })
}

export function defaultRules({ candidate, live }: Sides): readonly CountRule[] {
  const { errors, latency } = SEQUENTIAL_DEFAULTS
  const ofErrors: CountRule = {
    kind: 'sequential',
    id: 'error-rate compared',
    metric: 'error-rate',
    tolerance: errors.tolerance,
    limit: errors.limit,
  }
  const isTimed = [candidate, live].every((side) => side.some(({ latency }) => latency !== null))
  if (!isTimed) return [ofErrors]
  const ofLatency: CountRule = {
    kind: 'sequential',
    id: 'latency-p95 compared',
    metric: 'latency-p95',
    tolerance: latency.tolerance,
    limit: latency.slowMs,
  }
  return [ofErrors, ofLatency]
}

type Told = Played & {
  readonly paired: Pairs
  readonly rules: readonly CountRule[]
  readonly segments: readonly PlayedSegment[]
}

function told({ paired, rules, judgement, decided, evidence, segments }: Told): Judged {
  const beside = paired.ticks.filter(({ weight }) => weight > 0)
  const judged = beside.slice(0, decided + 1)
  const guilty = segments.filter(({ triggeredAt }) => triggeredAt === decided)
  return {
    ok: true,
    outcome: guilty.length > 0 ? 'fail' : judgement.outcome,
    rollback: guilty.length > 0 || judgement.triggered.length > 0,
    sharedCause: judgement.sharedCause.length > 0,
    verdicts: [...guilty.flatMap(({ judgement }) => judgement.triggered), ...judgement.verdicts],
    evidence: evidence[decided]!,
    candidate: totals(judged, 'candidate'),
    live: totals(paired.alone ? paired.ticks : judged, 'live'),
    alone: paired.alone,
    tickMs: paired.tickMs,
    from: beside[0]!.from,
    decidedAt: judged.at(-1)!.to,
    to: beside.at(-1)!.to,
    ticks: { judged: judged.length, all: beside.length },
    rules,
    segments: segments
      .map((segment) => segmentJudged(segment, decided))
      .toSorted((left, right) => right.evidence - left.evidence),
    course: beside.map((tick, index) => ({ tick, evidence: evidence[index]! })),
  }
}

function segmentJudged({ name, ticks, evidence, triggeredAt }: PlayedSegment, decided: number): SegmentJudged {
  const judged = ticks.filter(({ weight }) => weight > 0).slice(0, decided + 1)
  const sum = (role: Role) => {
    const { requests, errors } = totals(judged, role)
    return { requests, errors }
  }
  const now = evidence[decided]!
  return {
    name,
    rollback: triggeredAt === decided,
    candidate: sum('candidate'),
    live: sum('live'),
    evidence: now.rollback,
    demanded: now.demanded.rollback,
  }
}

function totals(ticks: readonly MetricsTick[], role: Role): SideTotals {
  const sum = (of: (tick: MetricsTick) => number) => ticks.reduce((all, tick) => all + of(tick), 0)
  const [first, ...rest] = ticks.map((tick) => tick[role].latency)
  const latency = rest.reduce<Histogram>(mergeHistograms, first!)
  const at = (q: number) => {
    const ms = histogramQuantile(latency, q)
    return ms !== null && ms >= BEYOND_EDGES_MS ? Number.POSITIVE_INFINITY : ms
  }
  return {
    requests: sum((tick) => tick[role].requests),
    errors: sum((tick) => tick[role].errors),
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
  }
}

export function isCountRule(rule: Rule): rule is CountRule {
  if (rule.kind === 'sequential' || rule.kind === 'relative') return true
  return rule.kind === 'limit' && (rule.metric === 'error-rate' || isLatency(rule.metric))
}
