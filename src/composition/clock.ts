import { instant } from '../core/time.ts'
import type { Clock } from '../ports/clock.ts'
import { delay } from '../timers.ts'

/** Longest single timer of Node, ms; longer sleeps are several of them. */
const TIMER_MAX_MS = 2 ** 31 - 1

/** The clock on the wall. */
export const systemClock: Clock = {
  now: () => instant(Date.now()),
  async sleepUntil(until, signal) {
    const end = performance.now() + (until - Date.now())
    const restMs = () => Math.min(until - Date.now(), end - performance.now())
    for (let rest = restMs(); rest > 0; rest = restMs()) {
      await delay(Math.min(rest, TIMER_MAX_MS), undefined, signal ? { signal, ref: false } : { ref: false })
    }
    signal?.throwIfAborted()
  },
}
