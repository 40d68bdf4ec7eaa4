import type { Told } from './say.ts'
import type { Instant } from './time.ts'

/**
 * The outcome of a gate or of a rule. Only `pass` ever lets a release advance (law L3): `inconclusive` is too little
 * evidence, `no-evidence` is missing, stale, non-finite or errored data.
 */
export type Outcome = 'pass' | 'fail' | 'inconclusive' | 'no-evidence'

export type Verdict = {
  /** What was judged: a gate (`variables`) or a rule (`error-rate max 1 %`). */
  readonly rule: string
  readonly outcome: Outcome
  readonly expected: string
  readonly actual: string
  readonly source: string
  readonly observedAt: Instant
  /** One sentence that a person understands at 3 a.m. without any other context. */
  readonly text: string
  /** `text` as data, for other languages; absent in logs of versions before 0.2, and where another program wrote the text. */
  readonly said?: Told | undefined
}

const WORST_FIRST: readonly Outcome[] = ['fail', 'no-evidence', 'inconclusive', 'pass']

/** The worst of the outcomes: fail, then no-evidence, then inconclusive. Of none at all: `no-evidence` (law L3). */
export function worstOutcome(outcomes: readonly Outcome[]): Outcome {
  return WORST_FIRST.find((outcome) => outcomes.includes(outcome)) ?? 'no-evidence'
}
