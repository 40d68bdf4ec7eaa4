/** Command jobs: the order behind a job is looked up in the log, performed, and its answer given to its rollout. */
import { rollouts } from '../core/rollout/aggregate.ts'
import { pendingOf, type RolloutState } from '../core/rollout/state.ts'
import { hostQueue, type Job } from '../ports/job.ts'
import type { Running } from './running.ts'
import { perform } from './perform.ts'
import { load } from './streams.ts'
import { timeLimit } from './time-limit.ts'

type Due = { readonly state: RolloutState; readonly fence: number }

export async function performJob(running: Running, job: Job): Promise<void> {
  const { stream, key } = job.data as { stream: string; key: string }
  const found = await pendingCommand(running, stream, key)
  const pending = found && pendingOf(found.state, key)
  if (!found || !pending || pending.command.type === 'Notify') return
  const { command, due, deadline } = pending
  const other = (await running.host?.other(found.state.plan)) ?? null
  if (other !== null) return handOn(running, job, other)
  // The queue's clock may run a little ahead; a job that somebody else put there may be early by any amount.
  await running.clock.sleepUntil(due, running.stopping)
  const { signal, release } = timeLimit(job.signal, Math.max(1, deadline - running.clock.now()))
  const order = { key: `${stream}/${key}/0`, fence: found.fence, signal }
  const result = await perform(running, found.state, command, order).finally(release)
  if (!result.ok) {
    running.log.warn('a command failed', {
      stream,
      key,
      type: command.type,
      kind: result.kind,
      message: result.message,
    })
  }
  await running.give(rollouts, stream, { type: 'command-finished', key, result })
}

/** To the host that has it, which alone looks there: put back for everybody, it could come here again and again. */
async function handOn({ queue }: Running, { data }: Job, host: string): Promise<void> {
  await queue.insert([{ queue: hostQueue(host), data }])
}

/** A message that could not even be queued at its routes: said loudly, and recorded. */
export async function deadLetter(running: Running, job: Job): Promise<void> {
  const { log, give } = running
  const { stream, key } = job.data as { stream?: string; key?: string }
  // A channel whose job gave up is found again by the sweep.
  if (stream === undefined || key === undefined) return
  const found = await pendingCommand(running, stream, key)
  if (!found || pendingOf(found.state, key)?.command.type !== 'Notify') return
  if ((await running.store.deliveriesOf({ stream, version: Number(key) })).length > 0) return
  log.error('a message could not be queued', { stream, key })
  const message = 'it could not be queued at the routes that ask for it; the log of the control plane says why'
  await give(rollouts, stream, { type: 'command-finished', key, result: { ok: false, kind: 'permanent', message } })
}

/** The command behind a job, when it is still waited for. A job for anything else is a late echo and is dropped. */
export async function pendingCommand({ store }: Running, stream: string, key: string): Promise<Due | null> {
  const [state, event] = await Promise.all([load(rollouts, store, stream), store.event(stream, Number(key))])
  return state && pendingOf(state, key) && event && !event.forged ? { state, fence: event.position } : null
}
