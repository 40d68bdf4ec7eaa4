/** How the control plane reaches a slot's supervisor, starting one where none lives. */
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, statSync, truncateSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { type Result, failure, ok } from '../../../ports/result.ts'
import type { Environment } from '../../command/run.ts'
import { isSameProcess, isStopped } from '../../command/process-group.ts'
import { type SupervisorRecord, livingSupervisor } from './claim.ts'
import { readOrNull } from './record.ts'
import { delay, timeLimit } from '../../../timers.ts'

const PROGRAM = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './supervisor.ts' : './supervisor.js', import.meta.url),
)
const START_LIMIT_MS = 10_000
const LOG_MAX_BYTES = 1_000_000

export type Call = {
  readonly path: string
  readonly body?: unknown
  readonly limitMs: number
  readonly signal: AbortSignal
}

/** The living supervisor of the slot in `folder`, or one that is started now. */
export async function reachSupervisor(folder: string, environment: Environment): Promise<Result<SupervisorRecord>> {
  const living = livingSupervisor(folder)
  if (living) return ok(living)
  const exit = startSupervisor(folder, environment)
  const deadline = performance.now() + START_LIMIT_MS
  let ended: string | null = null
  void exit.then((how) => (ended = how))
  while (performance.now() < deadline) {
    const supervisor = livingSupervisor(folder)
    if (supervisor) return ok(supervisor)
    if (ended !== null) return failure('transient', `the supervisor of ${folder} ${ended}; ${logTail(folder)}`)
    await delay(10)
  }
  return failure(
    'transient',
    `the supervisor of ${folder} was not there after ${START_LIMIT_MS / 1000} s; ${logTail(folder)}`,
  )
}

/**
 * Sends one call: an order, or a look, which has no body. A refused connection is `transient`: nothing was done. An order
 * without an answer may have been performed, and a look without one in time says nothing: `unknown`.
 */
export async function callSupervisor<T>(supervisor: SupervisorRecord, call: Call): Promise<Result<T>> {
  const timeout = timeLimit(call.limitMs)
  try {
    return (await send(supervisor, call, AbortSignal.any([timeout, call.signal]))) as Result<T>
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ECONNREFUSED')
      return failure('transient', `the supervisor (pid ${supervisor.pid}) takes no orders: ${message}`)
    const late = timeout.aborted || call.signal.aborted
    if (call.body === undefined && !late)
      return failure('transient', `the supervisor (pid ${supervisor.pid}) broke off: ${message}`)
    const why = timeout.aborted ? `did not answer within ${call.limitMs / 1000} s` : `gave no answer: ${message}`
    return failure('unknown', `the supervisor (pid ${supervisor.pid}) ${why}; ${whatToDo(supervisor)}`)
  }
}

function whatToDo({ pid }: SupervisorRecord): string {
  if (!isStopped(pid)) return 'see whether it hangs, or the machine is overloaded'
  return `it is stopped: "kill -CONT ${pid}" lets it go on, "kill -KILL ${pid}" has its instances taken over`
}

/** Waits, for a moment, until a supervisor whose slot is empty has gone. */
export async function untilGone(supervisor: SupervisorRecord): Promise<void> {
  const deadline = performance.now() + 2000
  while (isSameProcess(supervisor.pid, supervisor.start) && performance.now() < deadline) await delay(10)
}

function send(supervisor: SupervisorRecord, call: Call, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `Bearer ${supervisor.token}` }
    const where = { host: '127.0.0.1', port: supervisor.port, path: call.path, method: 'POST', agent: false }
    const sent = request({ ...where, headers, signal }, (response) => {
      text(response).then((answer) => resolve(JSON.parse(answer)), reject)
    })
    sent.on('error', reject)
    sent.end(call.body === undefined ? '' : JSON.stringify(call.body))
  })
}

function startSupervisor(folder: string, environment: Environment): Promise<string> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'keeper.log')
  const log = openSync(path, 'a', 0o600)
  if (statSync(path).size > LOG_MAX_BYTES) truncateSync(path)
  const child = spawn(process.execPath, [PROGRAM, folder], {
    cwd: folder,
    env: { ...environment },
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  child.unref()
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`cannot be started: ${error.message}`))
    child.once('exit', (code, signal) => resolve(`ended with ${signal ?? `exit code ${code}`}`))
  })
}

function logTail(folder: string): string {
  const lines = (readOrNull(join(folder, 'keeper.log')) ?? '').trimEnd().split('\n').slice(-10)
  return lines.join('') === '' ? 'its log is empty' : `its log ends with:\n${lines.join('\n')}`
}
