/**
 * The job queue without a database, on an injected clock; what it promises is what the suite in job-queue-contract.ts
 * asks of every queue. Given a memory store, it takes that store's jobs when a transaction commits.
 */
import { after, type Instant, instant } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { JobQueue } from '../ports/job-queue.ts'
import { isHostQueue, type Job, type NewJob, type QueueName } from '../ports/job.ts'
import type { StoreTransaction } from '../ports/store.ts'
import type { MemoryStore } from './memory-store.ts'

export type MemoryQueueOptions = {
  readonly clock: Clock
  readonly store: MemoryStore
  readonly notifyRetry?: { readonly limit: number; readonly delayMs: number }
  /** Hears of every attempt that threw, so that a test does not lose it. */
  readonly failed?: (queue: QueueName, error: unknown) => void
}

export interface MemoryQueue extends JobQueue {
  /** Jobs that wait or run, oldest first: for tests. */
  jobs(): readonly { readonly queue: QueueName; readonly data: NewJob['data']; readonly due: Instant }[]
}

type Entry = {
  readonly id: string
  readonly job: NewJob
  readonly due: Instant
  readonly attempt: number
}

type Worker = {
  readonly queue: QueueName
  readonly handle: (entry: Entry, signal: AbortSignal) => Promise<void>
  free: number
}

const TIMEOUT_MS = { pump: 3000, command: 120_000, notify: 30_000, 'notify.dead': 30_000 }

function timeoutOf(queue: QueueName): number {
  return TIMEOUT_MS[isHostQueue(queue) ? 'command' : queue]
}

/** Not at once: a pump that always fails must not stop virtual time. */
const PUMP_RETRY_MS = 500

export function memoryQueue(options: MemoryQueueOptions): MemoryQueue {
  const queue = new Queue(options)
  options.store.useJobs((jobs) => queue.add(jobs))
  return queue
}

class Queue implements MemoryQueue {
  readonly #options: MemoryQueueOptions
  readonly #workers: Worker[] = []
  readonly #stopping = new AbortController()
  readonly #running = new Map<Entry, Promise<void>>()
  #waiting: readonly Entry[] = []
  #started = false
  #count = 0
  #alarm: Instant | null = null

  constructor(options: MemoryQueueOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    this.#started = true
    this.#look()
  }

  async stop(graceMs: number): Promise<void> {
    this.#started = false
    const grace = new AbortController()
    const over = this.#options.clock
      .sleepUntil(after(this.#options.clock.now(), graceMs), grace.signal)
      .catch(() => undefined)
    await Promise.race([Promise.all(this.#running.values()), over])
    grace.abort()
    this.#stopping.abort(new Error('the queue was stopped'))
    this.#workers.length = 0
  }

  async insert(jobs: readonly NewJob[]): Promise<void> {
    this.#bringForward(jobs)
    this.add(structuredClone(jobs))
  }

  async work(queue: QueueName, concurrency: number, handle: (job: Job) => Promise<void>): Promise<void> {
    this.#employ(queue, concurrency, (entry, signal) => handle({ id: entry.id, data: entry.job.data, signal }))
  }

  async workInTransaction(
    queue: QueueName,
    concurrency: number,
    handle: (job: Job, tx: StoreTransaction) => Promise<void>,
  ): Promise<void> {
    this.#employ(queue, concurrency, (entry, signal) =>
      this.#options.store.transact(async (tx) => {
        await handle({ id: entry.id, data: entry.job.data, signal }, tx)
        signal.throwIfAborted()
      }),
    )
  }

  nudge(): void {
    this.#look()
  }

  jobs(): ReturnType<MemoryQueue['jobs']> {
    return [...this.#running.keys(), ...this.#waiting].map(({ job, due }) => ({
      queue: job.queue,
      data: job.data,
      due,
    }))
  }

  add(jobs: readonly NewJob[]): void {
    const now = this.#options.clock.now()
    for (const job of jobs) {
      if (job.singleton !== undefined && this.#waiting.some((entry) => isTwin(entry.job, job))) continue
      const id = `job-${++this.#count}`
      this.#waiting = [...this.#waiting, { id, job, due: job.due ?? now, attempt: 1 }]
    }
    this.#look()
  }

  #bringForward(jobs: readonly NewJob[]): void {
    const now = this.#options.clock.now()
    this.#waiting = this.#waiting.map((entry) => {
      const twin = jobs.find((job) => isTwin(job, entry.job))
      return twin ? { ...entry, due: instant(Math.min(entry.due, twin.due ?? now)) } : entry
    })
  }

  #employ(queue: QueueName, concurrency: number, handle: Worker['handle']): void {
    this.#workers.push({ queue, handle, free: concurrency })
    this.#look()
  }

  /** Gives every job that is due to a free worker; never inside the caller's own stack. */
  #look(): void {
    queueMicrotask(() => {
      if (!this.#started) return
      for (const entry of this.#waiting) this.#offer(entry)
      this.#setAlarm()
    })
  }

  #offer(entry: Entry): void {
    if (entry.due > this.#options.clock.now()) return
    const worker = this.#workers.find((one) => one.queue === entry.job.queue && one.free > 0)
    const isBusy = entry.job.queue === 'pump' && [...this.#running.keys()].some((other) => isTwin(other.job, entry.job))
    if (worker === undefined || isBusy) return
    this.#waiting = this.#waiting.filter((other) => other !== entry)
    worker.free -= 1
    const run = this.#run(worker, entry).finally(() => {
      worker.free += 1
      this.#running.delete(entry)
      this.#look()
    })
    this.#running.set(entry, run)
  }

  async #run(worker: Worker, entry: Entry): Promise<void> {
    const timeout = new AbortController()
    const ended = new AbortController()
    const timeoutMs = entry.job.timeoutMs ?? timeoutOf(entry.job.queue)
    const tooLate = this.#options.clock
      .sleepUntil(after(this.#options.clock.now(), timeoutMs), AbortSignal.any([ended.signal, this.#stopping.signal]))
      .then(() => {
        const error = new Error(`the job ran longer than ${timeoutMs} ms`)
        timeout.abort(error)
        throw error
      })
    const signal = AbortSignal.any([timeout.signal, this.#stopping.signal])
    const never = tooLate.catch((error) =>
      timeout.signal.aborted ? Promise.reject(error) : new Promise<never>(() => {}),
    )
    try {
      await Promise.race([worker.handle(entry, signal), never])
    } catch (error) {
      this.#options.failed?.(entry.job.queue, error)
      this.#repeat(entry)
    } finally {
      ended.abort()
    }
  }

  #repeat(entry: Entry): void {
    const { limit, delayMs } = this.#options.notifyRetry ?? { limit: 10, delayMs: 1000 }
    const { queue, data } = entry.job
    const now = this.#options.clock.now()
    const again = (due: Instant) => {
      this.#waiting = [...this.#waiting, { ...entry, due, attempt: entry.attempt + 1 }]
    }
    if (queue === 'pump') again(after(now, PUMP_RETRY_MS))
    if (queue === 'notify' && entry.attempt <= limit) again(after(now, delayMs * 2 ** (entry.attempt - 1)))
    if (queue === 'notify' && entry.attempt > limit) this.add([{ queue: 'notify.dead', data }])
  }

  /** Sleeps until the next job is due; one sleeper at a time, an earlier moment adds another. */
  #setAlarm(): void {
    const now = this.#options.clock.now()
    const future = this.#waiting.map((entry) => entry.due).filter((due) => due > now)
    if (future.length === 0) return
    const next = Math.min(...future) as Instant
    if (this.#alarm !== null && this.#alarm <= next && this.#alarm > now) return
    this.#alarm = next
    this.#options.clock.sleepUntil(next, this.#stopping.signal).then(
      () => this.#look(),
      () => undefined,
    )
  }
}

function isTwin(left: NewJob, right: NewJob): boolean {
  return left.singleton !== undefined && left.queue === right.queue && left.singleton === right.singleton
}
