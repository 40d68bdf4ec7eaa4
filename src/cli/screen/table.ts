/**
 * Columns as wide as their widest cell, two spaces between; the last one is not padded. Where that is wider than the
 * terminal, cells are broken between words; where even that does not do, every row becomes a few lines of its own.
 */
import { wrapped } from './wrapped.ts'

type Rows = readonly (readonly string[])[]

const GAP = 2
const READABLE = 20

export function table(rows: Rows, columns = Infinity, hasHead = true): string {
  return tableRows(rows, columns, hasHead).flat().join('\n')
}

/** Whether the rows stand beside each other in that many columns, no word broken, and prose keeps a readable width. */
export function fitsColumns(rows: Rows, columns: number): boolean {
  const natural = widthsOf(rows)
  const fitted = fitWidths(rows, natural, columns)
  return fitted !== null && fitted.every((width, column) => width >= Math.min(natural[column]!, READABLE))
}

/** The lines of each row, the head's first; for whoever puts something between them. */
export function tableRows(rows: Rows, columns = Infinity, hasHead = true): Rows {
  const fitted = fitWidths(rows, widthsOf(rows), columns)
  return fitted === null ? stacked(rows, columns, hasHead) : rows.map((row) => rowLines(row, fitted))
}

function widthsOf(rows: Rows): readonly number[] {
  return (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
}

function rowLines(row: readonly string[], widths: readonly number[]): readonly string[] {
  const cells = row.map((cell, column) => wrapped(cell, widths[column]!, ''))
  const height = Math.max(1, ...cells.map(({ length }) => length))
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((parts, column) => (parts[line] ?? '').padEnd(column === row.length - 1 ? 0 : widths[column]!))
      .join(' '.repeat(GAP))
      .trimEnd(),
  )
}

/** Takes from the widest column again and again, but never below its longest word; null when that is not enough. */
function fitWidths(rows: Rows, widths: readonly number[], columns: number): readonly number[] | null {
  const least = widths.map((_, column) => Math.max(...rows.map((row) => longestWord(row[column] ?? ''))))
  const fitted = [...widths]
  let over = fitted.reduce((sum, width) => sum + width, GAP * (fitted.length - 1)) - columns
  while (over > 0) {
    const column = widestOf(fitted, least)
    if (column === null) return null
    const taken = Math.min(over, Math.max(1, Math.ceil((fitted[column]! - least[column]!) / 2)))
    fitted[column] = fitted[column]! - taken
    over -= taken
  }
  return fitted
}

function widestOf(widths: readonly number[], least: readonly number[]): number | null {
  const free = [...widths.keys()].filter((column) => widths[column]! > least[column]!)
  return free.toSorted((left, right) => widths[right]! - widths[left]!)[0] ?? null
}

function longestWord(cell: string): number {
  return Math.max(0, ...wrapped(cell, 0, '').map(({ length }) => length))
}

/** `RELEASE  v1`, one line a cell, for terminals that are too narrow for any table. */
function stacked(rows: Rows, columns: number, hasHead: boolean): Rows {
  const [head = []] = rows
  return rows.map((row, place) => {
    if (hasHead && place === 0) return []
    return row.flatMap((cell, index) => wrapped(hasHead ? `${head[index]}  ${cell}` : cell, columns))
  })
}
