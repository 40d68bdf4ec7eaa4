/**
 * The job queue of a rehearsal. Like the real one it hands due jobs to whoever works for it; unlike it, it waits for nobody
 * but the virtual clock, and a pump runs only when some rollout is due: an idle week costs nothing.
 */
import { after, earliest, instant, type Instant } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import type { JobQueue } from '../ports/job-queue.ts'
import type { Job, NewJob, QueueName } from '../ports/job.ts'
import type { Store, StoreTransaction } from '../ports/store.ts'
import type { MemoryStore } from '../testing/memory-store.ts'

/** What the real pump pauses, so that one which changes nothing does not run for ever at one moment. */
const PAUSE_MS = 300
const RETRY_MS = 1000
const RETRIES = 10

type Waiting = { readonly job: NewJob; readonly due: Instant; readonly attempt: number }
type Handle = (job: Job) => Promise<void>

export class RehearsalQueue {
  /** What handlers threw that the real queue would only log: programmer errors. */
  readonly failures: unknown[] = []
  readonly #clock: Clock
  readonly #store: MemoryStore
  readonly #signal = new AbortController().signal
  #waiting: readonly Waiting[] = []
  #running: readonly Waiting[] = []
  #workers = new Map<QueueName, Handle>()
  #pumpedAt: Instant | null = null
  #isPumping = false
  #count = 0

  constructor({ clock, store }: { readonly clock: Clock; readonly store: MemoryStore }) {
    this.#clock = clock
    this.#store = store
    store.useJobs((jobs) => this.#add(jobs))
  }

  /** For one life of the control plane, whose pumps use the store as that life sees it. */
  connect(seen: Pick<Store, 'transact'>): JobQueue {
    return {
      start: async () => undefined,
      stop: async () => this.#release(),
      insert: async (jobs) => this.#add(jobs),
      work: async (name, _, handle) => void this.#workers.set(name, handle),
      workInTransaction: async (name, _, handle) =>
        void this.#workers.set(name, (job) => seen.transact((tx: StoreTransaction) => handle(job, tx))),
      nudge: () => undefined,
    }
  }

  /** The next moment at which `turn` would begin something; null: none. */
  dueAt(): Instant | null {
    return earliest(this.#pumpDue(), ...this.#waiting.filter((each) => this.#isWorkedOn(each)).map(({ due }) => due))
  }

  /** Begins everything that is due. */
  turn(): void {
    const now = this.#clock.now()
    const due = this.#waiting.filter((each) => each.due <= now && this.#isWorkedOn(each))
    if (due.length > 0) this.#waiting = this.#waiting.filter((each) => !due.includes(each))
    for (const each of due) void this.#run(each)
    const pumping = this.#pumpDue()
    if (pumping !== null && pumping <= now) void this.#pump()
  }

  #add(jobs: readonly NewJob[]): void {
    for (const job of jobs.filter(({ queue }) => queue !== 'pump')) this.#addOne(job, job.due ?? this.#clock.now())
  }

  /** Of a key that waits already the earlier moment counts. */
  #addOne(job: NewJob, due: Instant): void {
    const { singleton } = job
    const twin = this.#waiting.find((each) => singleton !== undefined && each.job.singleton === singleton)
    const others = this.#waiting.filter((each) => each !== twin)
    this.#waiting = [...others, twin ? { ...twin, due: instant(Math.min(twin.due, due)) } : { job, due, attempt: 1 }]
  }

  #isWorkedOn({ job }: Waiting): boolean {
    return this.#workers.has(job.queue)
  }

  async #run(each: Waiting): Promise<void> {
    this.#running = [...this.#running, each]
    try {
      this.#count += 1
      await this.#workers.get(each.job.queue)?.({ id: `job-${this.#count}`, data: each.job.data, signal: this.#signal })
    } catch (error) {
      if (each.job.queue === 'notify') this.#retry(each)
      else this.failures.push(error)
    } finally {
      this.#running = this.#running.filter((other) => other !== each)
    }
  }

  #retry(each: Waiting): void {
    const due = after(this.#clock.now(), RETRY_MS * 2 ** (each.attempt - 1))
    if (each.attempt > RETRIES) this.#add([{ queue: 'notify.dead', data: each.job.data }])
    else this.#waiting = [...this.#waiting, { ...each, due, attempt: each.attempt + 1 }]
  }

  #pumpDue(): Instant | null {
    const due = this.#store.nextDue()
    if (due === null || this.#isPumping || !this.#workers.has('pump')) return null
    return this.#pumpedAt === null ? due : instant(Math.max(due, after(this.#pumpedAt, PAUSE_MS)))
  }

  async #pump(): Promise<void> {
    this.#pumpedAt = this.#clock.now()
    this.#isPumping = true
    try {
      await this.#workers.get('pump')?.({ id: 'pump', data: { pump: 'p0' }, signal: this.#signal })
    } catch (error) {
      this.failures.push(error)
    } finally {
      this.#isPumping = false
    }
  }

  /** A command whose worker died is gone, and its rollout's deadline notices it; a message is delivered by the next life. */
  #release(): void {
    this.#workers = new Map()
    this.#waiting = [...this.#waiting, ...this.#running.filter(({ job }) => job.queue === 'notify')]
    this.#running = []
    this.#isPumping = false
  }
}
