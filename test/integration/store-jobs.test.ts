import { pgBossQueue } from '../../src/adapters/job-queue/pg-boss.ts'
import { instant } from '../../src/core/time.ts'
import { openPostgresStore } from '../../src/store/postgres/index.ts'
import { jobQueueContract } from '../../src/testing/job-queue-contract.ts'
import { testDatabase } from '../../src/testing/postgres.ts'
import { until } from '../../src/testing/until.ts'

jobQueueContract('pg-boss', async () => {
  const database = await testDatabase()
  const roles = await database.roles()
  const { connectionString } = roles
  const store = await openPostgresStore(roles)
  const queue = pgBossQueue({
    connectionString,
    store,
    log: () => undefined,
    notifyRetry: { limit: 2, delaySeconds: 1 },
  })
  await queue.start()
  return {
    queue,
    store,
    now: () => instant(Date.now()),
    eventually: (what, look) => {
      const nudged = () => {
        // What pg-boss finds by itself within seconds is found at once: the suite is about what, not when.
        for (const name of ['pump', 'command', 'notify', 'notify.dead'] as const) queue.nudge(name)
        return look()
      }
      return until(what, nudged, { timeoutMs: 20_000 })
    },
    async close() {
      await queue.stop(1000)
      await store.close()
      await database.drop()
    },
  }
})
