/** What could be seen of the candidate, part by part, as the checker itself keeps it. */
import type { Instant } from '../../core/time.ts'

export type SeenPart = 'slot' | 'route' | 'metrics'
/** `seen`: by a look or an answer, last. `from`: what the limit counts from; null while the newest look showed it. */
export type Seen = { readonly seen: Instant | null; readonly from: Instant | null; readonly looks: number }

export type SeenParts = Readonly<Record<SeenPart, Seen>>

const NEVER: Seen = { seen: null, from: null, looks: 0 }
export const NOTHING_SEEN: SeenParts = { slot: NEVER, route: NEVER, metrics: NEVER }

export const PARTS: readonly SeenPart[] = ['slot', 'route', 'metrics']

export function saw(seenParts: SeenParts, part: SeenPart, at: Instant): SeenParts {
  return { ...seenParts, [part]: { seen: at, from: null, looks: 0 } }
}

/** An answer to an order shows what is there, but is no look. */
export function answeredWith(seenParts: SeenParts, part: SeenPart, at: Instant): SeenParts {
  return { ...seenParts, [part]: { ...seenParts[part], seen: at } }
}

export function missed(seenParts: SeenParts, part: SeenPart, at: Instant): SeenParts {
  const { seen, from, looks } = seenParts[part]
  return { ...seenParts, [part]: { seen, from: from ?? seen ?? at, looks: looks + 1 } }
}

/** Users meet the candidate: whatever was missed before harmed nobody. */
export function countedFrom(seenParts: SeenParts, at: Instant): SeenParts {
  const anew = (part: Seen): Seen => (part.from === null ? part : { ...part, from: at, looks: 0 })
  return { slot: anew(seenParts.slot), route: anew(seenParts.route), metrics: anew(seenParts.metrics) }
}

export function shiftedBy(seenParts: SeenParts, ms: number): SeenParts {
  const moved = ({ seen, from, looks }: Seen): Seen => ({
    seen: seen !== null && ms < 0 ? ((seen + ms) as Instant) : seen,
    from: from === null ? null : ((from + ms) as Instant),
    looks,
  })
  return { slot: moved(seenParts.slot), route: moved(seenParts.route), metrics: moved(seenParts.metrics) }
}
