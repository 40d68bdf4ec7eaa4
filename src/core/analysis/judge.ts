/**
 * All rules over all components: what may a release do now? It advances only on `pass` of everything, it goes back on any
 * `triggered`, and everything else holds it where it is (law L3).
 */
import type { Plan } from '../plan.ts'
import type { Instant } from '../time.ts'
import { type Outcome, type Verdict, worstOutcome } from '../verdict.ts'
import { evidenceExpectation, judgeEvidence, judgeStalled, STALLED_EXPECTATION } from './builtin.ts'
import { judgeLimit, limitExpectation } from './limit.ts'
import { blind, blindness, type Finding, finding, type Look } from './look.ts'
import { expectation as ownExpectation } from './own/expectation.ts'
import { judgeOwn } from './own/judge.ts'
import { ownRulesOf } from './own/rule.ts'
import { judgeRelative, relativeExpectation } from './relative.ts'
import type { Rule, SequentialRule } from './rules.ts'
import { judgeSequential, sequentialExpectation } from './sequential/judge.ts'
import { judgeSilence, silenceExpectation } from './silence.ts'
import { measuredBy, type Sources, UNNAMED_SOURCES } from './sources.ts'
import { timeSpan } from './text.ts'
import type { AnalysisState } from './state.ts'
import { pooled } from './window.ts'

export type Judgement = {
  /** Every rule for every component, `evidence` and `stalled` included. */
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

/** `requiredMs` is how long the step has to be good: its hold, or the bake. */
export function judge(
  state: AnalysisState,
  analysis: Plan['analysis'],
  context: {
    readonly now: Instant
    readonly requiredMs: number
    /** By component, where known: what verdicts name as their source. */
    readonly sources?: Readonly<Record<string, Sources>>
  },
): Judgement {
  const looks = Object.entries(state.components).map(([name, component]): Look => {
    const minRequests = analysis.minRequests >= 0 ? analysis.minRequests : 1
    const windows = new Map(component.windows.map((window) => [window.windowMs, { window, pool: pooled(window) }]))
    const { now, requiredMs } = context
    const sources = context.sources?.[name] ?? UNNAMED_SOURCES
    return { name, component, state, minRequests, windows, requiredMs, sources, now }
  })
  const findings = looks.flatMap((look) => judgeComponent(look, analysis.rules))
  const verdicts = findings.map(({ verdict }) => verdict)
  return {
    verdicts,
    triggered: findings.filter(({ triggered }) => triggered).map(({ verdict }) => verdict),
    sharedCause: findings.filter(({ shared }) => shared).map(({ verdict }) => verdict),
    outcome: worstOutcome(verdicts.map(({ outcome }) => outcome)),
    coverageMs: looks.length === 0 ? 0 : Math.min(...looks.map(({ component }) => component.sinceStep?.coveredMs ?? 0)),
  }
}

function judgeComponent(look: Look, rules: readonly Rule[]): readonly Finding[] {
  const declared = rules.filter((rule) => rule.kind !== 'sequential').filter((rule) => concerns(rule, look))
  const comparison = rules.filter((rule) => rule.kind === 'sequential').map(({ id }) => id)
  const compared = comparison.length === 0 ? [] : [comparison.join(' + ')]
  const reason = blindness(look)
  if (reason !== null) {
    return expectations(look, declared, compared).map((expected) => blind(look, expected, reason))
  }
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
  const when = exposedSince === null || to === undefined ? 'so far' : timeSpan({ from: exposedSince, to })
  return finding(look, id, judgeSequential(component.sequential, { ...state.sequential, minRequests }, when))
}

/** What every verdict would be held against: said also where nothing can be seen. */
function expectations(look: Look, declared: readonly Exclude<Rule, SequentialRule>[], compared: readonly string[]) {
  const { sequential } = look.state
  return [
    { rule: 'evidence', expected: evidenceExpectation(look), of: 'counts' },
    { rule: 'stalled', expected: STALLED_EXPECTATION, of: 'counts' },
    ...declared.map((rule) => ({
      rule: rule.id,
      expected: expectationOf(rule),
      of: measuredBy(rule),
    })),
    ...compared.map((rule) => ({
      rule,
      expected: sequential === null ? 'a comparison' : sequentialExpectation(sequential),
      of: 'counts' as const,
    })),
  ] as const
}

function expectationOf(rule: Exclude<Rule, SequentialRule>): string {
  switch (rule.kind) {
    case 'limit':
      return limitExpectation(rule)
    case 'relative':
      return relativeExpectation(rule)
    case 'silence':
      return silenceExpectation(rule)
    case 'own':
      return ownExpectation(rule)
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
