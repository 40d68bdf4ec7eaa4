/**
 * Takes secrets out of text (law L11): by exact value, and in every spelling in which programs repeat a value. One of
 * these is made wherever secrets are resolved: `createRedaction` for a control plane, which learns each value as it is
 * read; `redactor` where the values are known from the start (a supervisor, one command).
 *
 * A value shorter than `SHORTEST_SECRET` characters is left alone: blanking every `1` or `on` hides the message, and
 * protects nothing.
 */
import { spellings } from './spellings.ts'

export const SHORTEST_SECRET = 4
export const REDACTED = '[redacted]'

/** Characters by which a place in a text is compared with all spellings at once. */
const ANCHOR = 4

export type Redact = (text: string) => string

/** What has been learnt so far, for streams that begin before the first secret is read. */
export type Redaction = {
  readonly redact: Redact
  learn(secrets: readonly string[]): void
}

/**
 * A function that takes the given values out of a text: `redactor(["hunter22"])("pw=hunter22")` → `"pw=[redacted]"`.
 * Also URL-encoded, JSON- and HTML-escaped, in hexadecimal, within base64 at any alignment, and line by line.
 */
export function redactor(secrets: readonly string[]): Redact {
  const patterns = patternsOf(secrets)
  if (patterns.byAnchor.size === 0) return (text) => text
  return (text) => without(text, found(text, patterns))
}

export function createRedaction(): Redaction {
  const known = new Set<string>()
  let redact: Redact = (text) => text
  return {
    redact: (text) => redact(text),
    learn: (secrets) => {
      const fresh = secrets.filter((secret) => !known.has(secret))
      if (fresh.length === 0) return
      for (const secret of fresh) known.add(secret)
      redact = redactor([...known])
    },
  }
}

/** Redacts a text that comes in pieces: what it has let go holds nothing of a secret, however the pieces were cut. */
export type RedactStream = {
  /** What is certain by now; the rest waits for what comes next. */
  write(piece: string): string
  /** All that waits; another text may follow. */
  end(): string
  /** Other values from now on, for what waits as well. */
  learn(secrets: readonly string[]): void
}

export function redactStream(secrets: readonly string[]): RedactStream {
  let patterns = patternsOf(secrets)
  let reach = longestOf(patterns)
  let rest = ''
  const take = (sure: number) => {
    const ranges = found(rest, patterns)
    // Whatever begins before `sure` and is a secret, is there as a whole.
    const cut = ranges.reduce((at, { from, to }) => (from < at ? Math.max(at, to) : at), sure)
    const text = without(
      rest.slice(0, cut),
      ranges.filter(({ from }) => from < cut),
    )
    rest = rest.slice(cut)
    return text
  }
  return {
    write: (piece) => {
      rest += piece
      return rest.length > 2 * reach + PIECE ? take(rest.length - reach) : ''
    },
    end: () => take(rest.length),
    learn: (others) => {
      patterns = patternsOf(others)
      reach = longestOf(patterns)
    },
  }
}

/** Characters that are looked at together at least: looking at every piece again and again would cost too much. */
const PIECE = 4096

function longestOf({ byAnchor }: Patterns): number {
  return [...byAnchor.values()].flat().reduce((longest, { text }) => Math.max(longest, text.length), 0)
}

/** `text.slice(at, at + size)` found anywhere counts; `grows`: with as much of `text` around it as agrees. */
type Pattern = { readonly text: string; readonly at: number; readonly size: number; readonly grows: boolean }
/** By their first characters; `begins` says of the first two whether any pattern begins with them. */
type Patterns = { readonly byAnchor: ReadonlyMap<string, readonly Pattern[]>; readonly begins: Uint8Array }
type Range = { readonly from: number; readonly to: number }

/** A fragment of encoded text this long is the secret's own, wherever a line was wrapped or cut: nine bytes of it. */
const TILE = 12
/** From every so many characters on, so that any fragment longer than both together holds a tile. */
const TILE_STEP = 4

function patternsOf(secrets: readonly string[]): Patterns {
  const byAnchor = new Map<string, Pattern[]>()
  const begins = new Uint8Array(65_536)
  for (const { text, encoded } of secrets.filter(isSecret).flatMap(spellings)) {
    if (text.length < SHORTEST_SECRET || REDACTED.includes(text)) continue
    const grows = encoded && text.length >= 2 * TILE
    const size = grows ? TILE : text.length
    for (let at = 0; at + size <= text.length; at += TILE_STEP) {
      const anchor = text.slice(at, at + ANCHOR)
      begins[pairAt(text, at)] = 1
      const alike = byAnchor.get(anchor)
      if (alike) alike.push({ text, at, size, grows })
      else byAnchor.set(anchor, [{ text, at, size, grows }])
    }
  }
  return { byAnchor, begins }
}

/** Most places of a text are passed by with one look at two characters. */
function pairAt(text: string, at: number): number {
  return (text.charCodeAt(at) * 257 + text.charCodeAt(at + 1)) & 0xffff
}

function isSecret(value: string): boolean {
  return value.trim().length >= SHORTEST_SECRET
}

function found(text: string, { byAnchor, begins }: Patterns): readonly Range[] {
  const ranges: Range[] = []
  for (let at = 0; at + ANCHOR <= text.length; at += 1) {
    if (begins[pairAt(text, at)] === 0) continue
    const candidates = byAnchor.get(text.slice(at, at + ANCHOR))
    for (const pattern of candidates ?? []) {
      const piece = pattern.grows ? pattern.text.slice(pattern.at, pattern.at + pattern.size) : pattern.text
      if (text.startsWith(piece, at)) ranges.push(grown(text, at, pattern))
    }
  }
  return ranges.sort((left, right) => left.from - right.from)
}

function grown(text: string, at: number, pattern: Pattern): Range {
  let [from, to] = [at, at + pattern.size]
  if (!pattern.grows) return { from, to }
  const shift = pattern.at - at
  while (from > 0 && from + shift > 0 && text[from - 1] === pattern.text[from + shift - 1]) from -= 1
  while (to < text.length && text[to] === pattern.text[to + shift]) to += 1
  return { from, to }
}

/** Ranges that overlap or touch are one place. */
function without(text: string, ranges: readonly Range[]): string {
  if (ranges.length === 0) return text
  let [kept, end] = ['', -1]
  for (const { from, to } of ranges) {
    if (from >= end) kept += `${text.slice(Math.max(end, 0), from)}${from === end ? '' : REDACTED}`
    end = Math.max(end, to)
  }
  return kept + text.slice(end)
}
