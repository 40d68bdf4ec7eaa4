import { countAbove, histogramCount } from '../histogram.ts'
import { isCount } from './difference.ts'
import { sumSides } from './own/tally.ts'
import { pack, sumPacked } from './packed.ts'
import type { PlatformTally, RoleCountsDelta, Span, Tally } from './state.ts'

/** Greatest length of one packed histogram: in a granule of a window, and in a sum that exists once. */
export const GRANULE_LATENCY_CHARS = 192
export const SUM_LATENCY_CHARS = 768

export function emptyTally(slowLimitsMs: readonly number[]): Tally {
  return { requests: 0, errors: 0, timed: 0, slow: slowLimitsMs.map(() => 0), latency: '' }
}

/** `keepsLatency`: false where no rule reads a quantile of it; how many were slow is counted all the same. */
export function tallyOf(delta: RoleCountsDelta, slowLimitsMs: readonly number[], keepsLatency: boolean): Tally {
  return {
    requests: delta.requests,
    errors: delta.errors,
    timed: histogramCount(delta.latency),
    slow: slowLimitsMs.map((limitMs) => countAbove(delta.latency, limitMs)),
    latency: keepsLatency ? pack(delta.latency, Number.POSITIVE_INFINITY) : '',
  }
}

function sumTallies(tallies: readonly Tally[], latencyChars: number): Tally {
  const [only, second] = tallies
  if (only !== undefined && second === undefined && only.latency.length <= latencyChars) return only
  const sum = (pick: (tally: Tally) => number) => tallies.reduce((total, tally) => total + pick(tally), 0)
  return {
    requests: sum(({ requests }) => requests),
    errors: sum(({ errors }) => errors),
    timed: sum(({ timed }) => timed),
    slow: (only?.slow ?? []).map((_, index) => sum(({ slow }) => slow[index] ?? 0)),
    latency: sumPacked(
      tallies.map(({ latency }) => latency),
      latencyChars,
    ),
  }
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
  const first = spans[0]
  const last = spans.at(-1)
  if (first === undefined || last === undefined) throw new Error('no spans to sum')
  return {
    from: first.from,
    to: last.to,
    coveredMs: spans.reduce((total, { coveredMs }) => total + coveredMs, 0),
    live: sumTallies(
      spans.map(({ live }) => live),
      latencyChars,
    ),
    candidate: sumTallies(
      spans.map(({ candidate }) => candidate),
      latencyChars,
    ),
    platform: spans
      .map(({ platform }) => platform)
      .reduce((left, right) => (left === null || right === null ? null : addPlatforms(left, right))),
    own: sumSides(spans.map(({ own }) => own)),
  }
}

function extreme(pick: (a: number, b: number) => number, left: number | null, right: number | null): number | null {
  return left === null ? right : right === null ? left : pick(left, right)
}
