/** What the tools under `tools/` share: the repository's root, and how they start and end. */
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '..')

type Main = (args: readonly string[]) => number | Promise<number>

/** Runs `main` and sets the exit code; an option nobody knows is a sentence and exit code 2, not a stack. */
export async function start(main: Main, args: readonly string[]): Promise<void> {
  try {
    process.exitCode = await main(args)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!code.startsWith('ERR_PARSE_ARGS')) throw error
    console.error((error as Error).message)
    process.exitCode = 2
  }
}
