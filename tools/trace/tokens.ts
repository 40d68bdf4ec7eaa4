/**
 * Just enough of a TypeScript tokenizer to tell a test's title from the same words in a comment, a string or a regular
 * expression. A full parser would be a dependency; a regular expression over the text would believe comments.
 */
export type Token = {
  readonly type: 'word' | 'string' | 'template' | 'regex' | 'punctuation'
  /** Of a string its content; of a template what stands before the first `${`. */
  readonly value: string
  readonly line: number
}

/** After these a slash begins a regular expression; after any other word it divides. */
const BEFORE_REGEX = new Set(['return', 'typeof', 'case', 'in', 'of', 'void', 'delete', 'await', 'yield', 'throw'])

const PATTERNS: readonly (readonly [Token['type'] | 'skip', RegExp])[] = [
  ['skip', /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\//y],
  ['string', /'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"/y],
  ['word', /[\p{ID_Start}$_#][\p{ID_Continue}$]*|\d[\w.]*/uy],
  ['regex', /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y],
  ['punctuation', /[\s\S]/y],
]

type Lexeme = { readonly type: Token['type'] | 'skip'; readonly value: string; readonly end: number }

export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = []
  /** For each open template: how many braces are open inside its current `${`. */
  const templates: number[] = []
  let line = 1
  for (let at = 0; at < text.length; ) {
    const { type, value, end } = templateAt(text, at, templates) ?? lexemeAt(text, at, tokens.at(-1))
    if (type === 'punctuation' && templates.length > 0) countBrace(value, templates)
    if (type !== 'skip') tokens.push({ type, value, line })
    line += text.slice(at, end).split('\n').length - 1
    at = end
  }
  return tokens
}

function countBrace(value: string, templates: number[]): void {
  const open = templates.pop() ?? 0
  templates.push(open + (value === '{' ? 1 : value === '}' ? -1 : 0))
}

/** A template up to its first `${`, or what goes on after the `}` of one (skipped: a title's ID stands at its head). */
function templateAt(text: string, at: number, templates: number[]): Lexeme | null {
  const opens = text[at] === '`'
  if (!opens && !(text[at] === '}' && templates.at(-1) === 0)) return null
  const pattern = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y
  pattern.lastIndex = at + 1
  const value = pattern.exec(text)?.[0] ?? ''
  const goesOn = text.startsWith('${', at + 1 + value.length)
  if (opens && goesOn) templates.push(0)
  if (!opens && !goesOn) templates.pop()
  return { type: opens ? 'template' : 'skip', value, end: at + 1 + value.length + (goesOn ? 2 : 1) }
}

function lexemeAt(text: string, at: number, previous: Token | undefined): Lexeme {
  for (const [type, pattern] of PATTERNS) {
    if (type === 'regex' && !regexMayFollow(previous)) continue
    pattern.lastIndex = at
    const raw = pattern.exec(text)?.[0]
    if (raw === undefined) continue
    return { type, value: type === 'string' ? raw.slice(1, -1) : raw, end: at + raw.length }
  }
  throw new Error(`no token at offset ${at}`)
}

function regexMayFollow(previous: Token | undefined): boolean {
  if (!previous) return true
  if (previous.type === 'word') return BEFORE_REGEX.has(previous.value)
  return previous.type === 'punctuation' && ![')', ']', '}'].includes(previous.value)
}
