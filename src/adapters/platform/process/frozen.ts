/**
 * A keeper that lives and answers nobody (stopped by a signal, hung) must not make its slot one that nobody can change:
 * an order ends it, its instances serve on, and the next keeper adopts them as it would after any other death of a keeper.
 */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Failure, type Order, type Result, failure, ok } from '../../../ports/result.ts'
import { isSameProcess, isStopped } from '../../command/process-group.ts'
import { type KeeperRecord, livingKeeper, raiseFence, staleFence } from './claim.ts'
import { callKeeper, untilGone } from './client.ts'

const LOOK_LIMIT_MS = 3000
/** One that is not stopped may be slow because the machine is; a stopped one answers no sooner for being asked again. */
const HUNG_AFTER_MS = 10_000

/** Before an order: afterwards the slot's keeper answers, or there is none. Whoever lost the environment ends nobody's. */
export async function endFrozenKeeper(folder: string, { fence, signal }: Order): Promise<Result<void>> {
  const keeper = livingKeeper(folder)
  if (keeper === null) return ok(undefined)
  const asked = performance.now()
  for (;;) {
    const seen = await callKeeper(keeper, { path: '/status', limitMs: LOOK_LIMIT_MS, signal })
    if (seen.ok || seen.kind !== 'unknown') return ok(undefined)
    if (signal.aborted) return seen
    const silentMs = performance.now() - asked
    if (!isStopped(keeper.pid) && silentMs < HUNG_AFTER_MS) continue
    const highest = raiseFence(folder, fence)
    return fence < highest ? staleFence(fence, highest) : end(folder, keeper, seen)
  }
}

async function end(folder: string, keeper: KeeperRecord, { message }: Failure): Promise<Result<void>> {
  const { pid, start } = keeper
  note(folder, `${message}. It is ended; another one takes its instances over`)
  try {
    if (isSameProcess(pid, start)) process.kill(pid, 'SIGKILL')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ESRCH') return failure('transient', `${message}; it may not be ended from here (${code})`)
  }
  await untilGone(keeper)
  if (!isSameProcess(pid, start)) return ok(undefined)
  return failure('transient', `${message}; the kernel does not end it, not even killed`)
}

/** In the log of the keepers of this slot. */
function note(folder: string, text: string): void {
  try {
    appendFileSync(join(folder, 'keeper.log'), `${text}\n`, { mode: 0o600 })
  } catch {
    // A full disk keeps nobody from being ended.
  }
}
