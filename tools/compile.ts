/**
 * `npm pack` compiles first: Node runs no TypeScript below `node_modules`, so the package carries `lib`, where every file of `src`
 * that something needs lies as JavaScript, with its source map, at the same place as here. Whatever is found by its own place (a
 * process to start, a scenario, the demo's example) is so found there as well. In this repository nothing is compiled, and nothing
 * reads `lib`.
 */
import { globSync } from 'node:fs'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from '../examples/lokaltreu/builds.ts'
import { DEMO_BUILDS, PACKED, PACKED_LIST } from '../src/cli/demo/example.ts'
import { run } from './process.ts'
import { ROOT, start } from './tool.ts'

/** What is read at run time and is no TypeScript. */
const READ = ['src/rehearsal/scenarios/**/*.yaml', 'examples/lokaltreu/demo.yaml']
const TIMEOUT_MS = 300_000

export async function main(): Promise<number> {
  await compile(join(ROOT, 'lib'))
  return 0
}

/** Writes the compiled tree to `out`, which is emptied first. Throws with what the compiler says. */
export async function compile(out: string): Promise<void> {
  await rm(out, { recursive: true, force: true })
  await Promise.all([tsc('programs', out), tsc('types', out), copyRead(out), packDemo(out), version(out)])
}

/** `src/version.ts` reads the version beside `src`; Node, that these are modules. */
async function version(out: string): Promise<void> {
  const { type, version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
  await mkdir(out, { recursive: true })
  await writeFile(join(out, 'package.json'), `${JSON.stringify({ type, version })}\n`)
}

/** `project`: what of `tools/compile`. */
async function tsc(project: 'programs' | 'types', out: string): Promise<void> {
  const program = join(ROOT, 'node_modules/.bin/tsc')
  const args = ['-p', `tools/compile/${project}.json`, '--outDir', out]
  const { code, output } = await run(program, args, { timeoutMs: TIMEOUT_MS })
  if (code !== 0) throw new Error(`the ${project} of the package do not compile:\n${output}`)
}

async function copyRead(out: string): Promise<void> {
  const files = globSync(READ, { cwd: ROOT })
  await Promise.all(files.map((file) => cp(join(ROOT, file), join(out, file))))
}

/** The builds that the demo releases, since whoever installs the package has no bundler. */
async function packDemo(out: string): Promise<void> {
  const folder = join(out, 'examples/lokaltreu', PACKED)
  await mkdir(folder, { recursive: true })
  const built = await build(DEMO_BUILDS, folder)
  const list = built.map(({ build: { name, version, how } }) => ({ name, version, how }))
  await writeFile(join(folder, PACKED_LIST), `${JSON.stringify(list, null, 2)}\n`)
}

if (import.meta.main) await start(main, process.argv.slice(2))
