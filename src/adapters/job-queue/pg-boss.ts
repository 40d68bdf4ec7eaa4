/**
 * The job queue on pg-boss, in the store's own database: jobs of a store's transaction are committed with it, and a pump
 * runs inside the transaction that completes its job. Chosen by experiment; what else was tried stands in docs/decisions.md.
 */
import { createHash } from 'node:crypto'
import { type ConstructorOptions, type Db, type Job as BossJob, PgBoss } from 'pg-boss'
import type { JobQueue } from '../../ports/job-queue.ts'
import { isHostQueue, type Job, type NewJob, type QueueName } from '../../ports/job.ts'
import { JOBS_SCHEMA, type RunSql, type SqlStore } from '../../ports/sql.ts'
import { type StoreTransaction, StoreUnavailableError } from '../../ports/store.ts'
import { BRING_FORWARD, grouped } from './jobs.ts'
import { COMMAND, type NotifyRetry, pollSeconds, queues, REST_SECONDS, TRANSACTION_TIMEOUT_SECONDS } from './queues.ts'
import { Slots } from './slots.ts'
import { delay, startInterval, type Timer } from '../../timers.ts'

export type PgBossQueueOptions = {
  readonly connectionString: string
  /** The store whose transactions insert jobs here, and inside whose transactions pumps run. */
  readonly store: SqlStore
  /** What goes wrong in the background: repeated by pg-boss, so nobody has to act on a single one. */
  readonly log: (message: string, error?: unknown) => void
  readonly maxConnections?: number
  readonly notifyRetry?: NotifyRetry
}

/** Nothing happens before `start`; a store's transaction may insert jobs from then on. */
export function pgBossQueue(options: PgBossQueueOptions): JobQueue {
  const queue = new PgBossQueue(options)
  options.store.useJobs((jobs, run) => queue.insertWithin(jobs, run))
  return queue
}

type Busy = <T>(handle: () => Promise<T>) => Promise<T>

class PgBossQueue implements JobQueue {
  readonly #options: PgBossQueueOptions
  readonly #slots = new Slots(
    (id) => this.#boss?.notifyWorker(id),
    (error) => this.#boss && this.#options.log('the job queue could not take on another worker', error),
  )
  readonly #looks: Timer[] = []
  /** Queues of hosts that are known to exist in the database. */
  readonly #hosts = new Set<QueueName>()
  #boss: PgBoss | null = null

  constructor(options: PgBossQueueOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    this.#boss ??= await startBoss(this.#options)
  }

  async stop(graceMs: number): Promise<void> {
    const boss = this.#boss
    this.#boss = null
    this.#slots.clear()
    for (const look of this.#looks.splice(0)) look.stop()
    await boss?.stop({ graceful: true, timeout: graceMs, close: true })
  }

  async insert(jobs: readonly NewJob[]): Promise<void> {
    const boss = this.#started()
    for (const [queue, some] of grouped(jobs)) {
      await this.#exists(queue)
      await boss.insert(queue, some)
      await boss.getDb().executeSql(BRING_FORWARD, [queue, JSON.stringify(some)])
    }
  }

  async insertWithin(jobs: readonly NewJob[], run: RunSql): Promise<void> {
    const db = {
      executeSql: async (text: string, values: unknown[] = []) => {
        const { rows } = await run(text, values, `jobs-${createHash('sha1').update(text).digest('base64url')}`)
        return { rows: [...rows] }
      },
    }
    for (const [queue, some] of grouped(jobs)) await this.#started().insert(queue, some, { db })
  }

  async work(queue: QueueName, concurrency: number, handle: (job: Job) => Promise<void>): Promise<void> {
    const boss = this.#started()
    await this.#exists(queue)
    await this.#employ(queue, concurrency, (busy) =>
      boss.work<NewJob['data']>(queue, { pollingIntervalSeconds: REST_SECONDS }, ([job]) =>
        busy(() => this.#handle(queue, handle, job)),
      ),
    )
  }

  async #exists(queue: QueueName): Promise<void> {
    if (!isHostQueue(queue) || this.#hosts.has(queue)) return
    const { name: _, ...like } = COMMAND
    await this.#started().createQueue(queue, like)
    this.#hosts.add(queue)
  }

  /** A command that throws has ended; only one whose worker died is performed again (`COMMAND` in queues.ts). */
  async #handle(
    queue: QueueName,
    handle: (job: Job) => Promise<void>,
    job: BossJob<NewJob['data']> | undefined,
  ): Promise<void> {
    try {
      await handle(portJob(job))
    } catch (error) {
      if (queue !== 'command' && !isHostQueue(queue)) throw error
      this.#options.log('a command job threw', error)
    }
  }

  async workInTransaction(
    queue: QueueName,
    concurrency: number,
    handle: (job: Job, tx: StoreTransaction) => Promise<void>,
  ): Promise<void> {
    const boss = this.#started()
    const options = {
      pollingIntervalSeconds: REST_SECONDS,
      transactional: true,
      transactionTimeoutSeconds: TRANSACTION_TIMEOUT_SECONDS,
    } as const
    await this.#employ(queue, concurrency, (busy) =>
      boss.work(queue, options, ([job]: BossJob<NewJob['data']>[], db: Db) => {
        const run: RunSql = (text, values = []) => db.executeSql(text, [...values])
        return busy(() => this.#options.store.within(run, (tx) => handle(portJob(job), tx)))
      }),
    )
  }

  nudge(queue: QueueName): void {
    this.#slots.wake(queue)
  }

  /** Workers of pg-boss, which look when they are woken: each of them looking by itself would be as many looks for nothing. */
  async #employ(queue: QueueName, most: number, work: (busy: Busy) => Promise<string>): Promise<void> {
    const hire = () => {
      const id: Promise<string> = work(async (handle) => this.#slots.busy(queue, await id, handle))
      return id
    }
    await this.#slots.open(queue, { most, hire })
    this.#looks.push(startInterval(() => this.#slots.wake(queue), pollSeconds(queue) * 1000).unref())
  }

  #started(): PgBoss {
    if (this.#boss === null) throw new Error('the job queue is not started (or was stopped)')
    return this.#boss
  }
}

function portJob(job: BossJob<NewJob['data']> | undefined): Job {
  if (job === undefined) throw new Error('pg-boss called a worker without a job')
  return { id: job.id, data: job.data, signal: job.signal }
}

/** Creating schema and queues collides when two control planes start at once: the loser tries again. */
const START_ATTEMPTS = 8

async function startBoss(options: PgBossQueueOptions): Promise<PgBoss> {
  for (let attempt = 1; ; attempt++) {
    const boss = new PgBoss(bossOptions(options))
    boss.on('error', (error) => options.log('the job queue reports an error', error))
    boss.on('warning', ({ message, data }) => options.log(`the job queue warns: ${message}`, data))
    try {
      await boss.start()
      for (const { name, ...queue } of queues(options.notifyRetry)) await boss.createQueue(name, queue)
      return boss
    } catch (error) {
      await boss.stop({ graceful: false, close: true }).catch(() => undefined)
      if (attempt === START_ATTEMPTS) {
        throw new StoreUnavailableError(
          'transient',
          `the job queue could not start: ${(error as Error).message}`,
          error,
        )
      }
      await delay(50 + Math.random() * 150 * attempt)
    }
  }
}

function bossOptions({ connectionString, maxConnections = 12 }: PgBossQueueOptions): ConstructorOptions {
  return {
    connectionString,
    max: maxConnections,
    schema: JOBS_SCHEMA,
    // The store makes it: our role may be one that creates tables there and nothing anywhere else.
    createSchema: false,
    application_name: 'stellwerk-jobs',
    schedule: false,
    // Which control planes run stands in the store; a second list would only be kept up to date.
    registerInstance: false,
    // A job whose process died is given to another one soon.
    superviseIntervalSeconds: 1,
    monitorIntervalSeconds: 1,
    maintenanceIntervalSeconds: 60,
  }
}
