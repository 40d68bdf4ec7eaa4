import { jobQueueContract } from './job-queue-contract.ts'
import { memoryQueue } from './memory-queue.ts'
import { memoryStore } from './memory-store.ts'
import { virtualClock } from './virtual-clock.ts'

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
