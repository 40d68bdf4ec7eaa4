import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** Standard output of a program, or null when it is not there or fails; for looking at a machine. */
export async function runProgram(program: string, args: readonly string[]): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(program, [...args], { timeout: 5000 })
    return stdout.trim()
  } catch {
    return null
  }
}
