/** The example that the demo releases. It stands beside `src`, and comes with the repository rather than with the package. */
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

const FOLDER = new URL('../../../examples/lokaltreu/', import.meta.url)

export async function loadExample(): Promise<Example> {
  try {
    const [builds, load] = await Promise.all([
      import(new URL('builds.ts', FOLDER).href),
      import(new URL('load.ts', FOLDER).href),
    ])
    return { folder: FOLDER.pathname, build: builds.build, startLoad: load.startLoad }
  } catch (error) {
    throw new StellwerkError(
      'failed',
      {
        what: say`the demo has nothing to release`,
        why: say`examples/lokaltreu could not be loaded: ${quote(error instanceof Error ? error.message : String(error))}`,
        fix: say`run it in a clone of the repository, after "npm ci"`,
      },
      error,
    )
  }
}
