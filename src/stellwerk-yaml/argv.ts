import { english, say, type Sentence } from '../core/say.ts'
import { type Failure, failure } from '../ports/result.ts'

/** `said`: what `message` says, as data. */
type Read<T> = { readonly ok: true; readonly value: T } | (Failure & { readonly said: Sentence })

/**
 * Splits a command line into its words the way a shell would, but runs none: quotes and backslashes mean what they mean
 * in sh, everything that needs a shell is refused: `node server.js --name "a b"` → `["node", "server.js", "--name", "a b"]`.
 */
export function splitCommand(text: string): Read<readonly string[]> {
  const words: string[] = []
  let at = 0
  while (at < text.length) {
    if (/\s/.test(text[at]!)) {
      at += 1
      continue
    }
    const word = readWord(text, at)
    if (!word.ok) return word
    words.push(word.value.text)
    at = word.value.end
  }
  if (words.length === 0) return refused(text, say`it is empty`, say`name the program to start`)
  if (/^[A-Za-z_]\w*=/.test(words[0]!)) {
    return refused(text, say`"${words[0]!}" sets a variable`, say`put it under the component's "variables"`)
  }
  return ok(words)
}

function ok<T>(value: T): Read<T> {
  return { ok: true, value }
}

type Word = { readonly text: string; readonly end: number }
type Piece = { readonly text: string; readonly end: number }

function readWord(text: string, start: number): Read<Word> {
  if (text[start] === '~') return refused(text, say`"~" is expanded by a shell only`, say`write the whole path`)
  let word = ''
  let at = start
  while (at < text.length && !/\s/.test(text[at]!)) {
    const piece = readPiece(text, at)
    if (!piece.ok) return piece
    word += piece.value.text
    at = piece.value.end
  }
  return ok({ text: word, end: at })
}

function readPiece(text: string, at: number): Read<Piece> {
  const character = text[at]!
  if (character === "'") return readQuoted(text, at)
  if (character === '"') return readDoubleQuoted(text, at)
  if (character === '\\') return ok({ text: text[at + 1] ?? '', end: at + 2 })
  const shellOnly = shellSyntax(text, at)
  if (shellOnly) return needsShell(text, shellOnly)
  return ok({ text: character, end: at + 1 })
}

function readQuoted(text: string, start: number): Read<Piece> {
  const end = text.indexOf("'", start + 1)
  if (end === -1) return refused(text, say`the quote ' at column ${start + 1} is never closed`, say`close it`)
  return ok({ text: text.slice(start + 1, end), end: end + 1 })
}

function readDoubleQuoted(text: string, start: number): Read<Piece> {
  let inside = ''
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text[at]!
    if (character === '"') return ok({ text: inside, end: at + 1 })
    const expansion = expansionAt(text, at)
    if (expansion) return needsShell(text, expansion)
    const escaped = character === '\\' && '"\\$`'.includes(text[at + 1] ?? 'x')
    if (escaped) at += 1
    inside += text[at]
  }
  return refused(text, say`the quote " at column ${start + 1} is never closed`, say`close it`)
}

function shellSyntax(text: string, at: number): string | null {
  const character = text[at]!
  if ('&|;<>()*'.includes(character)) return text[at + 1] === character ? character.repeat(2) : character
  return expansionAt(text, at)
}

function expansionAt(text: string, at: number): string | null {
  if (text[at] === '`') return '`'
  return /^\$(?:\w+|\{[^}]*\}?|\()/.exec(text.slice(at))?.[0] ?? null
}

function needsShell(text: string, syntax: string): Read<never> {
  return refused(
    text,
    say`"${syntax}" needs a shell and there is none`,
    say`quote it if it is meant literally, or start a script that does it`,
  )
}

function refused(text: string, why: Sentence, fix: Sentence): Read<never> {
  const said = say`the command \`${text}\` cannot be run: ${why}; ${fix}`
  return { ...failure('permanent', english(said)), said }
}
