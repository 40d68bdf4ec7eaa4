import type { StoreTransaction } from './store.ts'
import type { Job, NewJob, QueueName } from './job.ts'

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
