import type { Queue } from 'pg-boss'
import { isHostQueue, type QueueName } from '../../ports/job.ts'

/** A queue that nobody nudges is looked at this often, by one worker, however many are free. */
const POLL_SECONDS = { pump: 0.5, command: 1, notify: 1, 'notify.dead': 5 }
/** What another host hands over comes without a nudge. */
const HOST_POLL_SECONDS = 0.5

/** How often a worker looks that nobody wakes; somebody does, as often as above. */
export const REST_SECONDS = 60

export function pollSeconds(queue: QueueName): number {
  return isHostQueue(queue) ? HOST_POLL_SECONDS : POLL_SECONDS[queue]
}

/** The server ends the transaction of a frozen pump after this; `expireInSeconds` then gives its job to another one. */
export const TRANSACTION_TIMEOUT_SECONDS = 2

export type NotifyRetry = { readonly limit: number; readonly delaySeconds: number }

const PUMP: Queue = {
  name: 'pump' satisfies QueueName,
  // One waiting and one running job per key, so the eight pumps stay eight.
  policy: 'stately',
  partition: true,
  expireInSeconds: 3,
  retryLimit: 1_000_000,
  retryDelay: 0,
  deleteAfterSeconds: 30,
}

/**
 * `short`: one waiting job per key. A worker that dies stops its heartbeat, and another one performs the order again, under
 * the same key; an order without an answer in its own time is the rollout's to decide about.
 */
export const COMMAND: Queue = {
  name: 'command' satisfies QueueName,
  policy: 'short',
  expireInSeconds: 3600,
  heartbeatSeconds: 10,
  retryLimit: 5,
  retryDelay: 0,
  deleteAfterSeconds: 600,
}

const DEAD: Queue = {
  name: 'notify.dead' satisfies QueueName,
  policy: 'short',
  retryLimit: 0,
  retentionSeconds: 30 * 86_400,
}

/** In the order of creation: a dead letter queue has to exist first. */
export function queues({ limit, delaySeconds }: NotifyRetry = { limit: 10, delaySeconds: 1 }): readonly Queue[] {
  const notify: Queue = {
    name: 'notify' satisfies QueueName,
    policy: 'short',
    expireInSeconds: 30,
    retryLimit: limit,
    retryDelay: delaySeconds,
    retryBackoff: true,
    retryDelayMax: 300,
    deadLetter: DEAD.name,
    deleteAfterSeconds: 3600,
  }
  return [PUMP, COMMAND, DEAD, notify]
}
