/**
 * Messages while their channel is down for an hour, with everything real but the channel and the clock: the engine, the job
 * queue and the tables on PostgreSQL. What would be waited for is brought forward.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Client } from 'pg'
import { pgBossQueue } from '../../src/adapters/job-queue/pg-boss.ts'
import type { Message } from '../../src/core/rollout/message.ts'
import { decide } from '../../src/core/rollout/decide.ts'
import type { Json } from '../../src/core/json.ts'
import { after, instant } from '../../src/core/time.ts'
import { createEngine } from '../../src/engine/engine.ts'
import { silent } from '../../src/ports/log.ts'
import type { Adapters } from '../../src/ports/adapters.ts'
import { failure, ok } from '../../src/ports/result.ts'
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres/index.ts'
import { planFor, requestFor } from '../../src/testing/plans.ts'
import { until } from '../../src/testing/until.ts'
import { virtualClock } from '../../src/testing/virtual-clock.ts'

/** So many messages of one rollout: what one has in its life, and a state that stays small. */
const PER_ROLLOUT = 10
const MINUTES = 60
const PATIENCE = { timeoutMs: 600_000, everyMs: 50 } as const

export type OutageOptions = {
  readonly connectionString: string
  readonly migrationUrl?: string
  /** As a superuser. */
  readonly adminUrl: string
  readonly messages: number
}

export type Outage = {
  /** How often the channel took each message, by its key. */
  readonly taken: ReadonlyMap<string, number>
  /** Attempts while everything was queued and nothing was taken, by minute. */
  readonly perMinute: readonly number[]
  /** Bytes in use after a collection, the most that was seen while messages waited, less those before any was there. */
  readonly heapGrowth: number
  readonly store: PostgresStore
}

/** What must hold after it, as sentences; empty: nothing was lost, nothing doubled, and the channel was left alone. */
export async function outageProblems(
  { taken, perMinute, store }: Outage,
  messages: number,
): Promise<readonly string[]> {
  const events = await store.readAll(0, 3 * messages)
  const done = events.filter(({ type }) => type === 'CommandDone')
  const told = new Set(done.map(({ stream, data }) => `${stream}/${(data as { key: string }).key}/0/0`))
  const doubled = [...taken].filter(([, times]) => times !== 1)
  const dead = await store.deadLetters()
  return [
    ...(taken.size === messages ? [] : [`the channel took ${taken.size} of ${messages}`]),
    ...(doubled.length === 0 ? [] : [`${doubled.length} were taken more than once`]),
    ...(done.length === messages ? [] : [`the log was told of ${done.length} of ${messages}`]),
    ...(told.symmetricDifference(new Set(taken.keys())).size === 0 ? [] : ['the log and the channel disagree']),
    ...(dead.length === 0 ? [] : ['some were given up']),
    ...(Math.max(...perMinute) <= 3 ? [] : [`a channel that is down is asked too often: ${perMinute.join(' ')}`]),
  ]
}

/** `look` is asked before everything is closed. */
export async function playOutage<T>(options: OutageOptions, look: (outage: Outage) => Promise<T>): Promise<T> {
  const { connectionString, migrationUrl, adminUrl, messages } = options
  const clock = virtualClock(instant(Date.now()))
  const store = await openPostgresStore({ connectionString, ...(migrationUrl && { migrationUrl }), clock })
  const queue = pgBossQueue({ connectionString, store, log: () => undefined })
  const taken = new Map<string, number>()
  let isDown = true
  let attempts = 0
  const notifier: Adapters['notifier'] = () => ({
    deliver: async (_, { key }) => {
      attempts += 1
      if (isDown) return failure('transient', 'the channel is down')
      taken.set(key, (taken.get(key) ?? 0) + 1)
      return ok({ receipt: 'chat 200' })
    },
  })
  const engine = createEngine({ store, queue, clock, adapters: { notifier } as Adapters, log: silent })
  const admin = new Client({ connectionString: adminUrl })
  await admin.connect()
  const count = async (where: string) => {
    const { rows } = await admin.query(`select count(*)::int as count from stellwerk.deliveries where ${where}`)
    return (rows[0] as { count: number }).count
  }
  const forward = async () => {
    await admin.query(`update stellwerk_jobs.job set start_after = now()
      where name = 'notify' and state in ('created', 'retry') and start_after > now()`)
    queue.nudge('notify')
  }
  try {
    await engine.start()
    const before = heap()
    await giveOrders(store, messages, clock.now())
    await until('all are queued', async () => (await forward(), (await count('true')) === messages), PATIENCE)
    const perMinute: number[] = []
    let most = heap()
    for (let minute = 0; minute < MINUTES; minute++) {
      const had = attempts
      await clock.jump(60_000)
      // An attempt that began before the jump may end after it, and its pause with it.
      const isAsked = async () => {
        await forward()
        if (attempts === had) await clock.jump(1000)
        return attempts > had
      }
      await until('the channel is asked', isAsked, PATIENCE)
      perMinute.push(attempts - had)
      if (minute % 20 === 0) most = Math.max(most, heap())
    }
    isDown = false
    const isTold = async () => {
      await forward()
      if ((await count('not told')) === 0) return true
      // As above: a pause may begin after any jump, and a clock that stands would never end it.
      await clock.jump(1000)
      return false
    }
    await until('the log was told of all', isTold, PATIENCE)
    return await look({ taken, perMinute, heapGrowth: Math.max(most, heap()) - before, store })
  } finally {
    await admin.end()
    await engine.stop(1000)
    await store.close()
  }
}

/** After a collection, whatever flags the process was started with. */
function heap(): number {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  return process.memoryUsage().heapUsed
}

const MESSAGE: Omit<Message, 'title'> = { event: 'held', priority: 'P3', text: 'it waits', serving: 'api v1 100 %' }

/** Rollouts that ended, each with orders of messages: as the engine appends them, with their jobs. */
async function giveOrders(store: PostgresStore, messages: number, now: ReturnType<typeof instant>): Promise<void> {
  const plan = planFor({ notify: [{ on: ['*'], to: { kind: 'chat' } }] })
  for (let rollout = 0; rollout < messages / PER_ROLLOUT; rollout++) {
    const id = `shop-prod-${rollout}`
    const [requested] = decide(null, requestFor(plan, { id }), now).events
    const orders = Array.from({ length: PER_ROLLOUT }, (_, index) => ({
      type: 'CommandIssued',
      actor: 'system',
      data: {
        command: { type: 'Notify', message: { ...MESSAGE, title: `message ${index} of ${id}` } },
        due: now,
        attempt: 1,
        deadline: after(now, 24 * 3_600_000),
      },
    }))
    const begun = { type: 'RolloutRequested', actor: 'person:alex', data: requested!.data as unknown as Json }
    const ended = { type: 'Aborted', actor: 'system', data: { reason: 'as rehearsed', cause: 'person' } }
    await store.transact(async (tx) => {
      const events = await tx.append(id, 0, [begun, ...orders, ended])
      const keys = events.flatMap(({ type, version }) => (type === 'CommandIssued' ? [String(version)] : []))
      await tx.insertJobs(keys.map((key) => ({ queue: 'notify', data: { stream: id, key } })))
    })
  }
}
