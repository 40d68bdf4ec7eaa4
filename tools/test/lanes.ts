/** Work beside each other: in the order given, but never two that each fill the machine by themselves. */
export type Job = {
  /** It would only wait for another one of its kind, and its times would be wrong. */
  readonly fillsMachine: boolean
  readonly run: () => Promise<void>
}

/** Runs all jobs, `lanes` at a time. A job that may not start yet is overtaken by those behind it. */
export async function inLanes(jobs: readonly Job[], lanes: number): Promise<void> {
  const waiting = [...jobs]
  const running = new Map<Job, Promise<Job>>()
  const isFull = () => [...running.keys()].some(({ fillsMachine }) => fillsMachine)
  const next = () => waiting.findIndex(({ fillsMachine }) => !fillsMachine || !isFull())
  while (waiting.length + running.size > 0) {
    for (let index = next(); index >= 0 && running.size < lanes; index = next()) {
      const [job] = waiting.splice(index, 1) as [Job]
      running.set(
        job,
        job.run().then(() => job),
      )
    }
    running.delete(await Promise.race(running.values()))
  }
}
