/** A file of counts as rows whose values are not read yet: CSV with a header, or a JSON object a line. */
import { say, type Told } from '../core/say.ts'
import { edgeOf, shown } from './cells.ts'

export type LineProblem = { readonly line: number; readonly said: Told }

export type Row = {
  readonly line: number
  readonly time: unknown
  /** Undefined where the file has no segments. */
  readonly segment: unknown
  readonly requests: unknown
  readonly errors: unknown
  /** Null where the line says nothing of latencies. */
  readonly latency: readonly (readonly [label: string, count: unknown])[] | null
}
export type Rows = { readonly rows: readonly Row[]; readonly problems: readonly LineProblem[] }
type Line = { readonly line: number; readonly text: string }

const NEEDED = ['time', 'requests', 'errors']
const COLUMNS = [...NEEDED, 'segment']
const MEMBERS = [...COLUMNS, 'latency']
const EXAMPLE = 'time,requests,errors,le=100ms,le=300ms,le=+Inf'

export function rowsOf(text: string): Rows {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((text, index): Line => ({ line: index + 1, text: text.trim() }))
    .filter(({ text }) => text !== '')
  const [first] = lines
  if (first === undefined) return { rows: [], problems: [{ line: 1, said: say`the file is empty` }] }
  return first.text.startsWith('{') ? objects(lines) : table(first, lines.slice(1))
}

function objects(lines: readonly Line[]): Rows {
  const read = lines.map(({ line, text }) => ({ line, object: objectOf(text) }))
  const problems = read.flatMap(({ line, object }) => {
    if (object === null) return [{ line, said: say`is not one JSON object` }]
    const stranger = Object.keys(object).find((key) => !MEMBERS.includes(key))
    return stranger === undefined
      ? []
      : [{ line, said: say`"${stranger}" is not known; known are ${MEMBERS.join(', ')}` }]
  })
  return { problems, rows: read.map(({ line, object }) => rowOf(line, object ?? {})) }
}

function rowOf(line: number, { latency, ...cells }: Readonly<Record<string, unknown>>): Row {
  const isMap = typeof latency === 'object' && latency !== null && !Array.isArray(latency)
  const edges = isMap ? Object.entries(latency) : ([[shown(latency), 0]] as const)
  const { time, segment, requests, errors } = cells
  return { line, time, segment, requests, errors, latency: latency === undefined || latency === null ? null : edges }
}

function objectOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

/** CSV with commas or semicolons (RFC 4180, without line breaks in values). */
function table(head: Line, lines: readonly Line[]): Rows {
  const separator = /^[^,]*;/.test(head.text) ? ';' : ','
  const columns = cellsIn(head.text, separator)
  const problem = headProblem(columns)
  if (problem !== null) return { rows: [], problems: [{ line: head.line, said: problem }] }
  if (lines.length === 0) {
    return { rows: [], problems: [{ line: head.line, said: say`there is a header and no line of counts below it` }] }
  }
  const read = lines.map(({ line, text }) => ({ line, cells: cellsIn(text, separator) }))
  const problems = read
    .filter(({ cells }) => cells.length !== columns.length)
    .map(({ line, cells }) => ({ line, said: say`has ${cells.length} values; the header has ${columns.length}` }))
  return { problems, rows: read.map(({ line, cells }) => csvRow(line, columns, cells)) }
}

function cellsIn(text: string, separator: string): readonly string[] {
  const cells = `${separator}${text}`.match(
    separator === ',' ? /,\s*("(?:[^"]|"")*"|[^,]*)/g : /;\s*("(?:[^"]|"")*"|[^;]*)/g,
  )
  return (cells ?? []).map((cell) => {
    const value = cell.slice(1).trim()
    return /^".*"$/.test(value) ? value.slice(1, -1).replaceAll('""', '"') : value
  })
}

function csvRow(line: number, columns: readonly string[], cells: readonly string[]): Row {
  const cell = (name: string) => cells[columns.indexOf(name)]
  const edges = columns.flatMap((name, index) =>
    name.startsWith('le=') ? [[name.slice(3), cells[index]] as const] : [],
  )
  return {
    line,
    time: cell('time'),
    segment: cell('segment'),
    requests: cell('requests'),
    errors: cell('errors'),
    latency: edges.length > 0 ? edges : null,
  }
}

function headProblem(columns: readonly string[]): Told | null {
  const missing = NEEDED.filter((name) => !columns.includes(name))
  if (missing.length > 0)
    return say`the first line names no column ${missing.join(', ')}; expected a header such as ${EXAMPLE}, or one JSON object a line`
  const twice = columns.find((name, index) => columns.indexOf(name) !== index)
  if (twice !== undefined) return say`the column "${twice}" is there twice`
  const isEdge = (name: string) => name.startsWith('le=') && edgeOf(name.slice(3)) !== null
  const stranger = columns.find((name) => !COLUMNS.includes(name) && !isEdge(name))
  return stranger === undefined
    ? null
    : say`the column "${stranger}" is not known; expected a header such as ${EXAMPLE}`
}
