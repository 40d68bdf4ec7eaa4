import type { Outcome, Verdict } from '../../core/verdict.ts'
import type { GateContext } from '../../ports/gate.ts'

/** What a gate found; the rest of its verdict comes from the context. */
export type Judgement = {
  readonly outcome: Outcome
  readonly expected: string
  readonly actual: string
  readonly source: string
  readonly text: string
}

export function verdict({ gate, now }: GateContext, judgement: Judgement): Verdict {
  return { rule: gate.id, ...judgement, observedAt: now }
}
