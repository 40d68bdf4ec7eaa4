/**
 * What a terminal of a given size shows after some bytes, and what has scrolled out at its top: enough of one for what we
 * write (text, line breaks, cursor up, clearing). Lines that are too long wrap, the screen scrolls, the cursor stops at the
 * top, as in a real one.
 */
const ESCAPE = '\u001b'
const PARTS = new RegExp(`(${ESCAPE}\\[[\\d;?]*[A-Za-z]|\\r|\\n)`)
const ORDER = new RegExp(`^${ESCAPE}\\[\\??(\\d*)[\\d;]*([A-Za-z])$`)

export type FakeTerminal = {
  write(bytes: string): void
  /** The window was resized: what is on the screen is broken anew, as most terminals do. */
  resize(size: { readonly columns: number; readonly rows: number }): void
  /** Lines on the screen, without blank ones at the end. */
  screen(): readonly string[]
  /** Lines that have scrolled out at the top, oldest first. */
  scrolled(): readonly string[]
}

export function fakeTerminal(size: { columns: number; rows: number }): FakeTerminal {
  let { columns, rows } = size
  let lines: string[] = ['']
  let row = 0
  let column = 0
  const history: string[] = []

  function down(): void {
    row += 1
    if (lines.length <= row) lines.push('')
    while (lines.length > rows) {
      history.push(lines.shift()!)
      row -= 1
    }
  }

  function put(text: string): void {
    for (const character of text) {
      if (column >= columns) {
        column = 0
        down()
      }
      lines[row] = (lines[row] ?? '').padEnd(column).slice(0, column) + character + lines[row]!.slice(column + 1)
      column += 1
    }
  }

  function obey(order: string, count: number): void {
    if (order === 'A') row = Math.max(0, row - count)
    if (order === 'K') lines[row] = (lines[row] ?? '').slice(0, column)
    if (order === 'J') lines = [...lines.slice(0, row), (lines[row] ?? '').slice(0, column)]
  }

  return {
    write(bytes) {
      for (const part of bytes.split(PARTS)) {
        const [, count, order] = ORDER.exec(part) ?? []
        if (order !== undefined) obey(order, Number(count || 1))
        else if (part === '\r') column = 0
        else if (part === '\n') {
          column = 0
          down()
        } else put(part)
      }
    },
    resize(next) {
      ;({ columns, rows } = next)
      const all = lines.flatMap((line) => line.match(new RegExp(`.{1,${columns}}`, 'gu')) ?? [''])
      history.push(...all.slice(0, Math.max(0, all.length - rows)))
      lines = all.slice(-rows)
      row = lines.length - 1
    },
    screen: () => lines.slice(0, 1 + lines.findLastIndex((line) => line.trim() !== '')),
    scrolled: () => history,
  }
}
