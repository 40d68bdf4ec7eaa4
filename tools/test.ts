/**
 * `npm test`: types, lint, format and generated files, then every test. `npm test -- src/core haproxy` runs only the
 * files whose path holds one of these; only a run of all is what `npm run trace` goes by. The last line is `N passed, N failed`; the exit code is 0 only when all is well.
 */
import { globSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import { type Checked, check, printChecks } from './check.ts'
import { provideDebianPackages } from './debian-packages.ts'
import { inLanes, type Job } from './test/lanes.ts'
import { costOf, isPure, longestFirst } from './test/order.ts'
import { BEHIND, type Batch, type BatchResult, endWithUs, runBatch } from './test/worker.ts'
import { writeRecord } from './trace/record.ts'
import { batchLine, busiest, count, failures, lastLine, leftBehind, skips, slowest } from './test/print.ts'
import { ROOT, start } from './tool.ts'

/** Of a small machine, whatever ours has: the tests are known to be quiet beside what two cores carry. */
const CORES = 2
/** Against tests that hang. What is pure has only the time that the others leave: a tenth of a core is still enough. */
const REAL = { testTimeoutMs: 180_000, deadlineMs: 600_000 }
const PURE = { testTimeoutMs: 600_000, deadlineMs: 1_200_000 }

/**
 * Files under `src` as one batch, as they are pure or local; every other file as a batch of its own. The longest come
 * first, and paths are relative to `root`.
 */
export function batches(filters: readonly string[], root: string = ROOT): readonly Batch[] {
  const find = (pattern: string) =>
    globSync(pattern, { cwd: root, exclude: (path) => /(^|\/)(node_modules|\.stellwerk)(\/|$)/.test(path) })
      .filter((file) => filters.length === 0 || filters.some((filter) => matches(file, filter)))
      .sort()
  const unit = find('src/**/*.test.ts').map((file) => join(root, file))
  const tests = find('test/**/*.test.ts').filter((file) => !isLong(file))
  const real = longestFirst([...tests, ...find('examples/**/*.test.ts')])
  return [
    ...(unit.length > 0 ? [{ name: 'src', files: unit, isPure: true, ...PURE }] : []),
    ...real.map((file) => ({ name: file, files: [join(root, file)], isPure: isPure(file), ...limitsOf(file) })),
  ]
}

/** Of `npm run test:long`. */
export function isLong(file: string): boolean {
  return file.startsWith('test/long/')
}

function limitsOf(file: string) {
  return isPure(file) ? PURE : REAL
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
  const run = await runAll(chosen, { withChecks: filters.length === 0 })
  if (filters.length === 0)
    writeRecord(
      run.batches.flatMap(({ results }) => results),
      ROOT,
      new Date(),
    )
  return summarize(run, { filters, tookMs: performance.now() - from })
}

type Done = { readonly batches: readonly BatchResult[]; readonly checks: readonly Checked[] }

/** Real components have the cores; behind them what is pure takes one that they leave, and all once they have ended. */
export async function runAll(
  chosen: readonly Batch[],
  { withChecks }: { readonly withChecks: boolean },
): Promise<Done> {
  const all: BatchResult[] = []
  const checks: Checked[] = []
  const checking = async () => {
    checks.push(...(await check({ niceness: BEHIND })))
    printChecks(checks)
  }
  const jobOf = (batch: Batch): Job => ({
    cores: costOf(batch.name).cores,
    run: async () => {
      const done = await runBatch(batch)
      all.push(done)
      console.log(batchLine(done))
    },
  })
  const pure = chosen.filter((batch) => batch.isPure).map(jobOf)
  const real = chosen.filter((batch) => !batch.isPure).map(jobOf)
  const whenReal = inLanes(real, CORES)
  const behind = inLanes(withChecks ? [{ cores: 1, run: checking }, ...pure] : pure, 1, {
    when: whenReal,
    cores: CORES,
  })
  await Promise.all([whenReal, behind])
  return { batches: all, checks }
}

type Run = { readonly filters: readonly string[]; readonly tookMs: number }

export function summarize({ batches: done, checks }: Done, { filters, tookMs }: Run): number {
  const results = done.flatMap((batch) => batch.results)
  const counted = count(results)
  const wrong = checks.filter(({ ok }) => !ok)
  for (const line of [...skips(results), ...slowest(results), ...busiest(done), ...leftBehind(done)]) console.log(line)
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

if (import.meta.main) await start(main, process.argv.slice(2))
