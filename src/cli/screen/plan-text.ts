/** Plans on a terminal: sections with their rows in columns. What stands in them says `src/text/plan/`. */
import { say } from '../../core/say.ts'
import type { Messages } from '../../text/messages.ts'
import { type PlanSection, planSections, type ShownPlan, type Topic } from '../../text/plan/plan.ts'
import { fitsColumns, tableRows } from './table.ts'
import { joined, wrapped } from './wrapped.ts'

const INDENT = '  '

/** The whole of it. */
export function planText(shown: ShownPlan, text: Messages, columns = Infinity): string {
  return sectionLines(planSections(shown, text), columns).join('\n')
}

/** What whoever starts a release is asked about at least; the rest was there to read in `plan`. */
const TO_CONFIRM: readonly Topic[] = [
  'release',
  'changes',
  'policy',
  'components',
  'approvals',
  'steps',
  'rollback',
  'no-data',
  'warnings',
]

/** What fits before a question: it says what it leaves out, and by which `command` the whole plan is shown. */
export function confirmationText(shown: ShownPlan, command: string, text: Messages, columns = Infinity): string {
  const all = planSections(shown, text)
  const left = all.filter(({ topic }) => !TO_CONFIRM.includes(topic)).map(({ name }) => name)
  const lines = sectionLines(
    all.filter(({ topic }) => TO_CONFIRM.includes(topic)),
    columns,
  )
  if (left.length === 0) return lines.join('\n')
  const note = text.tell(say`Not shown here: ${[...new Set(left)].join(' · ')}. The whole plan:`)
  return [...lines, '', ...wrapped(note, columns, INDENT), `${INDENT}${command}`].join('\n')
}

export function sectionLines(sections: readonly PlanSection[], columns: number): readonly string[] {
  return sections.flatMap(({ title, rows }, index) => [
    ...(index === 0 ? [] : ['']),
    ...wrapped(title, columns, INDENT),
    ...rowLines(rows, columns),
  ])
}

type Rows = readonly (readonly string[])[]

/** In columns; one under the other where the terminal is too narrow for that. A row of one cell goes over all columns. */
export function rowLines(rows: Rows, columns: number): readonly string[] {
  const width = columns - INDENT.length
  const wide = rows.filter(({ length }) => length > 1)
  const cells = Math.max(0, ...wide.map(({ length }) => length))
  const table = wide.map((row) => Array.from({ length: cells }, (_, column) => row[column] ?? ''))
  const beside = fittingRows(table, width)
  const laid = (beside.length > 0 ? tableRows(beside, width, false) : []).values()
  const lines = table.map((row) => (beside.includes(row) ? laid.next().value! : stackedLines(row, width)))
  const next = lines.values()
  return rows
    .flatMap((row) => (row.length > 1 ? next.next().value! : wrapped(row[0] ?? '', width, INDENT)))
    .map((line) => `${INDENT}${line}`)
}

/** Without the longest ones, where it takes that: a digest does not keep the others out of their columns. */
function fittingRows(rows: Rows, width: number): Rows {
  if (rows.length === 0 || fitsColumns(rows, width)) return rows
  const longest = rows.reduce((one, other) => (other.join('').length > one.join('').length ? other : one))
  return fittingRows(
    rows.filter((row) => row !== longest),
    width,
  )
}

/** As many cells in a line as fit. */
function stackedLines(row: readonly string[], width: number): readonly string[] {
  return joined(row.filter(Boolean), '  ', width, INDENT).flatMap((line) => wrapped(line, width, INDENT))
}

/** `stellwerk plan -e prod --artifact v1.4.0`, as it was asked for. */
export type AskedPlan = {
  readonly environment: string
  readonly artifact: string
  readonly flag: readonly string[]
  /** Null: the usual one. */
  readonly file: string | null
}

export function planCommand({ environment, artifact, flag, file }: AskedPlan): string {
  const words = ['stellwerk', 'plan', '-e', environment, '--artifact', artifact]
  for (const each of flag) words.push('--flag', each)
  if (file !== null) words.push('--file', file)
  return words.map(word).join(' ')
}

function word(text: string): string {
  return /^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
