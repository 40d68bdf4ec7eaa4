import { english, type Part } from '../../core/say.ts'
import { styleText } from 'node:util'
import { hasColour, printableJson } from '../border.ts'
import type { Io, Writer } from '../io.ts'
import { columnsOf, wrapped } from './wrapped.ts'

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

export type ScreenOptions = {
  readonly quiet: boolean
  readonly json: boolean
  /** How a sentence is put into the reader's language; English without. */
  readonly tell?: (part: Part) => string
}

/**
 * Where output goes: results to stdout, progress and questions to stderr. Colours only to a terminal and never against
 * NO_COLOR; a block that is redrawn only on a terminal, and not under CI.
 */
export class Screen {
  readonly io: Io
  readonly quiet: boolean
  readonly live: boolean
  readonly #json: boolean
  readonly #tell: (part: Part) => string

  constructor(io: Io, options: ScreenOptions) {
    this.io = io
    this.quiet = options.quiet
    this.#json = options.json
    this.#tell = options.tell ?? english
    const isDumb = Boolean(io.env['CI']) || io.env['TERM'] === 'dumb'
    this.live = io.stderr.isTTY && !isDumb && !options.quiet && !options.json
  }

  /** A result: one or more lines on stdout; under --json, values as JSON. */
  result(said: Part): void {
    const text = this.#tell(said)
    if (this.#json) this.io.stdout.raw(`${printableJson(text)}\n`)
    else this.io.stdout.write(`${text}\n`)
  }

  /** Progress: on stderr, unless --quiet; on a terminal broken between words, so that a path stays whole. */
  progress(said: Part): void {
    if (!this.quiet) this.io.stderr.write(`${broken(this.#tell(said), this.io.stderr)}\n`)
  }

  /** What must be said even under --quiet: on stderr. */
  say(said: Part): void {
    this.io.stderr.write(`${this.#tell(said)}\n`)
  }

  paint(style: Style, text: string, to: 'stdout' | 'stderr' = 'stderr'): string {
    return hasColour(this.io, to) ? styleText(style, text, { validateStream: false }) : text
  }
}

function broken(text: string, to: Writer): string {
  const lines = text.split('\n').flatMap((line) => wrapped(line, columnsOf(to)))
  return lines.join('\n')
}
