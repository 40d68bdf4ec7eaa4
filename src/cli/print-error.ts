import { type ErrorText, EXIT, type ProblemDetail, StellwerkError } from '../errors.ts'
import { oneLine } from './border.ts'
import { servingText, statusNow } from './client/rollouts.ts'
import type { Io } from './io.ts'
import { columnsOf } from './screen/wrapped.ts'
import { sourceFrames } from './screen/source-frame.ts'
import type { Shell } from './verb.ts'
import { timeLimit } from '../timers.ts'

const ASK_MS = 2000

/**
 * Says on stderr what failed, why, where, what serves now and what mends it; answers the exit code. With a shell, what
 * serves is asked from the control plane (law L10).
 */
export async function printError(error: unknown, io: Io, shell: Shell | null): Promise<number> {
  const known = error instanceof StellwerkError ? error : unexpected(error)
  const { what, why, fix, problems = [] } = known.text
  const listed = problems.filter(({ message }) => !why.includes(message))
  const lines = [
    `Error: ${oneLine(what)}`,
    `Why: ${oneLine(why)}`,
    ...(await problemLines(listed, io)),
    ...(await serving(known.text, shell)),
    ...(fix === '' ? [] : [`Fix: ${oneLine(fix)}`]),
  ]
  io.stderr.write(`${lines.join('\n')}\n`)
  if (io.env['STELLWERK_DEBUG'] && error instanceof Error) io.stderr.write(`${error.stack}\n`)
  return EXIT[known.exit].code
}

/** Each with its line of the file below it, where that file is here. */
async function problemLines(problems: readonly ProblemDetail[], io: Io): Promise<readonly string[]> {
  const frameOf = sourceFrames(io.cwd, columnsOf(io.stderr))
  const all = problems.map(async ({ where, message }) => {
    const shown = where.startsWith(`${io.cwd}/`) ? where.slice(io.cwd.length + 1) : where
    return [`  - ${oneLine(shown)}: ${oneLine(message)}`, ...(await frameOf(where))]
  })
  return (await Promise.all(all)).flat()
}

function unexpected(error: unknown): StellwerkError {
  const why = error instanceof Error ? error.message : String(error)
  const fix = 'run it again with STELLWERK_DEBUG=1 and report what it prints'
  return new StellwerkError('failed', { what: 'this should not have happened', why, fix }, error)
}

async function serving({ serving }: ErrorText, shell: Shell | null): Promise<readonly string[]> {
  if (serving !== undefined) return [`Now serving: ${serving}`]
  if (shell === null) return []
  const limit = timeLimit(ASK_MS)
  try {
    const environments = await statusNow(shell, limit)
    const lines = environments.map(
      ({ service, environment, serving }) =>
        `Now serving: ${service} ${environment}: ${servingText(serving, shell.text.nothingServes)}`,
    )
    return lines.length > 0 ? lines : [`Now serving: ${shell.text.nothingServes}`]
  } catch (error) {
    const notAllowed = error instanceof StellwerkError && error.exit === 'notAllowed'
    const unreached = limit.aborted ? 'the control plane did not answer in time' : 'control plane unreachable'
    return [`Now serving: unknown: ${notAllowed ? 'not allowed to ask' : unreached}`]
  }
}
