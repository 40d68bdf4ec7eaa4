import type { Json } from '../core/json.ts'
import type { Instant } from '../core/time.ts'
import type { StoreTransaction } from './store.ts'

/** Jobs hold ids only; what they mean stands in the log (design §7). */
export type NewJob = {
  readonly queue: QueueName
  readonly data: Json
  /** Not before; absent: at once. */
  readonly due?: Instant
  /** At most one job with this key waits in the queue at a time. */
  readonly singleton?: string
  /** The handler's signal aborts after this time and the attempt counts as failed; absent: what suits the queue. */
  readonly timeoutMs?: number
}

/**
 * - `pump`: time and recovery; handled inside a transaction of the store.
 * - `command`: one order to an adapter; delivered once, its loss is noticed by the rollout's own deadline.
 * - `notify`: a message; repeated with growing pauses, then put aside in `notify.dead`.
 *
 * At-least-once is the rule for `pump` and `notify`; a `command` whose handler throws or whose process dies is gone.
 */
export type QueueName = 'pump' | 'command' | 'notify' | 'notify.dead' | HostQueue

/** Commands that one host alone can perform; they wait there while its control plane is away. */
export type HostQueue = `command.${string}`

export function hostQueue(host: string): HostQueue {
  return `command.${host}`
}

export function isHostQueue(name: QueueName): name is HostQueue {
  return name.startsWith('command.')
}

export type Job = { readonly id: string; readonly data: Json; readonly signal: AbortSignal }

export interface JobQueue {
  start(): Promise<void>
  /** Stops taking jobs, lets running ones end up to `graceMs`, and releases everything. */
  stop(graceMs: number): Promise<void>
  /** Of a key that waits already the earlier moment counts: so what waits too long can be brought forward. */
  insert(jobs: readonly NewJob[]): Promise<void>
  /** Handles jobs as they become due, at most `concurrency` at a time here; a handler that throws makes the queue repeat it. */
  work(queue: QueueName, concurrency: number, handle: (job: Job) => Promise<void>): Promise<void>
  /** Like `work`, but the handler runs inside a transaction that ends with the job: both are committed, or neither. */
  workInTransaction(
    queue: QueueName,
    concurrency: number,
    handle: (job: Job, tx: StoreTransaction) => Promise<void>,
  ): Promise<void>
  /** Tells the workers of this process that there is something to do now, so that they need not poll. */
  nudge(queue: QueueName): void
}
