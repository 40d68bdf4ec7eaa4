/** Entry of the worker process; only the primary starts it. */
import { once } from 'node:events'
import type { FromWorker, ToWorker } from '../protocol.ts'
import { contained, surviveUncaught } from './fault.ts'
import { Worker } from './worker.ts'

surviveUncaught()

const worker = new Worker((message, done = () => {}) => {
  if (process.connected) process.send?.(message, undefined, {}, done)
  else done()
})

process.title = 'stellwerk-router worker'
// Signals to the whole group are the primary's to act on: it retires its workers.
process.on('SIGTERM', () => {})
process.on('SIGINT', () => {})
// The successor of a primary that died relieves its workers when its own serves.
process.on('SIGUSR2', () => worker.relieved())
const hear = contained('an order', (message: ToWorker, handle: unknown) => worker.hear(message, handle))
process.on('message', hear)
void once(process, 'disconnect').then(() => worker.orphaned())
process.send?.({ type: 'started' } satisfies FromWorker)
