import type { NewJob } from '../ports/job.ts'
import { memoryStore } from './memory-store.ts'
import { storeContract } from './store-contract.ts'
import { virtualClock } from './virtual-clock.ts'

storeContract('memory', async () => {
  const clock = virtualClock()
  const store = memoryStore({ clock })
  const jobs: NewJob[] = []
  store.useJobs((added) => jobs.push(...added))
  return { store, clock, jobs: () => jobs, close: async () => undefined }
})
