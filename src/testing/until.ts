import { setTimeout as delay } from 'node:timers/promises'

export type UntilOptions = {
  /** Real milliseconds after which `until` gives up; default 10 000. */
  readonly timeoutMs?: number
  /** Real milliseconds between two looks; default 20. */
  readonly everyMs?: number
}

/**
 * Polls `look` until it returns something truthy and returns that. For tests against real processes, where the only
 * alternative would be a sleep of a guessed length.
 *
 * Throws after `timeoutMs` with `what` and the last thing seen.
 */
export async function until<T>(what: string, look: () => T | Promise<T>, options: UntilOptions = {}): Promise<T> {
  const { timeoutMs = 10_000, everyMs = 20 } = options
  const deadline = performance.now() + timeoutMs
  let last: unknown
  while (performance.now() < deadline) {
    try {
      const seen = await look()
      if (seen) return seen
      last = seen
    } catch (error) {
      last = error
    }
    await delay(everyMs)
  }
  const seen = last instanceof Error ? last.message : JSON.stringify(last)
  throw new Error(`gave up after ${timeoutMs} ms waiting for: ${what}; last seen: ${seen}`)
}
