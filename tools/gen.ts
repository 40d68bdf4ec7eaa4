/**
 * `npm run gen` writes every generated file, `npm run gen -- --check` names those that differ from their source.
 *
 * A generator is a file `tools/gen-*.ts` that exports `generate()`; there is no list to keep. It answers paths relative to
 * the repository; TypeScript and JSON outside `docs/reference` are formatted as biome would.
 */
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { run } from './process.ts'
import { ROOT, start } from './tool.ts'

export type Generated = { readonly path: string; readonly text: string }
type Generator = { generate(): Promise<readonly Generated[]> | readonly Generated[] }

/** Every generated file as it should be. Throws when two generators write the same path or a generator exports none. */
export async function generated(folder: string = import.meta.dirname): Promise<readonly Generated[]> {
  const files: Generated[] = []
  for (const name of globSync('gen-*.ts', { cwd: folder }).sort()) {
    const module: Partial<Generator> = await import(pathToFileURL(join(folder, name)).href)
    if (typeof module.generate !== 'function') throw new Error(`tools/${name} exports no function generate()`)
    for (const file of await module.generate()) {
      if (files.some(({ path }) => path === file.path))
        throw new Error(`tools/${name} writes ${file.path} a second time`)
      files.push({ path: file.path, text: await formatted(file) })
    }
  }
  return files
}

async function formatted({ path, text }: Generated): Promise<string> {
  if (!/\.(ts|json)$/.test(path) || path.startsWith('docs/reference/')) return text
  const biome = join(ROOT, 'node_modules/.bin/biome')
  const done = await run(biome, ['format', `--stdin-file-path=${path}`], { timeoutMs: 30_000, input: text })
  if (done.code !== 0) throw new Error(`biome cannot format what was generated for ${path}:\n${done.output}`)
  return done.output
}

/** Paths of which the text on disk is another, or which are missing. */
export function drift(files: readonly Generated[], root: string = ROOT): readonly string[] {
  return files.filter(({ path, text }) => onDisk(join(root, path)) !== text).map(({ path }) => path)
}

function onDisk(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { check: { type: 'boolean', default: false } } })
  const files = await generated()
  const stale = drift(files)
  if (values.check) {
    for (const path of stale) console.log(`${path} is not what its source generates: run "npm run gen" and commit it`)
    return stale.length > 0 ? 1 : 0
  }
  for (const { path, text } of files.filter((file) => stale.includes(file.path))) {
    mkdirSync(dirname(join(ROOT, path)), { recursive: true })
    writeFileSync(join(ROOT, path), text)
    console.log(`wrote ${path}`)
  }
  console.log(`${files.length} generated files, ${stale.length} changed`)
  return 0
}

if (import.meta.main) await start(main, process.argv.slice(2))
