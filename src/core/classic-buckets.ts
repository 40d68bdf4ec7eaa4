/**
 * Classic histogram buckets as our logarithmic ones.
 *
 * All that is known of a request between two edges is that it took no longer than the upper one, so it counts as that
 * slow. A limit at an edge is judged exactly, for the bucket taken is the last one that ends at or below the edge; that
 * costs up to 2 % just below an edge and nothing elsewhere. Above the last finite edge a request may have taken any
 * time: it is counted in the slowest bucket there is. Rejected: spreading them evenly between the edges, as
 * `histogram_quantile` does, which reads a true p95 of 57 ms as 85 ms or 200 ms as 114 ms as the edges happen to lie.
 */
import type { Histogram } from './observed.ts'

/** The embedded router's own scale. */
const BASE = 1.02
const UNIT_MS = 0.1
/** About 17 hours. */
const SLOWEST = 1023

/** `le`, in the source's own unit, and how many took at most that long. */
export type Cumulative = ReadonlyMap<number, number>
export type Mapped = { readonly ok: true; readonly histogram: Histogram } | { readonly ok: false; readonly why: string }

export function histogramOf(cumulative: Cumulative, unitMs: number): Mapped {
  const edges = [...cumulative].sort(([left], [right]) => left - right)
  if (edges.at(-1)?.[0] !== Infinity) return { ok: false, why: 'has no bucket le="+Inf"' }
  const counts: Record<string, number> = {}
  let below = 0
  let edgeBelow = 0
  for (const [edge, count] of edges) {
    if (count < below) return { ok: false, why: fallen({ edge, count }, { edge: edgeBelow, count: below }) }
    const bucket = String(bucketUpTo(edge * unitMs))
    if (count > below) counts[bucket] = (counts[bucket] ?? 0) + count - below
    below = count
    edgeBelow = edge
  }
  return { ok: true, histogram: { base: BASE, unitMs: UNIT_MS, counts } }
}

/** The last bucket that ends at or below the edge. */
function bucketUpTo(edgeMs: number): number {
  if (!(edgeMs > UNIT_MS)) return 0
  return Math.min(SLOWEST, Math.floor(Math.log(edgeMs / UNIT_MS) / Math.log(BASE) + 1e-9))
}

type Edge = { readonly edge: number; readonly count: number }

function fallen(above: Edge, below: Edge): string {
  return (
    `counts ${above.count} up to le="${above.edge}" but ${below.count} up to le="${below.edge}": ` +
    'do all instances of the slot use the same edges?'
  )
}
