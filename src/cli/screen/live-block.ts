import { stripVTControlCharacters } from 'node:util'
import { hasColour, printable } from '../border.ts'
import type { Screen } from './screen.ts'

const HIDE_CURSOR = '\u001b[?25l'
const SHOW_CURSOR = '\u001b[?25h'
/** Terminals that know it show everything between the two at once (no flicker); others ignore it. */
const BEGIN = '\u001b[?2026h'
const END = '\u001b[?2026l'
const CLEAR_TO_END_OF_LINE = '\u001b[K'
const CLEAR_BELOW = '\u001b[J'
const ESCAPE = '\u001b'
const STYLE_CODE = new RegExp(`(${ESCAPE}\\[[0-9;]*m)`)

/** Lines at the bottom of the terminal that are redrawn in place; log lines scroll by above them. */
export class LiveBlock {
  readonly #screen: Screen
  #lines: readonly string[] = []
  #drawn = 0

  constructor(screen: Screen) {
    this.#screen = screen
  }

  /** Writes `line` above the block. */
  log(line: string): void {
    if (this.#screen.live) this.#write([line], this.#lines)
    else this.#screen.progress(line)
  }

  /** Shows `lines` from now on; only what changed is visible as a change. */
  show(lines: readonly string[]): void {
    if (!this.#screen.live || (lines.length === this.#drawn && lines.every((line, i) => line === this.#lines[i])))
      return
    this.#write([], lines)
  }

  /** Takes the block away and gives the cursor back. */
  end(): void {
    if (!this.#screen.live || this.#drawn === 0) return
    this.#write([], [])
    this.#screen.io.stderr.raw(SHOW_CURSOR)
  }

  #write(log: readonly string[], block: readonly string[]): void {
    const { stderr } = this.#screen.io
    const up = this.#drawn > 0 ? `\u001b[${this.#drawn}A\r` : HIDE_CURSOR
    const keepStyles = hasColour(this.#screen.io, 'stderr')
    const fitted = block.map((line) =>
      fit(printable(line, keepStyles).replaceAll(/\s*\n\s*/g, ' '), stderr.columns - 1),
    )
    const text = [...log.map((line) => printable(line, keepStyles)), ...fitted]
      .map((line) => `${line}${CLEAR_TO_END_OF_LINE}\n`)
      .join('')
    stderr.raw(`${BEGIN}${up}${text}${CLEAR_BELOW}${END}`)
    this.#lines = block
    this.#drawn = block.length
  }
}

/** Cuts a line to `columns` visible characters, so that it never wraps and the block keeps its height. */
export function fit(line: string, columns: number): string {
  if (stripVTControlCharacters(line).length <= columns) return line
  let visible = 0
  let cut = ''
  for (const part of line.split(STYLE_CODE)) {
    if (part.startsWith('\u001b')) cut += part
    else {
      cut += part.slice(0, Math.max(0, columns - 1 - visible))
      visible += part.length
    }
  }
  return `${cut}…`
}
