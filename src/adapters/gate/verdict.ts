import { english, type Part, type Sentence } from '../../core/say.ts'
import type { Outcome, Verdict } from '../../core/verdict.ts'
import type { GateContext } from '../../ports/gate.ts'

/** What a gate found; the rest of its verdict comes from the context. */
export type Judgement = {
  readonly outcome: Outcome
  readonly expected: string
  readonly actual: Part
  readonly source: string
  readonly said: Sentence
}

export function verdict({ gate, now }: GateContext, { actual, said, ...judgement }: Judgement): Verdict {
  return { rule: gate.id, ...judgement, actual: english(actual), text: english(said), said, observedAt: now }
}
