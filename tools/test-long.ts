/**
 * `npm run test:long`: the tests under `test/long`, which look for what `npm test` has no time for. They draw from a seed, which is
 * printed first. `--seed 42` has the same drawn again, `--minutes 10` is how long each may look (default 2); other words choose
 * files by their path.
 */
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { endWithUs } from './test/worker.ts'
import { runAll, summarize } from './test.ts'
import { ROOT, start } from './tool.ts'

const MINUTE_MS = 60_000
/** For starting, and for ending what is under way when time is up. */
const ASIDE_MS = 3 * MINUTE_MS

export async function main(args: readonly string[]): Promise<number> {
  const from = performance.now()
  const options = { seed: { type: 'string' }, minutes: { type: 'string', default: '2' } } as const
  const { values, positionals: filters } = parseArgs({ args: [...args], options, allowPositionals: true })
  const seed = numberOf('seed', values.seed ?? String(Math.floor(Math.random() * 1_000_000)))
  const minutes = numberOf('minutes', values.minutes)
  if (seed === null || minutes === null) return 2
  console.log(`seed ${seed}, ${minutes} min per test; again: npm run test:long -- --seed ${seed} --minutes ${minutes}`)
  // Read by `test/long/budget.ts`.
  Object.assign(process.env, { STELLWERK_LONG_SEED: String(seed), STELLWERK_LONG_MINUTES: String(minutes) })
  endWithUs()
  const done = await runAll(longBatches(filters, minutes), { withChecks: false })
  return summarize(done, { filters, tookMs: performance.now() - from })
}

function longBatches(filters: readonly string[], minutes: number) {
  const limitMs = minutes * MINUTE_MS + ASIDE_MS
  return globSync('test/long/**/*.test.ts', { cwd: ROOT })
    .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
    .sort()
    .map((name) => ({
      name,
      files: [join(ROOT, name)],
      isPure: false,
      testTimeoutMs: limitMs,
      deadlineMs: 10 * limitMs,
    }))
}

/** Null, and a sentence, when it is no such number. */
function numberOf(option: string, text: string): number | null {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  console.error(`--${option} ${text}: expected a whole number such as ${option === 'seed' ? '42' : '10'}`)
  return null
}

if (import.meta.main) await start(main, process.argv.slice(2))
