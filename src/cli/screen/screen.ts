import { styleText } from 'node:util'
import type { Io } from '../io.ts'

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/**
 * Where output goes: results to stdout, progress and questions to stderr. Colours only to a terminal and never against
 * NO_COLOR; a block that is redrawn only on a terminal, and not under CI.
 */
export class Screen {
  readonly io: Io
  readonly quiet: boolean
  readonly live: boolean

  constructor(io: Io, options: { readonly quiet: boolean; readonly json: boolean }) {
    this.io = io
    this.quiet = options.quiet
    const isDumb = Boolean(io.env['CI']) || io.env['TERM'] === 'dumb'
    this.live = io.stderr.isTTY && !isDumb && !options.quiet && !options.json
  }

  /** A result: one or more lines on stdout. */
  result(text: string): void {
    this.io.stdout.write(`${text}\n`)
  }

  /** Progress: on stderr, unless --quiet. */
  progress(text: string): void {
    if (!this.quiet) this.io.stderr.write(`${text}\n`)
  }

  /** What must be said even under --quiet: on stderr. */
  say(text: string): void {
    this.io.stderr.write(`${text}\n`)
  }

  paint(style: Style, text: string, to: 'stdout' | 'stderr' = 'stderr'): string {
    return this.#hasColour(to) ? styleText(style, text, { validateStream: false }) : text
  }

  #hasColour(to: 'stdout' | 'stderr'): boolean {
    const { env } = this.io
    if (env['NO_COLOR']) return false
    if (env['FORCE_COLOR'] && env['FORCE_COLOR'] !== '0') return true
    return this.io[to].isTTY && env['TERM'] !== 'dumb'
  }
}
