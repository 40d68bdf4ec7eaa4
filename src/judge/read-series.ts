/**
 * One side's counts out of a file: CSV with a header (`time,requests,errors,le=100ms,…,le=+Inf`), or a JSON object a line
 * (`{"time": …, "requests": 200, "errors": 1, "latency": {"100ms": 180, …, "+Inf": 200}}`). Everything that is wrong is
 * named with its line; nothing is guessed, and what is not there is no zero (law L3).
 */
import { say, type Told } from '../core/say.ts'
import { type Cell, countOf, edgeOf, shown, timeOf } from './cells.ts'
import type { Edge, SideTick } from './series.ts'

export type LineProblem = { readonly line: number; readonly said: Told }
export type ReadSeries =
  /** `lines`: where each tick stands, counted from 1. */
  | { readonly ok: true; readonly ticks: readonly SideTick[]; readonly lines: readonly number[] }
  | { readonly ok: false; readonly problems: readonly LineProblem[] }

/** One line before its values are read. */
type Row = {
  readonly line: number
  readonly time: unknown
  readonly requests: unknown
  readonly errors: unknown
  /** Null where the line says nothing of latencies. */
  readonly latency: readonly (readonly [label: string, count: unknown])[] | null
}
type Rows = { readonly rows: readonly Row[]; readonly problems: readonly LineProblem[] }
type Line = { readonly line: number; readonly text: string }

/** More problems than these nobody reads. */
const PROBLEMS_MAX = 20

export function readSeries(text: string): ReadSeries {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((text, index): Line => ({ line: index + 1, text: text.trim() }))
    .filter(({ text }) => text !== '')
  const [first] = lines
  if (first === undefined) return refused([{ line: 1, said: say`the file is empty` }])
  const { rows, problems } = first.text.startsWith('{') ? objects(lines) : table(first, lines.slice(1))
  if (problems.length > 0) return refused(problems)
  if (rows.length === 0)
    return refused([{ line: first.line, said: say`there is a header and no line of counts below it` }])
  return ticksOf(rows)
}

function refused(problems: readonly LineProblem[]): ReadSeries {
  return { ok: false, problems: problems.slice(0, PROBLEMS_MAX) }
}

function ticksOf(rows: readonly Row[]): ReadSeries {
  const problems: LineProblem[] = []
  const ticks: SideTick[] = []
  for (const row of rows) {
    const tick = tickOf(row)
    const before = ticks.at(-1)
    if (!tick.ok) problems.push({ line: row.line, said: tick.said })
    else if (before && tick.value.at <= before.at)
      problems.push({
        line: row.line,
        said: say`time is not later than that of the line before: sort the lines, one for each tick`,
      })
    else ticks.push(tick.value)
  }
  return problems.length > 0 ? refused(problems) : { ok: true, ticks, lines: rows.map(({ line }) => line) }
}

function tickOf(row: Row): Cell<SideTick> {
  const at = timeOf(row.time)
  if (!at.ok) return at
  const requests = countOf('requests', row.requests)
  if (!requests.ok) return requests
  const errors = countOf('errors', row.errors)
  if (!errors.ok) return errors
  if (errors.value > requests.value) {
    return {
      ok: false,
      said: say`there are more errors (${errors.value}) than requests (${requests.value}): requests are all that were answered, failed ones among them`,
    }
  }
  const latency = latencyOf(row.latency)
  if (!latency.ok) return latency
  return { ok: true, value: { at: at.value, requests: requests.value, errors: errors.value, latency: latency.value } }
}

function latencyOf(cells: Row['latency']): Cell<readonly Edge[] | null> {
  if (cells === null) return { ok: true, value: null }
  const edges: Edge[] = []
  for (const [label, value] of cells) {
    const upTo = edgeOf(label)
    if (upTo === null)
      return {
        ok: false,
        said: say`"${label}" is no edge of a histogram; expected a time with its unit (300ms, 0.3s) or +Inf`,
      }
    const count = countOf(`le=${label}`, value)
    if (!count.ok) return count
    edges.push([upTo, count.value])
  }
  edges.sort(([left], [right]) => left - right)
  const fallen = edges.find(([, count], index) => index > 0 && count < edges[index - 1]![1])
  if (fallen)
    return {
      ok: false,
      said: say`fewer requests took at most ${edgeText(fallen[0])} than less: each count holds those before it, as le of a Prometheus does`,
    }
  if (edges.at(-1)?.[0] !== Number.POSITIVE_INFINITY)
    return { ok: false, said: say`the latencies have no le=+Inf, which counts all of them` }
  return { ok: true, value: edges }
}

function edgeText(ms: number): string {
  return Number.isFinite(ms) ? `${ms}ms` : '+Inf'
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

const MEMBERS = ['time', 'requests', 'errors', 'latency']

function rowOf(line: number, { time, requests, errors, latency }: Readonly<Record<string, unknown>>): Row {
  const isMap = typeof latency === 'object' && latency !== null && !Array.isArray(latency)
  const edges = isMap ? Object.entries(latency) : ([[shown(latency), 0]] as const)
  return { line, time, requests, errors, latency: latency === undefined || latency === null ? null : edges }
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

/** CSV with commas or semicolons; values are numbers and moments, so quotes around them are all that is taken off. */
function table(head: Line, lines: readonly Line[]): Rows {
  const separator = head.text.includes(';') ? ';' : ','
  const split = (text: string) => text.split(separator).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))
  const columns = split(head.text)
  const problem = headProblem(columns)
  if (problem !== null) return { rows: [], problems: [{ line: head.line, said: problem }] }
  const read = lines.map(({ line, text }) => ({ line, cells: split(text) }))
  const problems = read
    .filter(({ cells }) => cells.length !== columns.length)
    .map(({ line, cells }) => ({ line, said: say`has ${cells.length} values; the header has ${columns.length}` }))
  return { problems, rows: read.map(({ line, cells }) => csvRow(line, columns, cells)) }
}

function csvRow(line: number, columns: readonly string[], cells: readonly string[]): Row {
  const cell = (name: string) => cells[columns.indexOf(name)]
  const edges = columns.flatMap((name, index) =>
    name.startsWith('le=') ? [[name.slice(3), cells[index]] as const] : [],
  )
  return {
    line,
    time: cell('time'),
    requests: cell('requests'),
    errors: cell('errors'),
    latency: edges.length > 0 ? edges : null,
  }
}

function headProblem(columns: readonly string[]): Told | null {
  const example = 'time,requests,errors,le=100ms,le=300ms,le=+Inf'
  const missing = ['time', 'requests', 'errors'].filter((name) => !columns.includes(name))
  if (missing.length > 0)
    return say`the first line names no column ${missing.join(', ')}; expected a header such as ${example}, or one JSON object a line`
  const twice = columns.find((name, index) => columns.indexOf(name) !== index)
  if (twice !== undefined) return say`the column "${twice}" is there twice`
  const stranger = columns.find(
    (name) => !['time', 'requests', 'errors'].includes(name) && edgeOf(name.replace(/^le=/, '')) === null,
  )
  return stranger === undefined
    ? null
    : say`the column "${stranger}" is not known; expected a header such as ${example}`
}
