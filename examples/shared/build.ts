/** Builds one part of an example into `<out>/<part>`: TypeScript as one bundle that needs Node alone, a folder as it is. */
import { existsSync } from 'node:fs'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build as bundle } from 'esbuild'
import type { Release } from './release.ts'

/** `push` of `wimmelwelt` is `examples/wimmelwelt/service/push.ts`, `api` of `lifetimecircle` a folder. Answers the folder. */
export async function buildPart(example: string, part: string, release: Release, outDir: string): Promise<string> {
  const folder = join(outDir, part)
  const source = fileURLToPath(new URL(`../${example}/service/${part}`, import.meta.url))
  await mkdir(folder, { recursive: true })
  if (existsSync(source)) return copied(source, folder, release)
  await bundle({
    entryPoints: [`${source}.ts`],
    outfile: join(folder, 'server.js'),
    bundle: true,
    platform: 'node',
    external: ['pg-native'],
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

/** A Python part reads what it is from `build.json`. */
async function copied(source: string, folder: string, release: Release): Promise<string> {
  await cp(source, folder, { recursive: true, filter: (path) => !path.includes('__pycache__') })
  await writeFile(join(folder, 'build.json'), `${JSON.stringify(release)}\n`)
  return folder
}
