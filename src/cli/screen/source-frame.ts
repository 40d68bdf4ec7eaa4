/** The line of a file that a problem is about, with a caret below the place: `stellwerk.yaml:7:11` → two lines. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { oneLine } from '../border.ts'

const PLACE = /^(.+):(\d+):(\d+)$/
const MAX_BYTES = 300_000

/** Shows places of local files; each file is read once. An empty list where the place, or the file, is not here. */
export function sourceFrames(cwd: string, columns: number): (where: string) => Promise<readonly string[]> {
  const files = new Map<string, Promise<readonly string[]>>()
  return async (where) => {
    const [, file, line, column] = PLACE.exec(where) ?? []
    if (file === undefined) return []
    const path = resolve(cwd, file)
    const lines = files.get(path) ?? linesOf(path)
    files.set(path, lines)
    const text = (await lines)[Number(line) - 1]
    return text === undefined ? [] : frame(text, Number(line), Number(column), columns)
  }
}

async function linesOf(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text === '' || text.length > MAX_BYTES ? [] : text.split(/\r?\n/)
}

function frame(source: string, line: number, column: number, columns: number): readonly string[] {
  const gutter = `    ${line} | `
  const room = Math.max(20, Math.min(columns, 160) - gutter.length)
  const plain = oneLine(source)
  // Of a long line the part around the place is what counts.
  const from = column <= room ? 0 : column - Math.floor(room / 2)
  const shown = plain.slice(from, from + room)
  const caret = ' '.repeat(Math.max(0, Math.min(column - 1 - from, shown.length)))
  return [`${gutter}${shown}`, `${' '.repeat(gutter.length - 2)}| ${caret}^`]
}
