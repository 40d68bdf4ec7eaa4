/**
 * `npm run bench`: runs every benchmark and prints what it measured. `--only router` runs those whose path holds the word,
 * `--json` prints one JSON document instead of tables. The rest is for the benchmarks that simulate: `--runs 1000`, how often
 * each cell is played; `--seed 5000`, from which seed on; `--worlds 'cold start'` and `--policies stellwerk`, only those
 * whose name holds the words; `--keep FOLDER`, keep what was played there and go on from it; `--write`, renew the page of results.
 *
 * A benchmark is a file `bench/<topic>/<name>.ts` that exports `run()`; other files of the folder are its parts.
 */
import { globSync, readFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { ROOT, start } from '../tools/tool.ts'

export type Cell = string | number
export type Benchmark = {
  readonly title: string
  /** One object per line of the table; keys are its columns, in the order in which they first appear. */
  readonly rows: readonly Readonly<Record<string, Cell>>[]
  /** What a reader needs to judge the numbers: against what, how often, which goal. */
  readonly notes: readonly string[] | string
}

export type BenchmarkOptions = {
  readonly runs?: number
  readonly seed?: number
  readonly worlds?: string
  readonly policies?: string
  readonly keep?: string
  readonly write?: boolean
}
type Module = { readonly run: (options: BenchmarkOptions) => Promise<Benchmark> }

/** Read, not imported: a part may be a program of its own that starts when it is imported. */
const EXPORTS_RUN = /^export (async function run\(|function run\(|const run\b)/m

/** An aligned table; numbers stand right, with thousands apart. */
export function table(rows: Benchmark['rows']): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const shown = rows.map((row) => columns.map((column) => text(row[column])))
  const widths = columns.map((column, index) => Math.max(...[column, ...shown.map((row) => row[index]!)].map(width)))
  const isNumber = columns.map((column) => rows.every((row) => typeof row[column] !== 'string'))
  const line = (cells: readonly string[]) =>
    cells.map((cell, index) => pad(cell, widths[index]!, isNumber[index]!)).join('  ')
  return [line(columns), line(widths.map((count) => '-'.repeat(count))), ...shown.map(line)]
    .map((each) => each.trimEnd())
    .join('\n')
}

function text(cell: Cell | undefined): string {
  if (typeof cell !== 'number') return cell ?? ''
  return cell.toLocaleString('en-US', { maximumFractionDigits: Math.abs(cell) < 10 ? 3 : 1 })
}

const width = (cell: string) => [...cell].length

function pad(cell: string, to: number, right: boolean): string {
  const space = ' '.repeat(to - width(cell))
  return right ? space + cell : cell + space
}

/** `load`: processes that wanted a core in the last minute, before and after: more than there are cores means a noisy run. */
type Done = { readonly name: string; readonly load: readonly [number, number] } & (
  | { readonly benchmark: Benchmark }
  | { readonly error: string }
)

async function runOne(file: string, options: BenchmarkOptions): Promise<Done> {
  const name = file.replace(/^bench\//, '').replace(/\.ts$/, '')
  const before = loadavg()[0]!
  const load = () => [before, loadavg()[0]!] as const
  try {
    const module: Module = await import(pathToFileURL(join(ROOT, file)).href)
    return { name, benchmark: await module.run(options), load: load() }
  } catch (error) {
    return { name, load: load(), error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

function print(done: Done): void {
  if ('error' in done) {
    console.log(`\n✖ ${done.name}\n${done.error}`)
    return
  }
  const { title, rows, notes } = done.benchmark
  console.log(`\n${title}  (${done.name})\n\n${table(rows)}`)
  for (const note of typeof notes === 'string' ? [notes] : notes) console.log(`  ${note}`)
  console.log(`  Load average: ${done.load.map((each) => each.toFixed(1)).join(' → ')} on ${cpus().length} cores.`)
}

const MACHINE = `Node ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} × ${cpus()[0]?.model.trim() || 'CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB`

/** Exit code 1 when a benchmark failed or none was found. */
export async function main(args: readonly string[]): Promise<number> {
  const options = {
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    runs: { type: 'string' },
    seed: { type: 'string' },
    worlds: { type: 'string' },
    policies: { type: 'string' },
    keep: { type: 'string' },
    write: { type: 'boolean', default: false },
  } as const
  const { values } = parseArgs({ args: [...args], options })
  const { worlds, policies, keep, write } = values
  const numbers = { runs: wholeNumber('runs', values.runs), seed: wholeNumber('seed', values.seed) }
  const given = Object.entries({ ...numbers, worlds, policies, keep, write }).filter(([, value]) => value !== undefined)
  const asked: BenchmarkOptions = Object.fromEntries(given)
  const files = globSync('bench/*/*.ts', { cwd: ROOT })
    .filter((file) => !file.endsWith('.test.ts') && file.includes(values.only ?? ''))
    .filter((file) => EXPORTS_RUN.test(readFileSync(join(ROOT, file), 'utf8')))
    .sort()
  const all: Done[] = []
  if (!values.json) console.log(MACHINE)
  for (const file of files) {
    const done = await runOne(file, asked)
    all.push(done)
    if (!values.json) print(done)
  }
  if (values.json) console.log(JSON.stringify({ machine: MACHINE, benchmarks: all }, null, 2))
  if (all.length === 0) console.error(`no benchmark ${values.only ? `matches "${values.only}"` : 'under bench/'}`)
  return all.length === 0 || all.some((done) => 'error' in done) ? 1 : 0
}

function wholeNumber(option: string, given: string | undefined): number | undefined {
  if (given === undefined) return undefined
  if (!/^[1-9]\d{0,6}$/.test(given)) throw new Error(`--${option} ${given}: expected a whole number from 1`)
  return Number(given)
}

if (import.meta.main) await start(main, process.argv.slice(2))
