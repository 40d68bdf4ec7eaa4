/**
 * The only file outside the router that sets a timer of Node (lint keeps it).
 *
 * A timer of Node holds 2^31-1 ms (24.8 days) and fires at once when it is given more, NaN or nothing; here a longer wait
 * is several timers, one below zero is none, and what is no number is a programmer's error.
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
  let handle = setTimeout(step, Math.min(checked(ms), TIMER_MAX_MS))
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

/** `ref: false`: the wait does not keep the process alive. */
export type DelayOptions = { readonly signal?: AbortSignal | undefined; readonly ref?: boolean }

/** Resolves with `value` after `ms`; rejects with the signal's reason when it aborts before. */
export function delay<T = void>(ms: number, value?: T, { signal, ref = true }: DelayOptions = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error)
    const abort = () => {
      timer.stop()
      reject(signal?.reason as Error)
    }
    const timer = startTimer(() => {
      signal?.removeEventListener('abort', abort)
      resolve(value as T)
    }, ms)
    if (!ref) timer.unref()
    signal?.addEventListener('abort', abort, { once: true })
  })
}

/** Aborts after `ms`, with the reason of `AbortSignal.timeout`; holds the process no longer than that one does. */
export function timeLimit(ms: number): AbortSignal {
  if (checked(ms) <= TIMER_MAX_MS) return AbortSignal.timeout(Math.ceil(checked(ms)))
  const late = new AbortController()
  const reason = () => new DOMException('The operation was aborted due to timeout', 'TimeoutError')
  startTimer(() => late.abort(reason()), ms).unref()
  return late.signal
}

function checked(ms: number): number {
  if (Number.isNaN(ms)) throw new RangeError('a wait of NaN ms')
  return Math.max(0, ms)
}
