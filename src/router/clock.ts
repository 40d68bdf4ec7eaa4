/**
 * The router's own clock: the only file of this room that sets a timer of Node.
 *
 * A timer of Node holds 2^31-1 ms (24.8 days) and fires at once when it is given more, NaN or nothing; here a longer wait
 * is several timers, and what is no number is a programmer's error.
 */

/** Longest single timer of Node, ms. */
export const TIMER_MAX_MS = 2 ** 31 - 1

export type Timer = {
  stop(): void
  /** Does not keep the process alive. */
  unref(): Timer
}

/** Calls `work` once, `ms` from now. */
export function startTimer(work: () => void, ms: number): Timer {
  const end = performance.now() + checked(ms)
  let isRef = true
  let handle = setTimeout(step, Math.min(ms, TIMER_MAX_MS))
  function step(): void {
    const rest = end - performance.now()
    // A timer may be up to a millisecond early.
    if (rest < 1) return work()
    handle = setTimeout(step, Math.min(rest, TIMER_MAX_MS))
    if (!isRef) handle.unref()
  }
  const timer: Timer = {
    stop: () => clearTimeout(handle),
    unref() {
      isRef = false
      handle.unref()
      return timer
    },
  }
  return timer
}

/** Calls `work` every `ms`, until stopped. */
export function startInterval(work: () => void, ms: number): Timer {
  const handle = setInterval(work, Math.min(checked(ms), TIMER_MAX_MS))
  const timer: Timer = {
    stop: () => clearInterval(handle),
    unref() {
      handle.unref()
      return timer
    },
  }
  return timer
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => startTimer(resolve, ms))
}

/** Aborts after `ms`, with the reason of `AbortSignal.timeout`. */
export function timeLimit(ms: number): AbortSignal {
  return AbortSignal.timeout(Math.min(checked(ms), TIMER_MAX_MS))
}

function checked(ms: number): number {
  if (Number.isNaN(ms)) throw new RangeError('a wait of NaN ms')
  return Math.max(0, ms)
}
