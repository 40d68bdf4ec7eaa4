/** Bundles one part of an example into `<out>/<part>/server.js`, which needs nothing beside it but Node. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build as bundle } from 'esbuild'
import type { Release } from './release.ts'

/** `api` of `lifetimecircle` is `examples/lifetimecircle/service/api.ts`. Answers the folder. */
export async function buildPart(example: string, part: string, release: Release, outDir: string): Promise<string> {
  const folder = join(outDir, part)
  await mkdir(folder, { recursive: true })
  await bundle({
    entryPoints: [fileURLToPath(new URL(`../${example}/service/${part}.ts`, import.meta.url))],
    outfile: join(folder, 'server.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    legalComments: 'none',
    logLevel: 'error',
    define: { RELEASE: JSON.stringify(release) },
  })
  const manifest = { name: `${example}-${part}`, version: release.version.slice(1), private: true, type: 'commonjs' }
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  return folder
}
