import type { Instant } from '../core/time.ts'

/** The only source of time outside the database. Injected, so that a test or a rehearsal can drive it. */
export interface Clock {
  now(): Instant
  /**
   * Resolves at `until`, and never later than after the time that this was away: a clock that is set back meanwhile does
   * not prolong a sleep. Rejects when `signal` aborts.
   */
  sleepUntil(until: Instant, signal?: AbortSignal): Promise<void>
}
