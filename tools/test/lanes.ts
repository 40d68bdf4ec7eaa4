/** Work beside each other, as much of it as a number of cores can carry. */
export type Job = {
  /** How many cores it keeps busy; 0.5: it waits more than it computes. */
  readonly cores: number
  readonly run: () => Promise<void>
}

/** More cores from some moment on: when those who had them have ended. */
export type More = { readonly when: Promise<unknown>; readonly cores: number }

/**
 * Runs all jobs in the order given, and `cores` of them at a time; one that does not fit beside what runs is overtaken by
 * those behind it. What needs more than there are runs alone.
 */
export async function inLanes(jobs: readonly Job[], cores: number, more?: More): Promise<void> {
  const waiting = [...jobs]
  const running = new Map<Job, Promise<Job | null>>()
  let carried = cores
  const widened = more?.when.then(() => {
    carried = more.cores
    return null
  })
  const busy = () => [...running.keys()].reduce((sum, job) => sum + job.cores, 0)
  const next = () => waiting.findIndex((job) => running.size === 0 || busy() + job.cores <= carried)
  while (waiting.length + running.size > 0) {
    for (let index = next(); index >= 0; index = next()) {
      const [job] = waiting.splice(index, 1) as [Job]
      running.set(
        job,
        job.run().then(() => job),
      )
    }
    const isWide = carried === (more?.cores ?? cores)
    const ended = await Promise.race(isWide || !widened ? running.values() : [...running.values(), widened])
    if (ended) running.delete(ended)
  }
}
