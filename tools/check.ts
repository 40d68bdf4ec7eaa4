/** `npm run check`: everything that can be judged without running the code, all of it at once, each part timed. */
import { join } from 'node:path'
import { run } from './process.ts'
import { ROOT, start } from './tool.ts'

export type Checked = { readonly name: string; readonly ok: boolean; readonly output: string; readonly tookMs: number }

const bin = (name: string) => join(ROOT, 'node_modules/.bin', name)

/** What knip.jsonc describes: exports and files that no entry reaches, packages that nothing imports. */
export const DEAD_CODE = ['--production', '--no-progress', '--include', 'files,exports,types,dependencies']

const TIMEOUT_MS = 600_000

const CHECKS: readonly (readonly [name: string, program: string, ...args: string[]])[] = [
  ['types', bin('tsc'), '-p', '.'],
  ['lint', bin('oxlint'), '.'],
  ['format', bin('biome'), 'format', '.'],
  ['generated files', process.execPath, 'tools/gen.ts', '--check'],
  ['dead code', bin('knip'), ...DEAD_CODE],
  ['spelling', bin('cspell'), 'lint', '--no-progress', '--no-summary', '--show-suggestions'],
  ['documentation', process.execPath, 'tools/docs.ts'],
  ['trace', process.execPath, 'tools/trace.ts', '--only-unknown'],
]

/** `niceness`: behind others who want the cores. */
export async function check({ niceness = 0 } = {}): Promise<readonly Checked[]> {
  return Promise.all(
    CHECKS.map(async ([name, program, ...args]) => {
      const from = performance.now()
      const { code, output } = await run(program, args, { timeoutMs: TIMEOUT_MS, niceness })
      return { name, ok: code === 0, output: output.trimEnd(), tookMs: performance.now() - from }
    }),
  )
}

export function printChecks(checks: readonly Checked[]): void {
  for (const { name, ok, output, tookMs } of checks) {
    console.log(`${ok ? '✔' : '✖'} ${name} (${(tookMs / 1000).toFixed(1)} s)`)
    if (!ok) console.log(output.replace(/^/gm, '    '))
  }
}

export async function main(): Promise<number> {
  const checks = await check()
  printChecks(checks)
  const failed = checks.filter(({ ok }) => !ok)
  if (failed.length > 0) console.log(`\n${failed.map(({ name }) => name).join(', ')}: see above`)
  return failed.length > 0 ? 1 : 0
}

if (import.meta.main) await start(main, process.argv.slice(2))
