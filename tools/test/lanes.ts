/** Work beside each other, as much of it as a number of cores can carry. */
export type Job = {
  /** How many cores it keeps busy; 0.5: it waits more than it computes. */
  readonly cores: number
  readonly run: () => Promise<void>
}

/**
 * Runs all jobs in the order given, and `cores` of them at a time; one that does not fit beside what runs is overtaken by
 * those behind it. What needs more than there are runs alone.
 */
export async function inLanes(jobs: readonly Job[], cores: number): Promise<void> {
  const waiting = [...jobs]
  const running = new Map<Job, Promise<Job>>()
  const busy = () => [...running.keys()].reduce((sum, job) => sum + job.cores, 0)
  const next = () => waiting.findIndex((job) => running.size === 0 || busy() + job.cores <= cores)
  while (waiting.length + running.size > 0) {
    for (let index = next(); index >= 0; index = next()) {
      const [job] = waiting.splice(index, 1) as [Job]
      running.set(
        job,
        job.run().then(() => job),
      )
    }
    running.delete(await Promise.race(running.values()))
  }
}
