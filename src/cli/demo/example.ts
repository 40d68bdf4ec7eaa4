/**
 * The example that the demo releases. In the repository it is built when the demo starts; a package has no bundler and carries the
 * demo's builds.
 */
import { cp, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { quote, say } from '../../core/say.ts'
import { StellwerkError } from '../../errors.ts'

export type LoadCounters = {
  readonly sent: number
  readonly ok: number
  readonly expectedRefusals: number
  readonly badAnswers: number
  readonly lost: number
  readonly lostBy: Readonly<Record<string, number>>
  readonly byVersion: Readonly<Record<string, { readonly answers: number; readonly badAnswers: number }>>
}

export type Load = { readonly counters: LoadCounters; stop(): Promise<LoadCounters> }

export type Built = {
  readonly build: { readonly name: string; readonly version: string; readonly how: string }
  readonly folder: string
}

export type Example = {
  /** Absolute folder of the example. */
  readonly folder: string
  build(names: readonly string[], outDir: string): Promise<readonly Built[]>
  startLoad(options: { readonly url: string; readonly perSecond: number }): Load
}

/** A first release, a good one, a bad one. */
export const DEMO_BUILDS = ['v1', 'v2', 'bad-5xx'] as const

/** Folder of a package's builds within the example, and the list in it: an array of `Built['build']`. */
export const PACKED = 'packed'
export const PACKED_LIST = 'builds.json'

const FOLDER = fileURLToPath(new URL('../../../examples/lokaltreu/', import.meta.url))
/** `.ts` in the repository, `.js` in a package. */
const EXTENSION = extname(import.meta.filename)

export async function loadExample(): Promise<Example> {
  try {
    const [build, load] = await Promise.all([EXTENSION === '.ts' ? bundler() : copyPacked, part('load')])
    return { folder: FOLDER, build, startLoad: load['startLoad'] as Example['startLoad'] }
  } catch (error) {
    throw new StellwerkError(
      'failed',
      {
        what: say`the demo has nothing to release`,
        why: say`${FOLDER} could not be loaded: ${quote(error instanceof Error ? error.message : String(error))}`,
        fix: say`install Stellwerk again; in its repository: "npm ci"`,
      },
      error,
    )
  }
}

async function bundler(): Promise<Example['build']> {
  return (await part('builds'))['build'] as Example['build']
}

function part(name: string): Promise<Record<string, unknown>> {
  return import(new URL(`../../../examples/lokaltreu/${name}${EXTENSION}`, import.meta.url).href)
}

async function copyPacked(names: readonly string[], outDir: string): Promise<readonly Built[]> {
  const packed = join(FOLDER, PACKED)
  const list = JSON.parse(await readFile(join(packed, PACKED_LIST), 'utf8')) as readonly Built['build'][]
  const wanted = list.filter(({ name }) => names.includes(name))
  return Promise.all(
    wanted.map(async (build) => {
      const folder = join(outDir, build.name)
      await cp(join(packed, build.name), folder, { recursive: true })
      return { build, folder }
    }),
  )
}
