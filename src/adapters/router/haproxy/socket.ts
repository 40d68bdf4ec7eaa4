/** HAProxy's runtime API: one connection, commands on one line, and what all of them answer until it closes. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { addAbortSignal } from 'node:stream'
import { failure, ok, type Result } from '../../../ports/result.ts'
import { timeLimit } from '../../../timers.ts'

const TIME_LIMIT_MS = 5000
/** `show sess` tells some 400 bytes for each request in flight. */
const ANSWER_MAX = 32_000_000
const REACH = 'is it running, does haproxy.cfg have "stats socket … level admin" there, and may this user open it?'

/**
 * One line of commands, so that nothing between two of them waits for us. `transient`: it was not reached. `unknown`: it was asked,
 * and its answer did not come whole.
 */
export async function ask(path: string, commands: readonly string[], signal: AbortSignal): Promise<Result<string>> {
  const ended = AbortSignal.any([signal, timeLimit(TIME_LIMIT_MS)])
  const socket = connect({ path })
  try {
    await once(socket, 'connect', { signal: ended })
  } catch (error) {
    socket.destroy()
    return failure('transient', `HAProxy at ${path}: ${textOf(error)}; ${REACH}`)
  }
  try {
    socket.end(`${commands.join(';')}\n`)
    return ok(await whole(addAbortSignal(ended, socket)))
  } catch (error) {
    return failure('unknown', `HAProxy at ${path} was told, and its answer did not come whole: ${textOf(error)}`)
  } finally {
    socket.destroy()
  }
}

async function whole(socket: Socket): Promise<string> {
  socket.setEncoding('utf8')
  const parts: string[] = []
  let length = 0
  for await (const part of socket as AsyncIterable<string>) {
    parts.push(part)
    length += part.length
    if (length > ANSWER_MAX) throw new Error(`it is longer than ${ANSWER_MAX} characters`)
  }
  return parts.join('')
}

/** Of an aborted wait what ended it; `The operation was aborted` helps nobody. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.name === 'AbortError' ? 'no answer in time' : error.message
}
