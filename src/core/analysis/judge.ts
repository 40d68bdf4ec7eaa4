/**
 * All rules over all components: what may a release do now? It advances only on `pass` of everything, it goes back on any
 * `triggered`, and everything else holds it where it is (law L3).
 */
import { say } from '../say.ts'
import type { Plan } from '../plan.ts'
import type { Instant } from '../time.ts'
import { type Outcome, type Verdict, worstOutcome } from '../verdict.ts'
import { evidenceQuestion, judgeEvidence, judgeStalled, STALLED_QUESTION } from './builtin.ts'
import { judgeLimit, limitQuestion } from './limit.ts'
import { withoutData, noDataReason, type Finding, finding, type Look, type Question } from './look.ts'
import { judgeOwn, ownQuestion } from './own/judge.ts'
import { ownRulesOf } from './own/rule.ts'
import { judgeRelative, relativeQuestion } from './relative.ts'
import { isComparison, type Rule, type SequentialRule } from './rules.ts'
import { judgeSequential, sequentialExpectation } from './sequential/judge.ts'
import { judgeSilence, silenceQuestion } from './silence.ts'
import { type Sources, UNNAMED_SOURCES } from './sources.ts'
import { timeSpan } from './text.ts'
import type { AnalysisState } from './state.ts'
import { pooled } from './window.ts'

export type Judgement = {
  /** Of every rule for every component, `evidence` and `stalled` included. */
  readonly outcomes: readonly Pick<Verdict, 'rule' | 'outcome'>[]
  /** The same in words, made when they are read: every tick is judged, few are told of. */
  readonly verdicts: readonly Verdict[]
  /** Those that demand rollback now; all of them are `fail`. */
  readonly triggered: readonly Verdict[]
  /** Those whose trigger is withheld because live breaches the same limit: hold and call a person; all are `fail`. */
  readonly sharedCause: readonly Verdict[]
  /** Whether the step may be left forwards: the worst of all verdicts. */
  readonly outcome: Outcome
  /** Observed time since the step began, ms: that of the component observed least. */
  readonly coverageMs: number
}

type Context = {
  readonly now: Instant
  readonly requiredMs: number
  /** By component, where known: what verdicts name as their source. */
  readonly sources?: Readonly<Record<string, Sources>>
}

/** `requiredMs` is how long the step has to be good: its hold, or the bake. */
export function judge(state: AnalysisState, analysis: Plan['analysis'], context: Context): Judgement {
  const looks = looksOf(state, analysis, context)
  const findings = looks.flatMap((look) => judgeComponent(look, analysis.rules))
  const verdictsOf = (some: readonly Finding[]) => some.map(({ verdict }) => verdict())
  return {
    outcomes: findings.map(({ rule, outcome }) => ({ rule, outcome })),
    get verdicts() {
      return verdictsOf(findings)
    },
    triggered: verdictsOf(findings.filter(({ triggered }) => triggered)),
    sharedCause: verdictsOf(findings.filter(({ shared }) => shared)),
    outcome: worstOutcome(findings.map(({ outcome }) => outcome)),
    coverageMs: looks.length === 0 ? 0 : Math.min(...looks.map(({ component }) => component.sinceStep?.coveredMs ?? 0)),
  }
}

/** One for each component that has users by now. */
function looksOf(state: AnalysisState, analysis: Plan['analysis'], context: Context): readonly Look[] {
  const { now, requiredMs } = context
  const minRequests = analysis.minRequests >= 0 ? analysis.minRequests : 1
  const judged = Object.entries(state.components).filter(
    ([, { alone }]) => alone !== 'late' || state.step?.weight === 100,
  )
  return judged.map(([name, component]): Look => {
    const windows = new Map(component.windows.map((window) => [window.windowMs, { window, pool: pooled(window) }]))
    const sources = context.sources?.[name] ?? UNNAMED_SOURCES
    return { name, component, state, minRequests, windows, requiredMs, sources, now }
  })
}

function judgeComponent(look: Look, all: readonly Rule[]): readonly Finding[] {
  const rules = look.component.alone ? all.filter((rule) => !isComparison(rule)) : all
  const declared = rules.filter((rule) => rule.kind !== 'sequential').filter((rule) => concerns(rule, look))
  const comparison = rules.filter((rule) => rule.kind === 'sequential').map(({ id }) => id)
  const compared = comparison.length === 0 ? [] : [comparison.join(' + ')]
  const reason = noDataReason(look)
  if (reason !== null) return questions(look, declared, compared).map((question) => withoutData(look, question, reason))
  return [
    judgeEvidence(look, rules.length),
    judgeStalled(look),
    ...declared.map((rule) => judgeRule(rule, look)),
    ...compared.map((id) => judgeComparison(id, look)),
  ]
}

/** An own number may belong to one component of many. */
function concerns(rule: Rule, { name }: Look): boolean {
  return rule.kind !== 'own' || ownRulesOf([rule], name).length > 0
}

/** All sequential rules of a plan are one comparison with one verdict, `errors + p95`. */
function judgeComparison(id: string, look: Look): Finding {
  const { component, state, minRequests } = look
  if (component.sequential === null || state.sequential === null) {
    throw new Error(`nothing was compared for rule ${id}: the analysis was begun for other rules`)
  }
  const { exposedSince } = component.sequential
  const to = component.newest?.to
  const when = () => (exposedSince === null || to === undefined ? say`so far` : timeSpan({ from: exposedSince, to }))
  const options = { ...state.sequential, minRequests }
  return finding(look, comparisonQuestion(id, look), judgeSequential(component.sequential, options, when))
}

function comparisonQuestion(rule: string, { state: { sequential } }: Look): Question {
  const expected = () => (sequential === null ? say`a comparison` : sequentialExpectation(sequential))
  return { rule, expected, of: 'counts' }
}

/** What every verdict would be held against: said also where nothing can be seen. */
function questions(look: Look, declared: readonly Exclude<Rule, SequentialRule>[], compared: readonly string[]) {
  return [
    evidenceQuestion(look),
    STALLED_QUESTION,
    ...declared.map(questionOf),
    ...compared.map((rule) => comparisonQuestion(rule, look)),
  ]
}

function questionOf(rule: Exclude<Rule, SequentialRule>): Question {
  switch (rule.kind) {
    case 'limit':
      return limitQuestion(rule)
    case 'relative':
      return relativeQuestion(rule)
    case 'silence':
      return silenceQuestion(rule)
    case 'own':
      return ownQuestion(rule)
  }
}

function judgeRule(rule: Exclude<Rule, SequentialRule>, look: Look): Finding {
  switch (rule.kind) {
    case 'limit':
      return judgeLimit(rule, look)
    case 'relative':
      return judgeRelative(rule, look)
    case 'silence':
      return judgeSilence(rule, look)
    case 'own':
      return judgeOwn(rule, look)
  }
}
