import { styleText } from 'node:util'
import { hasColour, printableJson } from '../border.ts'
import type { Io, Writer } from '../io.ts'
import { columnsOf, wrapped } from './wrapped.ts'

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/**
 * Where output goes: results to stdout, progress and questions to stderr. Colours only to a terminal and never against
 * NO_COLOR; a block that is redrawn only on a terminal, and not under CI.
 */
export class Screen {
  readonly io: Io
  readonly quiet: boolean
  readonly live: boolean
  readonly #json: boolean

  constructor(io: Io, options: { readonly quiet: boolean; readonly json: boolean }) {
    this.io = io
    this.quiet = options.quiet
    this.#json = options.json
    const isDumb = Boolean(io.env['CI']) || io.env['TERM'] === 'dumb'
    this.live = io.stderr.isTTY && !isDumb && !options.quiet && !options.json
  }

  /** A result: one or more lines on stdout; under --json, values as JSON. */
  result(text: string): void {
    if (this.#json) this.io.stdout.raw(`${printableJson(text)}\n`)
    else this.io.stdout.write(`${text}\n`)
  }

  /** Progress: on stderr, unless --quiet; on a terminal broken between words, so that a path stays whole. */
  progress(text: string): void {
    if (!this.quiet) this.io.stderr.write(`${broken(text, this.io.stderr)}\n`)
  }

  /** What must be said even under --quiet: on stderr. */
  say(text: string): void {
    this.io.stderr.write(`${text}\n`)
  }

  paint(style: Style, text: string, to: 'stdout' | 'stderr' = 'stderr'): string {
    return hasColour(this.io, to) ? styleText(style, text, { validateStream: false }) : text
  }
}

function broken(text: string, to: Writer): string {
  const lines = text.split('\n').flatMap((line) => wrapped(line, columnsOf(to)))
  return lines.join('\n')
}
