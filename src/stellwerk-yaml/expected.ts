/**
 * What a schema expects, as the text that zod takes for a message and as the sentence that it was: zod hands the text alone
 * back. Said once per schema when it is built, so the map stays as small as the schemas are.
 */
import { english, quote, type Part, type Sentence, type Told } from '../core/say.ts'

const SENTENCES = new Map<string, Sentence>()

/** What depends on the value that was found goes into `foundWrong`. */
export function expected(sentence: Sentence): string {
  const text = english(sentence)
  SENTENCES.set(text, sentence)
  return text
}

/** A custom issue that names what was found. */
export function foundWrong(said: Told): {
  readonly code: 'custom'
  readonly message: string
  readonly params: { readonly said: Told }
} {
  return { code: 'custom', message: english(said), params: { said } }
}

/** What an issue expects; the words of a schema that says it as a text alone are quoted. */
export function toldIn(issue: { readonly message: string; readonly params?: unknown }): Told {
  const { said } = (issue.params ?? {}) as { readonly said?: Told }
  return said ?? sentenceOf(issue.message)
}

/** The sentence that a text was made from. */
export function sentenceOf(text: string): Told {
  return SENTENCES.get(text) ?? quote(text)
}

/** `a and b and c` by what stands between two of them. */
export function joined(parts: readonly Part[], between: (left: Part, right: Part) => Sentence): Part {
  return parts.length === 0 ? '' : parts.reduce(between)
}
