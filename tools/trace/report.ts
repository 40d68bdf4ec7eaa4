import { titlesIn } from './titles.ts'

export type Row = { readonly id: string; readonly demand: string }
export type Proof = { readonly id: string; readonly file: string; readonly line: number; readonly title: string }
export type Trace = {
  readonly rows: readonly (Row & { readonly tests: readonly Proof[] })[]
  /** IDs in titles which are no row of the requirements. */
  readonly unknown: readonly Proof[]
}

/** Rows of the form `| R-A01 | Environments … |`. Throws when an ID stands twice. */
export function rowsIn(markdown: string): readonly Row[] {
  const rows = [...markdown.matchAll(/^\|\s*(R-[A-Z]\d\d)\s*\|\s*(.+?)\s*\|\s*$/gm)]
  const found = rows.map(([, id = '', demand = '']) => ({ id, demand }))
  const twice = found.find(({ id }, index) => found.findIndex((row) => row.id === id) !== index)
  if (twice) throw new Error(`docs/requirements.md has ${twice.id} twice: an ID, once given, names one row`)
  return found
}

/** `[R-E04] …`, `[R-E04] [R-E05] …` and `[R-E04, R-E05] …`; a title that is switched off proves nothing. */
export function proofsIn(file: string, text: string): readonly Proof[] {
  return titlesIn(text)
    .filter(({ runs }) => runs)
    .flatMap(({ title, line }) =>
      [...title.matchAll(/\[(R-[^\]]*)\]/g)]
        .flatMap(([, ids = '']) => ids.split(/[,\s]+/))
        .map((id) => ({ id, file, line, title })),
    )
}

export function trace(rows: readonly Row[], proofs: readonly Proof[]): Trace {
  const known = new Set(rows.map(({ id }) => id))
  return {
    rows: rows.map((row) => ({ ...row, tests: proofs.filter(({ id }) => id === row.id) })),
    unknown: proofs.filter(({ id }) => !known.has(id)),
  }
}

export function printed(found: Trace): string {
  const gaps = found.rows.filter(({ tests }) => tests.length === 0)
  const lines = found.rows.flatMap(({ id, demand, tests }) => [
    `${tests.length > 0 ? '✔' : '·'} ${id}  ${demand}`,
    ...tests.map(({ file, line, title }) => `         ${file}:${line}  ${title}`),
  ])
  const total = `${found.rows.length - gaps.length} of ${found.rows.length} rows have a test`
  const missing = gaps.length > 0 ? `; without: ${gaps.map(({ id }) => id).join(' ')}` : ''
  return [...lines, '', total + missing, ...unknownLines(found)].join('\n')
}

export function unknownLines({ unknown }: Trace): readonly string[] {
  return unknown.map(
    ({ id, file, line }) => `${file}:${line}: [${id}] is no row of docs/requirements.md: mend the ID or add the row`,
  )
}
