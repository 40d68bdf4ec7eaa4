import type { LogLine } from '../../../ports/platform.ts'

export type RawLine = Pick<LogLine, 'at' | 'instance' | 'stream' | 'text'>

export const LINES_KEPT = 2000

/** The newest lines of all instances of a slot, and how many they ever printed. */
export class LineRing {
  #lines: RawLine[] = []
  count: number

  constructor(count: number, lines: readonly RawLine[] = []) {
    this.count = count
    this.#lines = lines.slice(-LINES_KEPT)
  }

  add(line: RawLine): void {
    this.#lines.push(line)
    if (this.#lines.length > 2 * LINES_KEPT) this.#lines = this.#lines.slice(-LINES_KEPT)
  }

  newest(lines: number, instance?: string): readonly RawLine[] {
    const wanted = instance === undefined ? this.#lines : this.#lines.filter((line) => line.instance === instance)
    return lines > 0 ? wanted.slice(-lines) : []
  }
}
