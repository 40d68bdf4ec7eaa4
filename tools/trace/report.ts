import { idsIn } from './ids.ts'
import type { Ran, RunRecord } from './record.ts'
import { titlesIn } from './titles.ts'

export type Row = { readonly id: string; readonly demand: string }
/** A title in the sources that names a row. It says what is meant to prove it, not that it does. */
export type Claim = { readonly id: string; readonly file: string; readonly line: number; readonly title: string }

/**
 * `proven`: a test of the row passed in the last complete run, and none failed. `skipped`: those that ran were all skipped.
 * `unrun`: a title names the row, and no complete run has come across it. `none`: no title does.
 */
export type Standing = 'proven' | 'failed' | 'skipped' | 'unrun' | 'none'

export type TracedRow = Row & {
  readonly standing: Standing
  readonly claims: readonly Claim[]
  readonly ran: readonly Ran[]
}

export type Trace = {
  readonly rows: readonly TracedRow[]
  /** IDs in titles which are no row of the requirements. */
  readonly unknown: readonly (Claim | Ran)[]
  readonly run: Pick<RunRecord, 'commit' | 'hadChanges' | 'at'> | null
}

/** Rows of the form `| R-A01 | Environments … |`. Throws when an ID stands twice. */
export function rowsIn(markdown: string): readonly Row[] {
  const rows = [...markdown.matchAll(/^\|\s*(R-[A-Z]\d\d)\s*\|\s*(.+?)\s*\|\s*$/gm)]
  const found = rows.map(([, id = '', demand = '']) => ({ id, demand }))
  const twice = found.find(({ id }, index) => found.findIndex((row) => row.id === id) !== index)
  if (twice) throw new Error(`docs/requirements.md has ${twice.id} twice: an ID, once given, names one row`)
  return found
}

/** The titles of a source; one that is switched off there claims nothing. */
export function claimsIn(file: string, text: string): readonly Claim[] {
  return titlesIn(text)
    .filter(({ runs }) => runs)
    .flatMap(({ title, line }) => idsIn(title).map((id) => ({ id, file, line, title })))
}

export function trace(rows: readonly Row[], claims: readonly Claim[], run: RunRecord | null): Trace {
  const known = new Set(rows.map(({ id }) => id))
  const ran = run?.ran ?? []
  return {
    rows: rows.map((row) => {
      const mine = { claims: claims.filter(({ id }) => id === row.id), ran: ran.filter(({ id }) => id === row.id) }
      return { ...row, ...mine, standing: standingOf(mine) }
    }),
    unknown: [...claims, ...ran.filter(({ id }) => !claims.some((claim) => claim.id === id))].filter(
      ({ id }) => !known.has(id),
    ),
    run: run && { commit: run.commit, hadChanges: run.hadChanges, at: run.at },
  }
}

function standingOf({ claims, ran }: Pick<TracedRow, 'claims' | 'ran'>): Standing {
  const has = (outcome: Ran['outcome']) => ran.some((each) => each.outcome === outcome)
  if (has('fail')) return 'failed'
  if (has('pass')) return 'proven'
  if (has('skip')) return 'skipped'
  return claims.length > 0 ? 'unrun' : 'none'
}

const MARKS: Readonly<Record<Standing, string>> = { proven: '✔', failed: '✖', skipped: '-', unrun: '?', none: '·' }
const OUTCOMES = { pass: '✔', fail: '✖', skip: '-' } as const

export function printed(found: Trace): string {
  const lines = found.rows.flatMap((row) => [`${MARKS[row.standing]} ${row.id}  ${row.demand}`, ...testsOf(row)])
  return [...lines, '', ...totals(found), ...unknownLines(found)].join('\n')
}

function testsOf({ ran, claims }: TracedRow): readonly string[] {
  const unrun = claims.filter(({ file }) => !ran.some((each) => each.file === file))
  return [
    ...ran.map(({ outcome, file, line, title, reason }) => {
      return `       ${OUTCOMES[outcome]} ${file}:${line}  ${title}${reason === '' ? '' : `: skipped, ${reason}`}`
    }),
    ...unrun.map(({ file, line, title }) => `       ? ${file}:${line}  ${title}`),
  ]
}

function totals({ rows, run }: Trace): readonly string[] {
  const of = (standing: Standing) => rows.filter((row) => row.standing === standing).map(({ id }) => id)
  const when = run
    ? `in the last complete run (${run.at}, commit ${run.commit?.slice(0, 7) ?? 'unknown'}${run.hadChanges ? ' with changes' : ''})`
    : 'yet: no complete run has ended here; npm test makes one'
  const named = (what: string, ids: readonly string[]) => (ids.length > 0 ? [`${what}: ${ids.join(' ')}`] : [])
  return [
    `${of('proven').length} of ${rows.length} rows proven by tests that passed ${when}`,
    ...named('✖ a test of it failed', of('failed')),
    ...named('- every test of it was skipped', of('skipped')),
    ...named('? a test names it and has not run', of('unrun')),
    ...named('· without a test', of('none')),
  ]
}

export function unknownLines({ unknown }: Trace): readonly string[] {
  return unknown.map(
    ({ id, file, line }) => `${file}:${line}: [${id}] is no row of docs/requirements.md: mend the ID or add the row`,
  )
}
