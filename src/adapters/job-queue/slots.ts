/**
 * Who works on a queue, and who of them is free. A nudge wakes one of them; whoever finds a job wakes the next one, since there
 * may be more, and where nobody is free another one is taken on. So a burst of jobs is spread over as many workers as a queue may
 * have within milliseconds, a single job costs one look or two, and a queue at rest one look at a time, however many may work.
 */
import type { QueueName } from '../../ports/job.ts'

export type Team = {
  /** How many may work at once. */
  readonly most: number
  /** Starts one more, who looks at once, and answers the id under which it can be woken. */
  readonly hire: () => Promise<string>
}

type Members = Team & { size: number /** Longest idle first. */; free: readonly string[] }

export class Slots {
  readonly #notify: (id: string) => void
  readonly #failed: (error: unknown) => void
  readonly #teams = new Map<QueueName, Members>()

  constructor(notify: (id: string) => void, failed: (error: unknown) => void) {
    this.#notify = notify
    this.#failed = failed
  }

  /** Begins with one worker. */
  async open(queue: QueueName, team: Team): Promise<void> {
    const members = { ...team, size: 0, free: [] }
    this.#teams.set(queue, members)
    await hire(members)
  }

  wake(queue: QueueName): void {
    const team = this.#teams.get(queue)
    if (team === undefined) return
    const [first, ...others] = team.free
    if (first === undefined) return void hire(team).catch(this.#failed)
    team.free = [...others, first]
    this.#notify(first)
  }

  /** Runs a worker's job; it counts as busy until that ends. */
  async busy<T>(queue: QueueName, id: string, handle: () => Promise<T>): Promise<T> {
    const team = this.#teams.get(queue)
    if (team) team.free = team.free.filter((one) => one !== id)
    this.wake(queue)
    try {
      return await handle()
    } finally {
      if (team) team.free = [...team.free, id]
      // What came meanwhile must not wait for the next look.
      this.#notify(id)
    }
  }

  clear(): void {
    this.#teams.clear()
  }
}

async function hire(team: Members): Promise<void> {
  if (team.size >= team.most) return
  team.size += 1
  try {
    const id = await team.hire()
    team.free = [...team.free, id]
  } catch (error) {
    team.size -= 1
    throw error
  }
}
