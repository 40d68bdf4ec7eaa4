import { startTimer } from '../timers.ts'

export type TimeLimit = {
  /** Aborts with the signal it was made of, or when the time is up. */
  readonly signal: AbortSignal
  /** The work is over: nothing waits for its end any more. */
  readonly release: () => void
}

/** `AbortSignal.any` with a timeout, for work that comes by the hundred thousand: both linger long after the work is done. */
export function timeLimit(outer: AbortSignal, ms: number): TimeLimit {
  const controller = new AbortController()
  const abort = () => controller.abort(outer.reason)
  const timer = startTimer(() => controller.abort(late()), ms).unref()
  if (outer.aborted) abort()
  else outer.addEventListener('abort', abort)
  return {
    signal: controller.signal,
    release: () => {
      timer.stop()
      outer.removeEventListener('abort', abort)
    },
  }
}

function late(): DOMException {
  return new DOMException('The operation was aborted due to timeout', 'TimeoutError')
}
