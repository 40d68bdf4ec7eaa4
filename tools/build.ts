/**
 * `npm pack` builds what others import: `dist/analysis.js` and its types. Node runs no TypeScript below `node_modules`, so a
 * package has to carry JavaScript. In this repository nothing is built, and nothing reads `dist`.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'
import { run } from './process.ts'
import { ROOT, start } from './tool.ts'

const DIST = join(ROOT, 'dist')
const ENTRY = 'src/analysis.ts'

export async function main(): Promise<number> {
  await rm(DIST, { recursive: true, force: true })
  await build({
    entryPoints: [join(ROOT, ENTRY)],
    outdir: DIST,
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2024',
    legalComments: 'none',
  })
  const tsc = join(ROOT, 'node_modules/.bin/tsc')
  const types = await run(tsc, ['-p', 'tools/build.tsconfig.json'], { timeoutMs: 120_000 })
  if (types.code !== 0) console.error(types.output)
  return types.code
}

if (import.meta.main) await start(main, process.argv.slice(2))
