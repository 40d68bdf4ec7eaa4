/** What every job queue keeps, asked of the one on pg-boss and of the one in memory alike. */
import { strict as assert } from 'node:assert'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { Json } from '../core/json.ts'
import { after, type Instant } from '../core/time.ts'
import type { JobQueue } from '../ports/job-queue.ts'
import { hostQueue, type Job, type QueueName } from '../ports/job.ts'
import type { Store } from '../ports/store.ts'
import { happened } from './store-suite.ts'

export type QueueHarness = {
  /** Started. `notify` is repeated twice, a second or so apart. */
  readonly queue: JobQueue
  /** Its transactions insert into the queue. */
  readonly store: Store
  readonly now: () => Instant
  /** Lets time pass until `look` answers something truthy; throws after a while. */
  readonly eventually: <T>(what: string, look: () => T | Promise<T>) => Promise<T>
  readonly close: () => Promise<void>
}

export type QueueSkip = { readonly test: string; readonly reason: string }

export function jobQueueContract(
  name: string,
  open: () => Promise<QueueHarness>,
  skips: readonly QueueSkip[] = [],
): void {
  describe(`job queue contract: ${name}`, () => {
    let harness: QueueHarness
    let queue: JobQueue
    beforeEach(async () => {
      harness = await open()
      queue = harness.queue
    })
    afterEach(() => harness.close())

    function test(title: string, run: () => Promise<void>): void {
      const skip = skips.find((one) => one.test === title)
      it(title, skip ? { skip: skip.reason } : {}, run)
    }

    /** Collects the data of every job of a queue. */
    async function collect(name: QueueName, concurrency = 2): Promise<Json[]> {
      const seen: Json[] = []
      await queue.work(name, concurrency, async (job) => void seen.push(job.data))
      return seen
    }

    /** A handler's running job, which ends when the test says so. */
    function gate() {
      const running: Job[] = []
      const { promise, resolve } = Promise.withResolvers<void>()
      const handle = async (job: Job) => {
        running.push(job)
        await promise
      }
      return { running, handle, open: resolve }
    }

    test('a job is delivered to a worker of its queue, once', async () => {
      const [commands, messages] = [await collect('command'), await collect('notify')]
      await queue.insert([
        { queue: 'command', data: { key: 's1/1/0' } },
        { queue: 'notify', data: { message: 1 } },
      ])
      await harness.eventually('both jobs', () => commands.length + messages.length === 2)
      assert.deepEqual([commands, messages], [[{ key: 's1/1/0' }], [{ message: 1 }]])
      await queue.insert([{ queue: 'command', data: { key: 'last' } }])
      await harness.eventually('the last job', () => commands.length >= 2)
      assert.deepEqual(commands, [{ key: 's1/1/0' }, { key: 'last' }])
    })

    test('jobs that wait since before there was a worker are delivered', async () => {
      await queue.insert([1, 2, 3].map((key) => ({ queue: 'command', data: { key } })))
      const seen = await collect('command')
      await harness.eventually('three jobs', () => seen.length === 3)
      assert.deepEqual(new Set(seen.map((data) => JSON.stringify(data))).size, 3)
    })

    test('a job is not delivered before it is due', async () => {
      const due = after(harness.now(), 1500)
      const delivered: Instant[] = []
      await queue.work('command', 1, async () => void delivered.push(harness.now()))
      await queue.insert([{ queue: 'command', data: {}, due }])
      queue.nudge('command')
      await harness.eventually('the job', () => delivered.length === 1)
      assert.ok((delivered[0] as number) >= due, `delivered ${due - (delivered[0] as number)} ms too early`)
    })

    test('of waiting jobs with the same key there is one; keyless ones are all kept', async () => {
      await queue.insert([
        { queue: 'pump', data: { pump: 1 }, singleton: 'p1' },
        { queue: 'pump', data: { pump: 1 }, singleton: 'p1' },
        { queue: 'pump', data: { pump: 2 }, singleton: 'p2' },
        { queue: 'command', data: { key: 1 } },
        { queue: 'command', data: { key: 1 } },
        { queue: 'command', data: { key: 2 }, singleton: 'c' },
      ])
      await queue.insert([
        { queue: 'pump', data: { pump: 2 }, singleton: 'p2' },
        { queue: 'command', data: { key: 2 }, singleton: 'c' },
        { queue: 'command', data: { key: 'end' }, due: after(harness.now(), 1200) },
      ])
      const [pumps, commands] = [await collect('pump'), await collect('command', 1)]
      await harness.eventually('the last one', () => commands.some((data) => JSON.stringify(data).includes('end')))
      const text = (all: readonly Json[]) => all.map((data) => JSON.stringify(data)).toSorted()
      assert.deepEqual(text(pumps), ['{"pump":1}', '{"pump":2}'])
      assert.deepEqual(text(commands), ['{"key":"end"}', '{"key":1}', '{"key":1}', '{"key":2}'])
    })

    test('a job that waits is brought forward by the same one with an earlier moment, and not put off by a later one', async () => {
      const seen = await collect('pump')
      const job = { queue: 'pump', data: { pump: 'p0' }, singleton: 'p0' } as const
      await queue.insert([{ ...job, due: after(harness.now(), 3_600_000) }])
      await queue.insert([{ ...job, due: after(harness.now(), 100) }])
      await queue.insert([{ ...job, due: after(harness.now(), 3_600_000) }])
      await harness.eventually('the job', () => seen.length > 0)
      assert.deepEqual(seen, [{ pump: 'p0' }])
    })

    test('jobs of a rolled back transaction do not exist, those of a committed one do', async () => {
      const seen = await collect('command')
      const insert = (key: number, fails: boolean) =>
        harness.store.transact(async (tx) => {
          await tx.append(`s${key}`, 0, [happened('CommandIssued')])
          await tx.insertJobs([{ queue: 'command', data: { key } }])
          if (fails) throw new Error('changed my mind')
        })
      await assert.rejects(insert(1, true), /changed my mind/)
      await insert(2, false)
      await harness.eventually('the job', () => seen.length > 0)
      assert.deepEqual(seen, [{ key: 2 }])
      assert.deepEqual(
        (await harness.store.readAll(0, 10)).map((event) => event.stream),
        ['s2'],
      )
    })

    test('what is for one host is taken by its worker alone, and waits for it', async () => {
      const everybody = await collect('command')
      await queue.insert([
        { queue: hostQueue('a'), data: { for: 'a' } },
        { queue: hostQueue('b'), data: { for: 'b' } },
        { queue: 'command', data: { for: 'anybody' } },
      ])
      const [b] = [await collect(hostQueue('b'))]
      await harness.eventually('the others', () => everybody.length + b.length === 2)
      assert.deepEqual([everybody, b], [[{ for: 'anybody' }], [{ for: 'b' }]])
      const a = await collect(hostQueue('a'))
      await harness.eventually('the one that waited', () => a.length === 1)
      assert.deepEqual([everybody.length, b.length], [1, 1])
    })

    test('a slow job holds back no other one', async () => {
      const { running, handle, open } = gate()
      const quick: Json[] = []
      await queue.work('command', 3, async (job) => {
        if (JSON.stringify(job.data).includes('slow')) await handle(job)
        else quick.push(job.data)
      })
      await queue.insert([{ queue: 'command', data: { slow: 1 } }])
      await harness.eventually('the slow one to run', () => running.length === 1)
      await queue.insert([1, 2, 3, 4, 5].map((key) => ({ queue: 'command', data: { key } })))
      await harness.eventually('the quick ones', () => quick.length === 5)
      open()
    })

    test('at most so many jobs run at a time', async () => {
      const { running, handle, open } = gate()
      await queue.work('command', 2, handle)
      await queue.insert([1, 2, 3].map((key) => ({ queue: 'command', data: { key } })))
      await harness.eventually('two to run', () => running.length === 2)
      assert.equal(running.length, 2)
      open()
      await harness.eventually('the third to run', () => running.length === 3)
    })

    test('a command whose handler throws is gone', async () => {
      const seen: Json[] = []
      await queue.work('command', 1, async (job) => {
        seen.push(job.data)
        if (seen.length === 1) throw new Error('the adapter crashed')
      })
      await queue.insert([{ queue: 'command', data: { key: 1 } }])
      await harness.eventually('the first', () => seen.length === 1)
      await queue.insert([{ queue: 'command', data: { key: 2 }, due: after(harness.now(), 1200) }])
      await harness.eventually('the second', () => seen.length >= 2)
      assert.deepEqual(seen, [{ key: 1 }, { key: 2 }])
    })

    test('a message is repeated with pauses, then put aside', async () => {
      const attempts: Instant[] = []
      const dead = await collect('notify.dead')
      await queue.work('notify', 1, async () => {
        attempts.push(harness.now())
        throw new Error('the receiver is down')
      })
      await queue.insert([{ queue: 'notify', data: { message: 7 } }])
      await harness.eventually('the message to be put aside', () => dead.length === 1)
      assert.deepEqual(dead, [{ message: 7 }])
      assert.equal(attempts.length, 3)
      const [first, second] = attempts as [Instant, Instant, Instant]
      assert.ok(second - first >= 450, `repeated after ${second - first} ms`)
    })

    test('a job that takes too long is told so', async () => {
      const told: boolean[] = []
      await queue.work('command', 1, async ({ signal }) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        told.push(signal.aborted)
      })
      await queue.insert([{ queue: 'command', data: {}, timeoutMs: 1000 }])
      await harness.eventually('the signal', () => told.length === 1)
    })

    test('a handler in a transaction commits with its job', async () => {
      let runs = 0
      await queue.workInTransaction('pump', 1, async (job, tx) => {
        runs += 1
        const version = (await tx.lock('s1'))?.version ?? 0
        await tx.append('s1', version, [happened('Driven', job.data)])
        await tx.insertJobs([{ queue: 'command', data: { run: runs } }])
        if (runs === 1) throw new Error('the first time it fails')
      })
      const commands = await collect('command')
      await queue.insert([{ queue: 'pump', data: { pump: 1 }, singleton: 'p1' }])
      await harness.eventually('the command of the second run', () => commands.length === 1)
      assert.deepEqual(commands, [{ run: 2 }])
      assert.deepEqual(
        (await harness.store.read('s1')).map((event) => event.data),
        [{ pump: 1 }],
      )
    })

    test('a pump arms itself again from within, and never twice', async () => {
      const runs: number[] = []
      await queue.workInTransaction('pump', 2, async (job, tx) => {
        runs.push(runs.length)
        if (runs.length < 4) await tx.insertJobs([{ queue: 'pump', data: job.data, singleton: 'p1' }])
      })
      await queue.insert([{ queue: 'pump', data: {}, singleton: 'p1' }])
      await harness.eventually('four runs', () => runs.length >= 4)
      const others = await collect('command')
      await queue.insert([{ queue: 'command', data: {}, due: after(harness.now(), 1200) }])
      await harness.eventually('some time to pass', () => others.length === 1)
      assert.equal(runs.length, 4)
    })

    test('after a nudge a job does not wait for the next look', async () => {
      const started: number[] = []
      await queue.work('command', 4, async () => void started.push(performance.now()))
      for (let round = 1; round <= 5; round++) {
        await harness.store.transact((tx) => tx.insertJobs([{ queue: 'command', data: { round } }]))
        const committed = performance.now()
        queue.nudge('command')
        await harness.eventually('the job', () => started.length === round)
        assert.ok((started.at(-1) as number) - committed < 200)
      }
    })

    test('stop lets running jobs end and takes no new ones', async () => {
      const { running, handle, open } = gate()
      let ended = 0
      await queue.work('command', 2, async (job) => {
        await handle(job)
        ended += 1
      })
      await queue.insert([{ queue: 'command', data: { key: 1 } }])
      await harness.eventually('the job to run', () => running.length === 1)
      const stopped = queue.stop(5000)
      open()
      await stopped
      assert.equal(ended, 1)
    })
  })
}
