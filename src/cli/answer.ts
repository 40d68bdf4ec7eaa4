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
export function required<T>(answer: Answer<T>, doing: string, fix: string): T {
  if (answer.ok) return answer.value
  const { kind, message, problems } = answer
  throw new StellwerkError(EXITS[kind], { what: `cannot ${doing}`, why: message, problems, fix })
}
