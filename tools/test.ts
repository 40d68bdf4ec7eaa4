/**
 * `npm test`: types, lint, format and generated files, then every test. `npm test -- src/core haproxy` runs only the
 * files whose path holds one of these. The last line is `N passed, N failed`; the exit code is 0 only when all is well.
 */
import { globSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import { type Checked, check, printChecks } from './check.ts'
import { provideDebianPackages } from './debian-packages.ts'
import { type Batch, type BatchResult, endAll, runBatches } from './test/pool.ts'
import { batchLine, count, failures, lastLine, skips, slowest } from './test/print.ts'
import { ROOT, start } from './tool.ts'

const CONCURRENCY = 2
/** Tests beside the code are pure or local: one process for all of them; the longest takes 12 s of a free core. */
const UNIT = { testTimeoutMs: 60_000, deadlineMs: 300_000 }
const REAL = { testTimeoutMs: 180_000, deadlineMs: 600_000 }

/** Files under `src` as one batch, every other file as a batch of its own: paths relative to `root`. */
export function batches(filters: readonly string[], root: string = ROOT): readonly Batch[] {
  const find = (pattern: string) =>
    globSync(pattern, { cwd: root, exclude: (path) => /(^|\/)(node_modules|\.stellwerk)(\/|$)/.test(path) })
      .filter((file) => filters.length === 0 || filters.some((filter) => matches(file, filter)))
      .sort()
      .map((file) => join(root, file))
  const unit = find('src/**/*.test.ts')
  const real = apart([...find('test/**/*.test.ts'), ...find('examples/**/*.test.ts')])
  return [
    ...(unit.length > 0 ? [{ name: 'src', files: unit, ...UNIT }] : []),
    ...real.map((file) => ({ name: file.slice(root.length + 1), files: [file], ...REAL })),
  ]
}

/** Files that fill the machine by themselves, spread over the run: beside each other they would only wait for each other. */
function apart(files: readonly string[]): readonly string[] {
  const [heavy, others] = [files.filter(fillsMachine), files.filter((file) => !fillsMachine(file))]
  return heavy.reduce(
    (all, file, index) => all.toSpliced(Math.floor((index * all.length) / heavy.length), 0, file),
    others,
  )
}

function fillsMachine(file: string): boolean {
  return file.includes('/test/crash/') || file.includes('/test/model/')
}

function matches(file: string, filter: string): boolean {
  return file.includes(filter.replace(/^\.\//, '')) || matchesGlob(file, filter)
}

export async function main(filters: readonly string[]): Promise<number> {
  const from = performance.now()
  endWithUs()
  const chosen = batches(filters)
  await provideDebianPackages(
    chosen.flatMap(({ files }) => files),
    (line) => console.log(line),
  )
  const checks = filters.length === 0 ? await check() : []
  printChecks(checks)
  const units = chosen.filter(({ name }) => name === 'src')
  const rest = chosen.filter(({ name }) => name !== 'src')
  const print = (done: BatchResult) => console.log(batchLine(done))
  const done = [...(await runBatches(units, 1, print)), ...(await runBatches(rest, CONCURRENCY, print))]
  return summarize(done, checks, { filters, tookMs: performance.now() - from })
}

type Run = { readonly filters: readonly string[]; readonly tookMs: number }

function summarize(done: readonly BatchResult[], checks: readonly Checked[], { filters, tookMs }: Run): number {
  const results = done.flatMap((batch) => batch.results)
  const counted = count(results)
  const wrong = checks.filter(({ ok }) => !ok)
  const slow = slowest(results)
  for (const line of [...skips(results), ...(slow.length > 0 ? ['slowest:', ...slow] : [])]) console.log(line)
  for (const line of failures(done)) console.log(line)
  if (wrong.length > 0) console.log(`\n✖ ${wrong.map(({ name }) => name).join(', ')}: see the top, or npm run check`)
  const nothing = counted.passed + counted.failed === 0
  if (nothing) console.log(`no test ran: no test file matches ${filters.join(' ') || 'src, test, examples'}`)
  console.log(`\n${(tookMs / 1000).toFixed(1)} s; every check of npm run check counts as one`)
  const total = {
    ...counted,
    passed: counted.passed + checks.length - wrong.length,
    failed: counted.failed + wrong.length,
  }
  console.log(lastLine(total))
  return total.failed > 0 || nothing ? 1 : 0
}

/** Ctrl-C ends the workers and what they started, not only us. */
function endWithUs(): void {
  for (const [signal, code] of [['SIGINT', 130] as const, ['SIGTERM', 143] as const])
    process.once(signal, () => {
      endAll()
      process.exit(code)
    })
}

if (import.meta.main) await start(main, process.argv.slice(2))
