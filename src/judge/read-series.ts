/**
 * One side's counts out of a file: CSV with a header (`time,requests,errors,le=100ms,…,le=+Inf`), or a JSON object a line
 * (`{"time": …, "requests": 200, "errors": 1, "latency": {"100ms": 180, …, "+Inf": 200}}`). With `segment`, each tick is
 * several lines, one for each segment that was asked for anything. Everything that is wrong is named with its line;
 * nothing is guessed, and what is not there is no zero (law L3).
 */
import { say } from '../core/say.ts'
import { type Cell, countOf, edgeOf, timeOf } from './cells.ts'
import { type LineProblem, type Row, rowsOf } from './rows.ts'
import { type Counts, type Edge, type SideTick, sumCounts } from './series.ts'

export type ReadSeries =
  /** `lines`: where each tick begins, counted from 1. */
  | { readonly ok: true; readonly ticks: readonly SideTick[]; readonly lines: readonly number[] }
  | { readonly ok: false; readonly problems: readonly LineProblem[] }

/** More problems than these nobody reads. */
const PROBLEMS_MAX = 20
const SEGMENT_CHARS_MAX = 200

export function readSeries(text: string): ReadSeries {
  const { rows, problems } = rowsOf(text)
  return problems.length > 0 ? refused(problems) : ticksOf(rows)
}

function refused(problems: readonly LineProblem[]): ReadSeries {
  return { ok: false, problems: problems.slice(0, PROBLEMS_MAX) }
}

/** One line of the file: a whole tick, or what one segment did in it. */
type Part = { readonly line: number; readonly at: number; readonly segment: string | null; readonly counts: Counts }

function ticksOf(rows: readonly Row[]): ReadSeries {
  const problems: LineProblem[] = []
  const groups: Part[][] = []
  for (const row of rows) {
    const read = partOf(row)
    const group = groups.at(-1)
    const said = read.ok ? (mixedProblem(read.value, groups[0]) ?? orderProblem(read.value, group)) : read.said
    if (!read.ok || said !== null) problems.push({ line: row.line, said: said! })
    else if (group?.[0]?.at === read.value.at) group.push(read.value)
    else groups.push([read.value])
  }
  if (problems.length > 0) return refused(problems)
  return { ok: true, ticks: groups.map(tickOf), lines: groups.map(([first]) => first!.line) }
}

function mixedProblem({ segment }: Part, first: readonly Part[] | undefined) {
  if (first === undefined || (first[0]!.segment === null) === (segment === null)) return null
  return say`some lines name a segment and some do not: name one in all of them, or in none`
}

function orderProblem({ at, segment, counts }: Part, group: readonly Part[] | undefined) {
  const [first] = group ?? []
  if (first === undefined || at > first.at) return null
  if (at < first.at || segment === null)
    return say`time is not later than that of the line before: sort the lines, one for each tick`
  if (group!.some((part) => part.segment === segment))
    return say`the segment "${segment}" has a line at this time already`
  const edges = (some: Counts) => (some.latency ?? []).map(([edge]) => edge).join()
  return edges(first.counts) === edges(counts)
    ? null
    : say`the latencies have other edges than those of the segments beside it`
}

function tickOf(parts: readonly Part[]): SideTick {
  const [{ at, segment, counts }] = parts as [Part]
  if (segment === null) return { at, ...counts }
  const segments = Object.fromEntries(parts.map(({ segment, counts }) => [segment!, counts]))
  return { at, ...sumCounts(Object.values(segments)), segments }
}

function partOf(row: Row): Cell<Part> {
  const at = timeOf(row.time)
  if (!at.ok) return at
  const segment = segmentOf(row.segment)
  if (!segment.ok) return segment
  const counts = countsOf(row)
  return counts.ok
    ? { ok: true, value: { line: row.line, at: at.value, segment: segment.value, counts: counts.value } }
    : counts
}

function segmentOf(value: unknown): Cell<string | null> {
  if (value === undefined) return { ok: true, value: null }
  if (typeof value === 'string' && value !== '' && value.length <= SEGMENT_CHARS_MAX) return { ok: true, value }
  return {
    ok: false,
    said: say`segment is empty or no text; expected a name of up to ${SEGMENT_CHARS_MAX} characters, such as GET /orders`,
  }
}

function countsOf(row: Row): Cell<Counts> {
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
  return { ok: true, value: { requests: requests.value, errors: errors.value, latency: latency.value } }
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
