import { type Cells, countFrom, firstBucketAbove, total } from '../histogram.ts'
import type { Role } from '../observed.ts'
import { isCount } from './difference.ts'
import { sumSides } from './own/tally.ts'
import { packCells, type Packed, sumPacked, withPart } from './packed.ts'
import type { PlatformTally, RoleCountsDelta, Span, Tally } from './state.ts'

/** Greatest length of one packed histogram: in a granule of a window, and in a sum that exists once. */
export const GRANULE_LATENCY_CHARS = 192
export const SUM_LATENCY_CHARS = 768

/**
 * `cells` are those of its latencies. `keepsLatency`: false where no rule reads a quantile of them; how many were slow is
 * counted all the same.
 */
export function tallyOf(
  { requests, errors, latency }: RoleCountsDelta,
  cells: Cells,
  { slowLimitsMs, keepsLatency }: { readonly slowLimitsMs: readonly number[]; readonly keepsLatency: boolean },
): Tally {
  return {
    requests,
    errors,
    timed: total(cells.counts),
    slow: slowLimitsMs.map((limitMs) => countFrom(cells, firstBucketAbove(latency, limitMs))),
    latency: keepsLatency ? packCells(cells, Number.POSITIVE_INFINITY) : '',
  }
}

/** All but the latencies. */
function sumTallies(spans: readonly Span[], role: Role): Tally {
  const slow = [...(spans[0]?.[role].slow ?? [])].fill(0)
  const sum = { requests: 0, errors: 0, timed: 0, slow, latency: '' }
  for (const span of spans) {
    const tally = span[role]
    sum.requests += tally.requests
    sum.errors += tally.errors
    sum.timed += tally.timed
    for (let limit = 0; limit < slow.length; limit++) slow[limit]! += tally.slow[limit] ?? 0
  }
  return sum
}

/** One span more. Its latencies are added up when somebody reads them (`settled`): `latencyChars` is how long they may be then. */
export function withSpan(sum: Span | null, next: Span, latencyChars: number): Span {
  const latency = (role: Role) => withPart(sum?.[role].latency ?? '', next[role].latency, latencyChars)
  const both = sumCounts(sum === null ? [next] : [sum, next])
  return {
    ...both,
    live: { ...both.live, latency: latency('live') },
    candidate: { ...both.candidate, latency: latency('candidate') },
  }
}

/** Packed at most `chars` long. */
export function sumLatencies(spans: readonly Span[], role: Role, chars: number): Packed {
  return sumPacked(
    spans.map((span) => span[role].latency),
    chars,
  )
}

/** A fact that is null, not a number or negative adds nothing and no time in which it was known. */
export function platformTallyOf(delta: RoleCountsDelta, coveredMs: number): PlatformTally {
  const { logLines, memoryBytes } = delta
  const seen = delta.readiness
  const readiness = seen !== null && isCount(seen.probes) && isCount(seen.failures) ? seen : null
  const memory = isCount(memoryBytes) ? memoryBytes : null
  return {
    probes: readiness?.probes ?? 0,
    failures: readiness?.failures ?? 0,
    readinessMs: readiness === null ? 0 : coveredMs,
    logLines: isCount(logLines) ? logLines : 0,
    logLinesMs: isCount(logLines) ? coveredMs : 0,
    memoryBytesMin: memory,
    memoryBytesMax: memory,
    memoryLooks: memory === null ? 0 : 1,
    memoryMs: memory === null ? 0 : coveredMs,
  }
}

function addPlatforms(left: PlatformTally, right: PlatformTally): PlatformTally {
  return {
    probes: left.probes + right.probes,
    failures: left.failures + right.failures,
    readinessMs: left.readinessMs + right.readinessMs,
    logLines: left.logLines + right.logLines,
    logLinesMs: left.logLinesMs + right.logLinesMs,
    memoryBytesMin: extreme(Math.min, left.memoryBytesMin, right.memoryBytesMin),
    memoryBytesMax: extreme(Math.max, left.memoryBytesMax, right.memoryBytesMax),
    memoryLooks: left.memoryLooks + right.memoryLooks,
    memoryMs: left.memoryMs + right.memoryMs,
  }
}

/**
 * One span over all of them, from the first one's `from` to the last one's `to`; gaps between them are not covered.
 * Packed histograms come out at most `latencyChars` long. Throws on none.
 */
export function sumSpans(spans: readonly Span[], latencyChars: number): Span {
  const sum = sumCounts(spans)
  return {
    ...sum,
    live: { ...sum.live, latency: sumLatencies(spans, 'live', latencyChars) },
    candidate: { ...sum.candidate, latency: sumLatencies(spans, 'candidate', latencyChars) },
  }
}

/** The same without latencies. */
export function sumCounts(spans: readonly Span[]): Span {
  const first = spans[0]
  const last = spans.at(-1)
  if (first === undefined || last === undefined) throw new Error('no spans to sum')
  let coveredMs = 0
  let platform = first.platform
  for (const span of spans) {
    coveredMs += span.coveredMs
    if (span !== first) platform = platform && span.platform && addPlatforms(platform, span.platform)
  }
  return {
    from: first.from,
    to: last.to,
    coveredMs,
    live: sumTallies(spans, 'live'),
    candidate: sumTallies(spans, 'candidate'),
    platform,
    own: sumSides(spans.map(({ own }) => own)),
  }
}

function extreme(pick: (a: number, b: number) => number, left: number | null, right: number | null): number | null {
  return left === null ? right : right === null ? left : pick(left, right)
}
