/**
 * A supervisor that lives and answers nobody (stopped by a signal, hung) must not make its slot one that nobody can change:
 * an order ends it, its instances serve on, and the next supervisor adopts them as it would after any other death of a supervisor.
 */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Failure, type Order, type Result, failure, ok } from '../../../ports/result.ts'
import { isSameProcess, isStopped } from '../../command/process-group.ts'
import { type SupervisorRecord, livingSupervisor, raiseFence, staleFence } from './claim.ts'
import { callSupervisor, untilGone } from './client.ts'

const LOOK_LIMIT_MS = 3000
/** One that is not stopped may be slow because the machine is; a stopped one answers no sooner for being asked again. */
const HUNG_AFTER_MS = 10_000

/** Before an order: afterwards the slot's supervisor answers, or there is none. Whoever lost the environment ends nobody's. */
export async function endFrozenSupervisor(folder: string, { fence, signal }: Order): Promise<Result<void>> {
  const supervisor = livingSupervisor(folder)
  if (supervisor === null) return ok(undefined)
  const asked = performance.now()
  for (;;) {
    const seen = await callSupervisor(supervisor, { path: '/status', limitMs: LOOK_LIMIT_MS, signal })
    if (seen.ok || seen.kind !== 'unknown') return ok(undefined)
    if (signal.aborted) return seen
    const silentMs = performance.now() - asked
    if (!isStopped(supervisor.pid) && silentMs < HUNG_AFTER_MS) continue
    const highest = raiseFence(folder, fence)
    return fence < highest ? staleFence(fence, highest) : end(folder, supervisor, seen)
  }
}

async function end(folder: string, supervisor: SupervisorRecord, { message }: Failure): Promise<Result<void>> {
  const { pid, start } = supervisor
  note(folder, `${message}. It is ended; another one takes its instances over`)
  try {
    if (isSameProcess(pid, start)) process.kill(pid, 'SIGKILL')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ESRCH') return failure('transient', `${message}; it may not be ended from here (${code})`)
  }
  await untilGone(supervisor)
  if (!isSameProcess(pid, start)) return ok(undefined)
  return failure('transient', `${message}; the kernel does not end it, not even killed`)
}

/** In the log of the supervisors of this slot. */
function note(folder: string, text: string): void {
  try {
    appendFileSync(join(folder, 'keeper.log'), `${text}\n`, { mode: 0o600 })
  } catch {
    // A full disk keeps nobody from being ended.
  }
}
