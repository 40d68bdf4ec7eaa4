import type { Messages } from '../text/messages.ts'
import { english, quote, say } from '../core/say.ts'
import { type ErrorText, EXIT, type ProblemDetail, StellwerkError } from '../errors.ts'
import { oneLine } from './border.ts'
import { servingSaid, statusNow } from './client/rollouts.ts'
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
export async function printError(error: unknown, io: Io, shell: Shell | null, messages: Messages): Promise<number> {
  const known = error instanceof StellwerkError ? error : await unexpected(error, shell)
  const { what, why, fix, problems = [] } = known.text
  const told = english(why)
  const apart = problems.filter(({ message }) => !told.includes(message))
  const { tell } = messages
  const lines = [
    tell(say`Error: ${what}`),
    tell(say`Why: ${why}`),
    ...(await problemLines(apart, io, messages)),
    ...(await serving(known.text, shell, messages)),
    ...(fix === null ? [] : [tell(say`Fix: ${fix}`)]),
  ]
  io.stderr.write(`${lines.join('\n')}\n`)
  if (io.env['STELLWERK_DEBUG'] && error instanceof Error) io.stderr.write(`${error.stack}\n`)
  return EXIT[known.exit].code
}

/** Each with its line of the file below it, where that file is here. */
async function problemLines(problems: readonly ProblemDetail[], io: Io, text: Messages): Promise<readonly string[]> {
  const frameOf = sourceFrames(io.cwd, columnsOf(io.stderr))
  const all = problems.map(async ({ where, message, said }) => {
    const shown = where.startsWith(`${io.cwd}/`) ? where.slice(io.cwd.length + 1) : where
    return [`  - ${oneLine(shown)}: ${oneLine(text.told(said, message))}`, ...(await frameOf(where))]
  })
  return (await Promise.all(all)).flat()
}

async function unexpected(error: unknown, shell: Shell | null): Promise<StellwerkError> {
  const why = quote(error instanceof Error ? error.message : String(error))
  const explained = await shell?.client.explained(error, why)
  if (explained) return explained
  const fix = say`run it again with STELLWERK_DEBUG=1 and report what it prints`
  return new StellwerkError('failed', { what: say`this should not have happened`, why, fix }, error)
}

async function serving({ serving }: ErrorText, shell: Shell | null, text: Messages): Promise<readonly string[]> {
  if (serving !== undefined) return [text.nowServing(oneLine(text.tell(serving)))]
  if (shell === null) return []
  const limit = timeLimit(ASK_MS)
  try {
    const environments = await statusNow(shell, limit)
    const lines = environments.map(({ service, environment, serving }) =>
      text.nowServing(`${service} ${environment}: ${text.tell(servingSaid(serving))}`),
    )
    const { service, environment } = shell.globals
    const asked = [service, environment].filter((name) => name !== null).join(' ')
    const nothing = asked === '' ? text.nothingServes : `${asked}: ${text.nothingServes}`
    return lines.length > 0 ? lines : [text.nowServing(nothing)]
  } catch (error) {
    const notAllowed = error instanceof StellwerkError && error.exit === 'notAllowed'
    const unreached = limit.aborted ? say`the control plane did not answer in time` : say`control plane unreachable`
    return [text.nowServing(text.tell(say`unknown: ${notAllowed ? say`not allowed to ask` : unreached}`))]
  }
}
