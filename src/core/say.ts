/**
 * A sentence for people as data: what the log keeps beside the English text, and what `src/text` says it in another language
 * from. The template is the kind of sentence, and by itself tells what is meant long after the code that said it has changed:
 *
 *     say`${'api'} got ${3} of ${20} requests`  →  { says: '{0} got {1} of {2} requests', of: ['api', 3, 20] }
 *
 * Numbered placeholders, since other languages put things in another order. `src/text/german/` has every template, which
 * `src/text/german.test.ts` holds against the sources: a new sentence without German fails there.
 */
export type Sentence = { readonly says: string; readonly of: readonly Part[] }

/** Names and amounts stand as they are in every language; a sentence may be part of one; the rest is quoted. */
export type Part = string | number | Sentence | Quotation

/** Somebody else's words, which nobody translates: a reason that a person gave, an answer of a database. */
export type Quotation = { readonly quote: string }

/** What a person reads: ours, or somebody else's. */
export type Told = Sentence | Quotation

/** What stands in the source is joined once: the same array comes with each call from there. */
const templates = new WeakMap<TemplateStringsArray, string>()

export function say(texts: TemplateStringsArray, ...of: readonly Part[]): Sentence {
  let says = templates.get(texts)
  if (says === undefined) {
    says = texts.map((text, index) => (index === 0 ? text : `{${index - 1}}${text}`)).join('')
    templates.set(texts, says)
  }
  return { says, of }
}

export function quote(text: string): Quotation {
  return { quote: text }
}

/** `a; b; c` */
export function listed(parts: readonly Part[], between = '; '): Sentence {
  return { says: parts.map((_, index) => `{${index}}`).join(between), of: parts }
}

/** The sentence itself, or its text quoted where the log does not hold it: versions before 0.2 wrote the text alone. */
export function saidOr(said: Told | undefined, text: string): Told {
  return said ?? quote(text)
}

export function english(told: Part): string {
  if (typeof told === 'string' || typeof told === 'number') return String(told)
  return 'quote' in told ? told.quote : filled(told.says, told.of.map(english))
}

/** Every `{0}` of a template by its part; a placeholder without one stays. */
export function filled(template: string, parts: readonly string[]): string {
  if (parts.length === 0) return template
  const [first, ...pieces] = template.split('{') as [string, ...string[]]
  return pieces.reduce((text, piece) => text + filledPiece(piece, parts), first)
}

/** What follows a `{`: `0} of {1}` was cut into `0} of ` and `1}`. */
function filledPiece(piece: string, parts: readonly string[]): string {
  const end = piece.indexOf('}')
  const part = end > 0 ? parts[Number(piece.slice(0, end))] : undefined
  return part === undefined ? `{${piece}` : part + piece.slice(end + 1)
}

/** The same in every language: a command to paste, a name. */
export function verbatim(text: string): Sentence {
  return { says: '{0}', of: [text] }
}

/** A reason that came as a sentence, so that something can follow it: `refused.` → `refused`; an ellipsis stays. */
export function asClause(text: string): string {
  return text.trimEnd().replace(/(?<!\.)\.$/, '')
}
