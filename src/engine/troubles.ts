/**
 * Streams that this process fails to drive: since when, how often, and why. A decision, a fold or an append that throws every
 * time must not look like a calm stream, and must not hold up its neighbours; it is tried again with growing pauses.
 */
import { after, type Instant } from '../core/time.ts'

export type Trouble = {
  readonly since: Instant
  readonly times: number
  readonly error: string
  readonly again: Instant
}

const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 30_000

export type Troubles = {
  /** Null where all is well. */
  of(stream: string): Trouble | null
  all(): ReadonlyMap<string, Trouble>
  failed(stream: string, error: unknown, now: Instant): Trouble
  /** Streams that are left alone until their pause is over. */
  resting(now: Instant): readonly string[]
  driven(stream: string): void
}

export function troubles(): Troubles {
  const known = new Map<string, Trouble>()
  return {
    of: (stream) => known.get(stream) ?? null,
    all: () => known,
    failed(stream, error, now) {
      const before = known.get(stream)
      const times = (before?.times ?? 0) + 1
      const message = error instanceof Error ? error.message : String(error)
      const trouble = { since: before?.since ?? now, times, error: message, again: after(now, pauseMs(times)) }
      known.set(stream, trouble)
      return trouble
    },
    resting: (now) => [...known].flatMap(([stream, { again }]) => (again > now ? [stream] : [])),
    driven: (stream) => void known.delete(stream),
  }
}

/** 1, 2, 4 … 30 seconds after 1, 2, 3 … failures. */
function pauseMs(times: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** (times - 1), LONGEST_PAUSE_MS)
}
