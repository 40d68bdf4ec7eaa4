import { english, type Part, quote, say, type Sentence } from '../say.ts'
import { formatDuration, type Instant } from '../time.ts'
import type { Outcome, Verdict } from '../verdict.ts'
import { type Pooled, type Reach, reachingBack, windowMsOf, TICKS_COVERED_MAX } from './window.ts'
import type { Rule } from './rules.ts'
import type { Sources } from './sources.ts'
import type { AnalysisState, ComponentAnalysis, Window } from './state.ts'
import { timeOfDay } from './text.ts'

/** One component as it is looked at once. */
export type Look = {
  readonly name: string
  readonly component: ComponentAnalysis
  readonly state: AnalysisState
  /** At least 1: no request at all is never enough. */
  readonly minRequests: number
  readonly requiredMs: number
  readonly sources: Sources
  readonly now: Instant
  /** Each window of the component with its sums, by its length in ms. */
  readonly windows: ReadonlyMap<number, { readonly window: Window; readonly pool: Pooled | null }>
}

/** What one rule says of one component. `triggered` demands rollback, `shared` a person, since live suffers as well. */
export type Finding = {
  readonly rule: string
  readonly outcome: Outcome
  readonly triggered: boolean
  readonly shared: boolean
  /** In words, put together when somebody first reads it: every tick is judged, few are told of. */
  readonly verdict: () => Verdict
}

/** What a rule is asked: its name, what it expects, whose numbers it looks at. */
export type Question = { readonly rule: string; readonly expected: () => Part; readonly of: keyof Sources }

export type Ruling = {
  readonly outcome: Outcome
  readonly triggered?: boolean
  readonly shared?: boolean
  readonly words: () => Words
}

/** `text` is a sentence without the component's name, which is put in front, and without a full stop. */
export type Words = { readonly actual: Part; readonly text: Sentence }

export function finding(look: Look, question: Question, ruling: Ruling): Finding {
  const { outcome } = ruling
  const rule = `${question.rule} (${look.name})`
  let told: Verdict | null = null
  const tell = (): Verdict => {
    const { actual, text } = ruling.words()
    const source = sourceOf(look, question.of)
    const observedAt = look.component.newest?.to ?? look.now
    const said = say`${look.name}: ${text}`
    const expected = english(question.expected())
    return { rule, outcome, expected, actual: english(actual), source, observedAt, text: english(said), said }
  }
  return {
    rule,
    outcome,
    triggered: ruling.triggered === true && outcome === 'fail',
    shared: ruling.shared === true && outcome === 'fail',
    verdict: () => (told ??= tell()),
  }
}

/** Why nothing can be said of this component now, or null. Silence of a metrics source is not a zero (law L3). */
export function noDataReason({ component, state, now }: Look): Sentence | null {
  const { newest, unusable, silent } = component
  const because = silent === null ? '' : say`: ${quote(silent)}`
  const limitMs = TICKS_COVERED_MAX * state.tickMs
  if (state.step === null) return say`no step has begun`
  if (unusable !== null) return say`the newest measurement is unusable, ${quote(unusable)}`
  if (newest === null) return say`there is no measurement yet${because}`
  const ageMs = now - newest.to
  if (!(ageMs <= limitMs)) {
    const most = say`${formatDuration(limitMs)} may pass, ${TICKS_COVERED_MAX} ticks`
    return say`the newest measurement is ${formatDuration(ageMs)} old (at most ${most})${because}`
  }
  return ageMs < -limitMs ? say`the newest measurement lies ${formatDuration(-ageMs)} in the future` : null
}

export function withoutData(look: Look, question: Question, reason: Sentence): Finding {
  const text = say`nothing can be said about ${question.rule}: ${reason}`
  return finding(look, question, {
    outcome: 'no-evidence',
    words: () => ({ actual: say`no evidence: ${reason}`, text }),
  })
}

/** The window that a rule looks at. Throws where none was kept, since the state was begun for other rules then. */
export function windowOf(rule: Rule, look: Look): { readonly window: Window; readonly pool: Pooled | null } {
  const found = look.windows.get(windowMsOf(rule) ?? Number.NaN)
  if (found === undefined)
    throw new Error(`no window was kept for rule ${rule.id}: the analysis was begun for other rules`)
  return found
}

/** The window of a rule that waits for requests: as long as it was declared, or as much more of the step as it takes. */
export function windowHolding({ needed, count }: Omit<Reach, 'since'>, rule: Rule, look: Look): Pooled | null {
  const { window, pool } = windowOf(rule, look)
  const { step } = look.state
  const isEnough = pool !== null && count(pool.span.candidate) >= needed
  return isEnough || step === null ? pool : reachingBack(window, { needed, count, since: step.at })
}

/** `router 127.0.0.1:8080, counts of api until 12:06:00 UTC` */
function sourceOf({ name, component, sources }: Look, of: keyof Sources): string {
  const what = of === 'counts' ? `counts of ${name}` : `what it saw of ${name}`
  const { newest } = component
  return `${sources[of]}, ${what}${newest === null ? '' : ` until ${timeOfDay(newest.to)} UTC`}`
}
