/** A second control plane for tests: handles commands, or hangs inside the transaction of a pump. */
import { setTimeout as delay } from 'node:timers/promises'
import { pgBossQueue } from '../../src/adapters/job-queue/pg-boss.ts'
import { openPostgresStore } from '../../src/store/postgres/index.ts'

const connectionString = process.env['DATABASE'] ?? ''
const store = await openPostgresStore({ connectionString })
const queue = pgBossQueue({ connectionString, store, log: () => undefined })
await queue.start()

if (process.argv[2] === 'freeze') {
  await queue.workInTransaction('pump', 1, async (_, tx) => {
    await tx.lock('s1')
    await tx.append('s1', 0, [{ type: 'Driven', data: { by: 'frozen' }, actor: 'system' }])
    process.send?.({ handled: 1 })
    await delay(60_000)
  })
} else if (process.argv[2] === 'hang') {
  await queue.work('command', 1, async (job) => {
    process.send?.({ handled: job.data })
    await delay(60_000)
  })
} else {
  await queue.work('command', 4, async (job) => {
    await delay(5)
    process.send?.({ handled: job.data })
  })
}
process.send?.({ started: true })
