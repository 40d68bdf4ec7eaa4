import type { NewJob } from '../../src/ports/job.ts'
import { openPostgresStore } from '../../src/store/postgres/index.ts'
import { testDatabase } from '../../src/testing/postgres.ts'
import { storeContract } from '../../src/testing/store-contract.ts'
import { virtualClock } from '../../src/testing/virtual-clock.ts'

storeContract('PostgreSQL', async () => {
  const clock = virtualClock()
  const database = await testDatabase()
  const store = await openPostgresStore({ ...(await database.roles()), clock })
  const [jobs, uncommitted]: [NewJob[], NewJob[]] = [[], []]
  store.useJobs(async (added) => void uncommitted.push(...added))
  // Jobs are a table of the same database in earnest; here the commit is observed from outside.
  const transact: typeof store.transact = async (work) => {
    uncommitted.length = 0
    const result = await store.transact(work)
    jobs.push(...uncommitted)
    return result
  }
  const close = async () => {
    await store.close()
    await database.drop()
  }
  return { store: { ...store, transact }, clock, jobs: () => jobs, close }
})
