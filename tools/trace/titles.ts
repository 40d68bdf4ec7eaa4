import { type Token, tokenize } from './tokens.ts'

export type Title = {
  readonly title: string
  readonly line: number
  /** False for a test that is switched off in the source: it proves nothing. */
  readonly runs: boolean
}

const CALLS = new Set(['test', 'it', 'describe', 'suite'])
const OFF = new Set(['skip', 'todo'])

/** Titles of `test`, `it`, `describe`, `suite` and `t.test` calls that are written as a string or begin a template. */
export function titlesIn(text: string): readonly Title[] {
  const tokens = tokenize(text)
  return tokens.flatMap((token, index) => {
    if (token.type !== 'word' || !CALLS.has(token.value) || isMember(tokens, index)) return []
    const title = titleAfter(tokens, index + 1)
    return title ? [title] : []
  })
}

/** `pattern.test('…')` is no test; `t.test('…')` is one. */
function isMember(tokens: readonly Token[], index: number): boolean {
  return tokens[index - 1]?.value === '.' && tokens[index - 2]?.value !== 't'
}

function titleAfter(tokens: readonly Token[], from: number): Title | null {
  const modifier = tokens[from]?.value === '.' ? (tokens[from + 1]?.value ?? '') : null
  const open = modifier === null ? from : from + 2
  const title = tokens[open + 1]
  if (!isOpening(tokens[open])) return null
  if (title?.type !== 'string' && title?.type !== 'template') return null
  const off = (modifier !== null && OFF.has(modifier)) || isOffByOption(tokens.slice(open + 2, open + 7))
  return { title: title.value, line: title.line, runs: !off }
}

function isOpening(token: Token | undefined): boolean {
  return token?.type === 'punctuation' && token.value === '('
}

/** `, { skip: true` or `, { skip: 'reason'`; a condition such as `skip: !haproxy` is decided when it runs. */
function isOffByOption([comma, brace, name, colon, value]: readonly Token[]): boolean {
  const shape = comma?.value === ',' && brace?.value === '{' && OFF.has(name?.value ?? '') && colon?.value === ':'
  return shape && (value?.type === 'string' || value?.value === 'true')
}
