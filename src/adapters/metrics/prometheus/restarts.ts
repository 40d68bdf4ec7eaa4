/** What counters had counted before they began anew: lost from their newest value, not from what happened. */
import type { Samples } from './answer.ts'

/** Of one series: what must be added to its newest value, and how often it began anew in all the samples. */
export type Restarted = { readonly lost: number; readonly resets: number }

/**
 * Samples from old to new; a restart up to `anchor` (seconds) is one, but what it lost was counted before our time. What
 * a restart is, `resets()` says: a sample below the one before it. A sample that is no number is passed over.
 */
export function restartsOf({ samples }: Samples, anchor: number): Restarted {
  let lost = 0
  let resets = 0
  let finite = 0
  for (const [index, [at, value]] of samples.entries()) {
    const before = samples[index - 1]?.[1] ?? 0
    if (value < before) {
      resets += 1
      if (at > anchor) lost += finite
    }
    if (Number.isFinite(value)) finite = value
  }
  return { lost, resets }
}
