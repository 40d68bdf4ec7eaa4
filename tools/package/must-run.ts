/** A program that has to succeed for anything to follow. */
import { run } from '../process.ts'

const TIMEOUT_MS = 900_000

/** What it printed; throws with that where it fails. */
export async function mustRun(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const { code, output } = await run(program, args, { timeoutMs: TIMEOUT_MS, ...options })
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${output}`)
  return output
}
