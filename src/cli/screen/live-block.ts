import { stripVTControlCharacters } from 'node:util'
import { hasColour, printable } from '../border.ts'
import { type BlockPart, blockRows, fitHeight } from './block-lines.ts'
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

/**
 * Lines at the bottom of the terminal that are redrawn in place; log lines scroll by above them. The block is never higher
 * than the terminal, for what has scrolled out at the top cannot be redrawn: what matters least is left out.
 */
export class LiveBlock {
  readonly #screen: Screen
  readonly #more: (count: number) => string
  /** What was drawn, as it was drawn. */
  #drawn: readonly string[] = []
  #isHidden = false

  constructor(screen: Screen, more: (count: number) => string = (count) => `… ${count} more`) {
    this.#screen = screen
    this.#more = more
  }

  /** Writes `line` above the block. */
  log(line: string): void {
    if (this.#screen.live) this.#write(this.#printable(line).split('\n'), this.#drawn)
    else this.#screen.progress(line)
  }

  /** Shows `lines` from now on, as they fit the terminal now; only what changed is visible as a change. */
  show(parts: readonly BlockPart[]): void {
    if (!this.#screen.live) return
    const { columns, rows } = this.#screen.io.stderr
    const fitted = fitHeight(parts, blockRows(rows), this.#more).map((line) =>
      fit(this.#printable(line).replaceAll(/\s*\n\s*/g, ' '), columns - 1),
    )
    const isSame = fitted.length === this.#drawn.length && fitted.every((line, index) => line === this.#drawn[index])
    if (!isSame) this.#write([], fitted)
  }

  /** Takes the block away and gives the cursor back. */
  end(): void {
    if (!this.#isHidden) return
    this.#write([], [])
    this.#screen.io.stderr.raw(SHOW_CURSOR)
    this.#isHidden = false
  }

  #write(log: readonly string[], block: readonly string[]): void {
    const { stderr } = this.#screen.io
    const height = drawnRows(this.#drawn, stderr.columns, stderr.rows)
    const up = height > 0 ? `\u001b[${height}A\r` : ''
    const text = [...log, ...block].map((line) => `${line}${CLEAR_TO_END_OF_LINE}\n`).join('')
    stderr.raw(`${BEGIN}${this.#isHidden ? '' : HIDE_CURSOR}${up}${text}${CLEAR_BELOW}${END}`)
    this.#isHidden = true
    this.#drawn = block
  }

  #printable(line: string): string {
    return printable(line, hasColour(this.#screen.io, 'stderr'))
  }
}

/** How many rows the block takes now: a terminal that has become narrower has broken its lines. */
function drawnRows(lines: readonly string[], columns: number, rows: number): number {
  const height = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / Math.max(1, columns))), 0)
  return Math.min(height, Math.max(0, rows - 1))
}

function widthOf(line: string): number {
  return stripVTControlCharacters(line).length
}

/** Cuts a line to `columns` visible characters, so that it never wraps and the block keeps its height. */
export function fit(line: string, columns: number): string {
  const room = Math.max(1, columns)
  if (widthOf(line) <= room) return line
  let visible = 0
  let cut = ''
  for (const part of line.split(STYLE_CODE)) {
    if (part.startsWith(ESCAPE)) cut += part
    else {
      cut += part.slice(0, Math.max(0, room - 1 - visible))
      visible += part.length
    }
  }
  return `${cut}…`
}
