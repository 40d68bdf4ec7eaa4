import { saidOr, say, type Sentence, type Told } from '../core/say.ts'
import type { Answer, Refusal } from '../engine/control-plane.ts'
import { type ExitName, StellwerkError } from '../errors.ts'

const EXITS: Readonly<Record<Refusal['kind'], ExitName>> = {
  invalid: 'usage',
  'not-found': 'usage',
  'not-allowed': 'notAllowed',
  conflict: 'failed',
  unavailable: 'unreachable',
}

/** The value of an answer, or its refusal as an error. */
export function required<T>(answer: Answer<T>, doing: Sentence, fix: Told | null): T {
  if (answer.ok) return answer.value
  const { kind, message, said, problems } = answer
  throw new StellwerkError(EXITS[kind], { what: say`cannot ${doing}`, why: saidOr(said, message), problems, fix })
}
