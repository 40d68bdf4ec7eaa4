/**
 * All rules over all components: what may a release do now? It advances only on `pass` of everything, it goes back on any
 * `triggered`, and everything else holds it where it is (law L3).
 */
import type { Plan } from '../plan.ts'
import type { Instant } from '../time.ts'
import { type Outcome, type Verdict, worstOutcome } from '../verdict.ts'
import { judgeEvidence, judgeStalled } from './builtin.ts'
import { judgeLimit } from './limit.ts'
import { blind, blindness, type Finding, finding, type Look } from './look.ts'
import { judgeOwn } from './own/judge.ts'
import { ownRulesOf } from './own/rule.ts'
import { judgeRelative } from './relative.ts'
import type { Rule, SequentialRule } from './rules.ts'
import { judgeSequential } from './sequential/judge.ts'
import { judgeSilence } from './silence.ts'
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
  context: { readonly now: Instant; readonly requiredMs: number },
): Judgement {
  const looks = Object.entries(state.components).map(([name, component]): Look => {
    const minRequests = analysis.minRequests >= 0 ? analysis.minRequests : 1
    const windows = new Map(component.windows.map((window) => [window.windowMs, { window, pool: pooled(window) }]))
    return { name, component, state, minRequests, windows, requiredMs: context.requiredMs, now: context.now }
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
    const ids = ['evidence', 'stalled', ...declared.map(({ id }) => id), ...compared]
    return ids.map((id) => blind(look, id, 'fresh counts', reason))
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
  return finding(look, id, judgeSequential(component.sequential, { ...state.sequential, minRequests }))
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
