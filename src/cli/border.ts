/**
 * The one border between texts and the terminal. Whatever a verb prints goes through here, so that nothing in a file, an
 * answer or an argument gives the terminal an order: no cursor moves, no titles, no reading backwards. Our own few styles
 * stay where there are colours; what redraws the screen (`LiveBlock`) sends its orders by `raw`.
 */
import { foreignLine, foreignText } from '../core/foreign-text.ts'
import type { Io, Writer } from './io.ts'

/* oxlint-disable no-control-regex -- control characters are what this file is about */
/** What `Screen.paint` puts around a text. */
const OURS = /(\u001b\[(?:0|1|2|22|31|32|33|36|39)m)/
/** Beyond what JSON escapes itself. */
const UNPRINTABLE =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]/g
/* oxlint-enable no-control-regex */
const ANYWHERE = Number.MAX_SAFE_INTEGER / 8

/** `io` with every text that goes out made printable. */
export function bordered(io: Io): Io {
  const writer = (to: 'stdout' | 'stderr'): Writer => {
    const plain = io[to]
    return {
      get isTTY() {
        return plain.isTTY
      },
      get columns() {
        return plain.columns
      },
      get rows() {
        return plain.rows
      },
      write: (text) => plain.write(printable(text, hasColour(io, to))),
      raw: (text) => plain.raw(text),
    }
  }
  const asked = (question: string) => io.ask(printable(question, hasColour(io, 'stderr')))
  return { ...io, stdout: writer('stdout'), stderr: writer('stderr'), ask: asked }
}

/** Colours only to a terminal, and never against NO_COLOR. */
export function hasColour(io: Pick<Io, 'env' | 'stdout' | 'stderr'>, to: 'stdout' | 'stderr'): boolean {
  const { env } = io
  if (env['NO_COLOR']) return false
  if (env['FORCE_COLOR'] && env['FORCE_COLOR'] !== '0') return true
  return io[to].isTTY && env['TERM'] !== 'dumb'
}

export function printable(text: string, keepStyles: boolean): string {
  if (!keepStyles) return foreignText(text, ANYWHERE)
  return text
    .split(OURS)
    .map((part, index) => (index % 2 === 1 ? part : foreignText(part, ANYWHERE)))
    .join('')
}

/** One line for people, whatever stood in it: no line of its own can be forged by a line break in a reason or a name. */
export function oneLine(text: string): string {
  return foreignLine(text)
}

/** The same JSON value in other letters: what a terminal might obey is escaped (JSON escapes the rest already). */
export function printableJson(json: string): string {
  return json.replaceAll(UNPRINTABLE, (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
