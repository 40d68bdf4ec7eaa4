/**
 * Text that somebody else wrote (a log line, an answer's body, a command's output, an error of a platform) as text that a
 * database keeps and a terminal shows without obeying it. Every adapter passes what it read through here, once, at its
 * border; nobody behind it has to think of it again.
 *
 * - Terminal sequences (colours, titles, cursor moves) go: they carry no text.
 * - Control characters become their pictures, `␀` for U+0000, so that it is seen that something stood there.
 * - What has no picture (C1 controls, half a surrogate pair, noncharacters) or turns the reading direction becomes `�`.
 * - Line breaks of every kind are `\n` in a text and a blank in a line.
 */

/** Longest line, characters. */
export const FOREIGN_LINE_MAX = 16_384
/** Longest text of several lines, characters. */
export const FOREIGN_TEXT_MAX = 65_536

/** One printable line: `foreignLine("a\x1b[31mb\0\nc")` → `"ab␀ c"`. Longer ones end in `…`. */
export function foreignLine(text: string, max: number = FOREIGN_LINE_MAX): string {
  const plain = printable(shortened(text, 4 * max))
    .replaceAll(/\n+/g, ' ')
    .replaceAll('\t', ' ')
  return shortened(plain.trimEnd(), max)
}

/** Printable lines; line breaks and tabs stay. `foreignText("a\r\nb\x07")` → `"a\nb␇"`. */
export function foreignText(text: string, max: number = FOREIGN_TEXT_MAX): string {
  const lines = printable(shortened(text, 4 * max)).split('\n')
  return shortened(lines.map((line) => shortened(line, FOREIGN_LINE_MAX)).join('\n'), max)
}

/** Every text in plain data made a line, or a text where its key is one of `texts`; keys are made lines as well. */
export function foreignData<T>(value: T, texts: ReadonlySet<string>, clean: (text: string, key: string) => string): T {
  return mapped(value, '', (text, key) => clean(texts.has(key) ? foreignText(text) : foreignLine(text), key)) as T
}

function mapped(value: unknown, key: string, clean: (text: string, key: string) => string): unknown {
  if (typeof value === 'string') return clean(value, key)
  if (Array.isArray(value)) return value.map((each) => mapped(each, key, clean))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [foreignLine(name), mapped(inner, name, clean)]),
  )
}

/* oxlint-disable no-control-regex -- control characters are what this file is about */
/** ECMA-48: strings (OSC, DCS, SOS, PM, APC) up to their end, control sequences, and everything else that ESC begins. */
const SEQUENCES = new RegExp(
  [
    String.raw`(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)`,
    String.raw`(?:\x1b\[|\x9b)[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]`,
    String.raw`\x1b[\x20-\x2f]*[\x30-\x7e]`,
  ].join('|'),
  'g',
)
const LINE_BREAKS = /\r\n|[\r\n\v\f\u0085\u2028\u2029]/g
const LINE_BREAKS_AND_LF = /[\n\r\v\f\u0085\u2028\u2029]/
const CONTROLS_AND_TAB = /[\0-\x09\x0e-\x1f\x7f]/
const CONTROLS = /[\0-\x08\x0e-\x1f\x7f]/g
const UNSHOWN = /[\x80-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ufffe\uffff]/g
/* oxlint-enable no-control-regex */

function printable(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(SEQUENCES, '')
    .replaceAll(LINE_BREAKS, '\n')
    .replaceAll(CONTROLS, (control) => (control === '\x7f' ? '␡' : String.fromCharCode(0x2400 + control.charCodeAt(0))))
    .replaceAll(UNSHOWN, '\ufffd')
    .replaceAll('\ufeff', '')
}

/** Why a database and a program cannot be given this text, `has a NUL (U+0000)`; null: they can. */
export function whyNoText(text: string): string | null {
  if (text.includes('\0')) return 'has a NUL (U+0000)'
  if (text.isWellFormed()) return null
  const half = [...text].find((each) => !each.isWellFormed()) ?? ''
  return `has half of a surrogate pair (${codeOf(half)})`
}

/**
 * Why a line that a person gives (a reason, a note, a name) is refused, where a foreign one is mended: whoever writes it can
 * write it again, and as it is it could forge a line of ours. Null: it is one plain line.
 */
export function whyNoLine(text: string): string | null {
  const why = whyNoText(text)
  if (why !== null) return why
  for (const [pattern, what] of NO_LINE) {
    const at = text.search(pattern)
    if (at >= 0) return `has ${what} (${codeOf(text.slice(at))})`
  }
  return null
}

const NO_LINE = [
  [LINE_BREAKS_AND_LF, 'a line break'],
  [CONTROLS_AND_TAB, 'a control character'],
  [UNSHOWN, 'a character that is not seen or turns the reading direction'],
  [/\ufeff/, 'a character that is not seen'],
] as const

function codeOf(text: string): string {
  return `U+${(text.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}

/** At most `max` characters, the last of them `…` where something is missing; no surrogate pair is cut in two. */
function shortened(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
