/**
 * The workers: one serves, others may be retiring. A worker that crashes or hangs is replaced at once; the port stays
 * open meanwhile (`socket.ts`), so clients wait instead of being refused.
 */
import { delay, startInterval, type Timer } from '../clock.ts'
import type { WorkerReport } from '../protocol.ts'
import type { Log } from './log.ts'
import { WorkerProcess, type Target } from './worker-process.ts'

const TICK_MS = 1_000
const SILENT_TICKS_MAX = 10
const REPORT_ANSWER_MS = 2_000
/** A worker that lived shorter than this counts as a failed start: the next one waits a little. */
const SHORT_LIFE_MS = 2_000
const BACKOFF_MAX_MS = 2_000
const CHANGE_BOUND_MS = 15_000
/** Whoever can cause a fault must not be able to have workers come and go all the time. */
const RELIEF_EVERY_MS = 60_000

export type FleetOptions = {
  readonly entry: string
  readonly log: Log
  /** Called with the last report of a worker that is gone. */
  readonly onGone: (report: WorkerReport) => void
  /** Called with the process ids of all workers whenever there is one more or one less. */
  readonly onChange: (pids: readonly number[]) => void
  /** Called when the serving worker should be relieved in good order: something in it went uncaught. */
  readonly onShaken: () => void
}

export class Fleet {
  readonly #options: FleetOptions
  readonly #workers = new Set<WorkerProcess>()
  #target: Target = { version: 0, routes: [], sockets: new Map() }
  #serving: WorkerProcess | null = null
  #starting: Promise<void> | null = null
  #listenErrors: ReadonlyMap<string, string> = new Map()
  #shortLives = 0
  #isStopping = false
  #nextRelief = 0
  readonly #tick: Timer

  constructor(options: FleetOptions) {
    this.#options = options
    this.#tick = startInterval(() => this.#look(), TICK_MS)
  }

  get workers(): readonly WorkerProcess[] {
    return [...this.#workers]
  }

  get serving(): WorkerProcess | null {
    return this.#serving
  }

  /** Starts the first worker; returns when it serves. */
  async launch(target: Target): Promise<void> {
    this.#target = target
    await this.#start(null)
  }

  /**
   * Puts the target into force in every worker, retiring ones too, and returns when they have all said so; one that does
   * not answer is killed, its successor starts with the target. Returns the addresses nobody could listen on.
   */
  async apply(target: Target): Promise<ReadonlyMap<string, string>> {
    this.#target = target
    const workers = [...this.#workers].filter((worker) => worker.role !== 'starting')
    const outcomes = await Promise.all(workers.map((worker) => this.#bring(worker, target)))
    const deadline = performance.now() + CHANGE_BOUND_MS
    while ((this.#serving?.version ?? -1) < target.version) {
      if (performance.now() > deadline) throw new Error(`no worker came up within ${CHANGE_BOUND_MS} ms`)
      await (this.#starting ?? delay(10))
    }
    const serving = workers.indexOf(this.#serving!)
    return (serving >= 0 ? outcomes[serving] : this.#listenErrors) ?? new Map()
  }

  /** Reports of all workers as of now; null when one that lives does not answer. */
  async reports(): Promise<ReadonlyMap<WorkerProcess, WorkerReport> | null> {
    if (this.#serving === null) await Promise.race([this.#starting, delay(REPORT_ANSWER_MS)])
    const workers = [...this.#workers].filter((worker) => worker.role !== 'starting')
    const answers = await Promise.all(workers.map((worker) => worker.report(REPORT_ANSWER_MS)))
    const reports = new Map<WorkerProcess, WorkerReport>()
    for (const [index, worker] of workers.entries()) {
      const report = answers[index]
      if (report) reports.set(worker, report)
      else if (this.#workers.has(worker)) return null
    }
    return this.#serving === null ? null : reports
  }

  /** Last reports of all workers: right after `apply` they say what that brought about. */
  lastReports(): ReadonlyMap<WorkerProcess, WorkerReport> {
    const workers = [...this.#workers].filter((worker) => worker.role !== 'starting')
    return new Map(workers.map((worker) => [worker, worker.lastReport]))
  }

  /** Starts a new worker, and when it serves lets the old one finish. */
  async replace(graceMs: number, boundMs: number): Promise<{ readonly pid: number; readonly retired: number | null }> {
    await this.#starting
    const old = this.#serving
    await this.#start(old)
    old?.retire(graceMs, boundMs)
    return { pid: this.#serving!.pid, retired: old?.pid ?? null }
  }

  async stop(boundMs: number): Promise<void> {
    this.#isStopping = true
    this.#tick.stop()
    for (const worker of this.#workers) worker.retire(0, boundMs)
    await Promise.all([...this.#workers].map((worker) => worker.exited))
  }

  #start(predecessor: WorkerProcess | null): Promise<void> {
    this.#starting ??= this.#launch(predecessor).finally(() => {
      this.#starting = null
    })
    return this.#starting
  }

  async #launch(predecessor: WorkerProcess | null): Promise<void> {
    while (!this.#isStopping) {
      const worker = new WorkerProcess(this.#options.entry)
      this.#workers.add(worker)
      this.#changed()
      const born = performance.now()
      void worker.exited.then((how) => this.#gone(worker, how, performance.now() - born))
      if (await this.#introduce(worker, predecessor)) return
      worker.kill()
      await worker.exited
      await delay(Math.min(BACKOFF_MAX_MS, 50 * 2 ** this.#shortLives))
    }
  }

  /** False when the worker did not come up. */
  async #introduce(worker: WorkerProcess, predecessor: WorkerProcess | null): Promise<boolean> {
    if (!(await worker.started())) return false
    // The target may change while the worker takes it in; it serves only with the newest.
    while (worker.version < this.#target.version) {
      const failed = await worker.bring(this.#target)
      if (failed === null) return false
      this.#listenErrors = failed
    }
    worker.role = 'serving'
    this.#serving = worker
    if (predecessor && this.#workers.has(predecessor)) worker.adopt(await predecessor.sessions())
    return true
  }

  async #bring(worker: WorkerProcess, target: Target): Promise<ReadonlyMap<string, string> | null> {
    const failed = await worker.bring(target)
    if (failed !== null) return failed
    if (this.#workers.has(worker))
      this.#options.log(`worker ${worker.pid} did not take a change within its time: killed`)
    worker.kill()
    await worker.exited
    return null
  }

  #gone(worker: WorkerProcess, how: string, livedMs: number): void {
    this.#workers.delete(worker)
    this.#changed()
    this.#options.onGone(worker.lastReport)
    const wasServing = this.#serving === worker
    if (wasServing) this.#serving = null
    if (this.#isStopping || worker.role === 'retiring') return
    this.#shortLives = livedMs < SHORT_LIFE_MS ? this.#shortLives + 1 : 0
    this.#options.log(`worker ${worker.pid} ended unexpectedly (${how}); replacing it`)
    if (wasServing) void this.#start(null)
  }

  #changed(): void {
    this.#options.onChange([...this.#workers].map(({ pid }) => pid))
  }

  #look(): void {
    this.#killSilent()
    this.#relieveShaken()
  }

  /** It serves on meanwhile: what is in flight there ends there. */
  #relieveShaken(): void {
    const now = performance.now()
    if ((this.#serving?.lastReport.faults.uncaught ?? 0) === 0 || now < this.#nextRelief) return
    this.#nextRelief = now + RELIEF_EVERY_MS
    this.#options.log(`worker ${this.#serving!.pid} had a fault that nobody caught; a fresh one takes over`)
    this.#options.onShaken()
  }

  #killSilent(): void {
    for (const worker of this.#workers) {
      if (++worker.silentTicks < SILENT_TICKS_MAX) continue
      this.#options.log(`worker ${worker.pid} has been silent for ${SILENT_TICKS_MAX} s: killed`)
      worker.kill()
    }
  }
}
