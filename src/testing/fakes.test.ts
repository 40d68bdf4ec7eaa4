/** What stands in for store, queue and router in tests and rehearsals passes the contract of what it stands in for. */
import type { NewJob } from '../ports/job.ts'
import { fakeRouter } from './fake-router.ts'
import { jobQueueContract } from './job-queue-contract.ts'
import { memoryQueue } from './memory-queue.ts'
import { memoryStore } from './memory-store.ts'
import { routerContract } from './router-contract.ts'
import { storeContract } from './store-contract.ts'
import { virtualClock } from './virtual-clock.ts'

storeContract('memory', async () => {
  const clock = virtualClock()
  const store = memoryStore({ clock })
  const jobs: NewJob[] = []
  store.useJobs((added) => jobs.push(...added))
  return { store, clock, jobs: () => jobs, close: async () => undefined }
})

jobQueueContract('memory', async () => {
  const clock = virtualClock()
  const store = memoryStore({ clock })
  const queue = memoryQueue({ clock, store, notifyRetry: { limit: 2, delayMs: 1000 } })
  await queue.start()
  return {
    queue,
    store,
    now: clock.now,
    async eventually(what, look) {
      for (let step = 0; step < 10_000; step++) {
        const seen = await look()
        if (seen) return seen
        await clock.advance(step === 0 ? 0 : 50)
      }
      throw new Error(`gave up waiting for: ${what}`)
    },
    close: () => queue.stop(0),
  }
})

routerContract({
  name: 'fake',
  setup: async () => ({ router: fakeRouter(), end: async () => undefined }),
  upstreams: ['10.0.0.1:80', '10.0.0.2:80'],
})
