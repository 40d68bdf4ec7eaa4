/**
 * Who of the workers is free. A nudge wakes one of them; whoever finds a job wakes the next one, since there may be more.
 * So a burst of jobs is spread over all workers within milliseconds, and a single job costs one look instead of one per
 * worker.
 */
import type { QueueName } from '../../ports/job.ts'

export class Slots {
  readonly #notify: (id: string) => void
  /** Longest idle first. */
  readonly #free = new Map<QueueName, readonly string[]>()

  constructor(notify: (id: string) => void) {
    this.#notify = notify
  }

  /** A new worker, free, by the id under which it can be woken. */
  add(queue: QueueName, id: string): void {
    this.#free.set(queue, [...this.#idle(queue), id])
  }

  wake(queue: QueueName): void {
    const first = this.#idle(queue)[0]
    if (first === undefined) return
    this.#leave(queue, first)
    this.add(queue, first)
    this.#notify(first)
  }

  /** Runs a worker's job; it counts as busy until that ends. */
  async busy<T>(queue: QueueName, id: string, handle: () => Promise<T>): Promise<T> {
    this.#leave(queue, id)
    this.wake(queue)
    try {
      return await handle()
    } finally {
      this.add(queue, id)
      // What came meanwhile must not wait for the next look.
      this.#notify(id)
    }
  }

  clear(): void {
    this.#free.clear()
  }

  #idle(queue: QueueName): readonly string[] {
    return this.#free.get(queue) ?? []
  }

  #leave(queue: QueueName, id: string): void {
    const others = this.#idle(queue).filter((one) => one !== id)
    this.#free.set(queue, others)
  }
}
