/**
 * The shell around the core: gives inputs to streams, has their commands performed, and lets time pass for them. It owns no
 * state; two of it on one database drive the same rollouts, and one that dies leaves nothing that the other cannot go on with.
 */
import { rollouts } from '../core/rollout/aggregate.ts'
import { after } from '../core/time.ts'
import { hostQueue } from '../ports/job.ts'
import { performJob, deadLetter } from './command-jobs.ts'
import { notifyJob, pruneDeliveries, sweepDeliveries } from './deliveries.ts'
import { mendEnvironments } from './environment.ts'
import { admitNext } from './admission.ts'
import { pump, pumpJobs } from './pump.ts'
import { type Driven, isOf } from './drive.ts'
import { type Engine, type EngineOptions, type Running, stopped } from './running.ts'
import { reconcileEnvironments } from './reconcile.ts'
import { giveOrRecord } from './give.ts'
import { trustNews } from './trust-news.ts'
import { troubles } from './troubles.ts'

/** The pumps are set going again this often, should they ever be lost, or wait for long because a clock was set back. */
const REVIVE_MS = 5000
/** Longer than a pump ever pauses. */
const PUMP_LATE_MS = 1000
const SWEEP_MS = 2000
const PRUNE_MS = 3_600_000
/** Commands that other hosts handed over are performed so many at a time. */
const HANDED_OVER = 4

export function createEngine(options: EngineOptions): Engine {
  const stopping = new AbortController()
  const loops: Promise<void>[] = []
  const running = connected(options, stopping.signal)
  return {
    give: running.give,
    follow: running.follow,
    troubles: running.troubles,
    async start() {
      await startWorkers(running)
      loops.push(...backgroundWork(running))
    },
    async stop(graceMs) {
      stopping.abort()
      await options.queue.stop(graceMs)
      await Promise.allSettled(loops)
    },
  }
}

function connected(options: EngineOptions, stopping: AbortSignal): Running {
  const running: Running = {
    ...options,
    stopping,
    superseded: new Set(),
    troubles: troubles(),
    give: async (kind, stream, input) => {
      const driven = await giveOrRecord(running, kind, stream, input)
      await running.follow(driven)
      return driven
    },
    follow: async (driven) => {
      if (!driven) return
      nudge(running, driven)
      if (isOf(rollouts, driven)) await admitNext(running, driven)
    },
  }
  return running
}

async function startWorkers(running: Running): Promise<void> {
  const { queue } = running
  await mendEnvironments(running.store)
  await queue.start()
  await queue.work('command', running.concurrency ?? 16, (job) => performJob(running, job))
  // Commands that waited for a host which was taken over since would wait until their deadline.
  const orphans = (await running.host?.orphans?.()) ?? []
  for (const id of new Set([...(running.host?.ids ?? []), ...orphans]))
    await queue.work(hostQueue(id), HANDED_OVER, (job) => performJob(running, job))
  await queue.work('notify', 4, (job) => notifyJob(running, job))
  await queue.work('notify.dead', 1, (job) => deadLetter(running, job))
  await queue.workInTransaction('pump', 2, (job, tx) => pump(running, job, tx))
  await queue.insert(pumpJobs())
}

function backgroundWork(running: Running): readonly Promise<void>[] {
  return [
    every(running, running.sweepMs ?? REVIVE_MS, () =>
      running.queue.insert(pumpJobs(after(running.clock.now(), PUMP_LATE_MS))),
    ),
    every(running, running.sweepMs ?? SWEEP_MS, () => admitNext(running, null)),
    every(running, running.sweepMs ?? SWEEP_MS, () => sweepDeliveries(running)),
    every(running, PRUNE_MS, () => pruneDeliveries(running)),
    every(running, running.reconcileMs ?? 5000, () => reconcileEnvironments(running)),
    every(running, running.sweepMs ?? SWEEP_MS, trustNews(running)),
  ]
}

async function every(
  { clock, log, stopping, broken }: Running,
  ms: number,
  work: () => Promise<unknown>,
): Promise<void> {
  while (!stopping.aborted) {
    await work().catch((error) => {
      // Whatever it was in the middle of when the queue stopped, the next start does.
      if (stopping.aborted) return
      log.warn('background work failed and is repeated', { error: String(error) })
      broken?.({ what: 'background work', error: String(error) })
    })
    await clock.sleepUntil(after(clock.now(), ms), stopping).catch(stopped)
  }
}

/** Commands due now are looked for at once; later ones when they are due, without waiting for the queue's own poll. */
function nudge({ queue, clock, stopping }: Running, { jobs }: Driven): void {
  for (const { queue: name, due } of jobs) {
    if (due === undefined || due <= clock.now()) queue.nudge(name)
    else void clock.sleepUntil(due, stopping).then(() => queue.nudge(name), stopped)
  }
}
