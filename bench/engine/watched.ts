/** Store and queue of an engine, with a stopwatch at each border. */
import type { JobQueue } from '../../src/ports/job-queue.ts'
import type { Store, StoreTransaction } from '../../src/ports/store.ts'

/** Durations in ms, in the order in which they ended; `jobs` by type of work. */
export type Spans = {
  /** Whole transactions, begin to commit. */
  readonly transactions: number[]
  /** From the locked row to the first thing that is written: `decide` and `evolve`. */
  readonly deciding: number[]
  /** From the commit that issued a command (or the moment it is due, if later) until a worker has it in hand. */
  readonly waiting: number[]
  /** Looking the order behind a job up in the log. */
  readonly looking: number[]
  /** A worker's whole time with one command. */
  readonly jobs: number[]
}

const issued = new Map<string, { due: number; committed: number }>()

export function watchedStore<S extends Store>(store: S, spans: Spans): S {
  return {
    ...store,
    transact: async <T>(work: (tx: StoreTransaction) => Promise<T>): Promise<T> => {
      const keys: string[] = []
      const began = performance.now()
      const result = await store.transact((tx) => work(watchedTransaction(tx, spans, keys)))
      const ended = performance.now()
      spans.transactions.push(ended - began)
      for (const key of keys) issued.get(key)!.committed = ended
      return result
    },
    event: async (stream: string, version: number) => {
      const began = performance.now()
      const found = await store.event(stream, version)
      spans.looking.push(performance.now() - began)
      return found
    },
  }
}

function watchedTransaction(tx: StoreTransaction, spans: Spans, keys: string[]): StoreTransaction {
  let locked = 0
  return {
    now: () => tx.now(),
    lock: async (stream) => {
      const row = await tx.lock(stream)
      locked = performance.now()
      return row
    },
    append: (stream, version, events) => {
      if (locked > 0) spans.deciding.push(performance.now() - locked)
      locked = 0
      return tx.append(stream, version, events)
    },
    insertJobs: (jobs) => {
      for (const { data, due } of jobs) {
        const { stream, key } = data as { stream: string; key: string }
        keys.push(`${stream}/${key}`)
        issued.set(`${stream}/${key}`, { due: (due ?? 0) - performance.timeOrigin, committed: 0 })
      }
      return tx.insertJobs(jobs)
    },
    doubts: () => tx.doubts(),
    lockDue: (limit, except) => tx.lockDue(limit, except),
    onWritten: (hook) => tx.onWritten(hook),
    apart: (work, refused) => tx.apart(work, refused),
    lockEnvironment: (service, environment) => tx.lockEnvironment(service, environment),
    saveEnvironment: (row) => tx.saveEnvironment(row),
    read: (stream, after) => tx.read(stream, after),
    saveStream: (row, facts) => tx.saveStream(row, facts),
    isQuarantined: (...names) => tx.isQuarantined(...names),
    setQuarantine: (...facts) => tx.setQuarantine(...facts),
    claim: (once) => tx.claim(once),
    answer: (once, answer) => tx.answer(once, answer),
    token: (id) => tx.token(id),
    saveToken: (token) => tx.saveToken(token),
  }
}

export function watchedQueue(queue: JobQueue, spans: Spans): JobQueue {
  return {
    start: () => queue.start(),
    stop: (graceMs) => queue.stop(graceMs),
    insert: (jobs) => queue.insert(jobs),
    workInTransaction: (name, concurrency, handle) => queue.workInTransaction(name, concurrency, handle),
    nudge: (name) => queue.nudge(name),
    work: (name, concurrency, handle) =>
      queue.work(name, concurrency, async (job) => {
        const { stream, key } = job.data as { stream: string; key: string }
        const began = performance.now()
        const order = issued.get(`${stream}/${key}`)
        if (order && name === 'command') spans.waiting.push(began - Math.max(order.due, order.committed))
        await handle(job)
        if (name === 'command') spans.jobs.push(performance.now() - began)
      }),
  }
}
