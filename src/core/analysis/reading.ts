import type { AnalysisState, PlatformTally, Span, Tally } from './state.ts'
import { type LimitRule, TRIGGER_REQUESTS_MAX } from './rules.ts'
import type { Look } from './look.ts'
import type { Role } from '../observed.ts'
import { METRIC_NAMES, bytes, count, latency, percent, percentBeside } from './text.ts'
/** What one role, or one side of a component, shows of a metric, beside the limit that is asked of it. */
import { formatDuration } from '../time.ts'
import { type Packed, packedQuantiles, settled } from './packed.ts'
import { type Part, type Sentence, say } from '../say.ts'
import { SUM_LATENCY_CHARS } from './tally.ts'

/** One metric of one role over one span, beside a limit. */
export type Reading = {
  /** How many requests, probes or looks it rests on. */
  readonly n: number
  readonly unit: 'requests' | 'probes' | 'looks'
  /** How many of them were bad: errors, slow ones, failed probes. */
  readonly bad: number
  /** Above the limit, or not comparable with it. */
  readonly over: boolean
  /** `7.3 %` */
  readonly value: () => Part
  /** `30 of 412 requests` */
  readonly counts: () => Sentence
}

export const UNITS: Readonly<Record<Reading['unit'], Sentence>> = {
  requests: say`requests`,
  probes: say`probes`,
  looks: say`looks`,
}

/** `latency` is summed up only where somebody reads a quantile of it. */
export type Side = {
  readonly tally: Tally
  readonly latency: () => Packed
  readonly platform: PlatformTally | null
}

/** Share of requests that may be slower than a latency limit: "p95 is above L" is "more than 5 % are slower than L". */
const TAILS = { 'latency-p50': 0.5, 'latency-p95': 0.05, 'latency-p99': 0.01 } as const
export type LatencyMetric = keyof typeof TAILS

export function isLatency(metric: string): metric is LatencyMetric {
  return metric in TAILS
}

export function quantileOf(metric: LatencyMetric): number {
  return 1 - TAILS[metric]
}

export function allowedShare(metric: LatencyMetric): number {
  return TAILS[metric]
}

/** `lasting`: a gauge counts by its least value, since "above X for 5m" means all that time. */
export function read(
  side: Side,
  metric: LimitRule['metric'],
  limit: number,
  { state, scale, lasting }: { state: AnalysisState; scale: Parameters<typeof packedQuantiles>[1]; lasting: boolean },
): Reading {
  const { tally, platform } = side
  if (isLatency(metric)) {
    const quantileMs = () => packedQuantiles([side.latency()], scale, quantileOf(metric))[0] ?? null
    return readLatency(tally, { metric, limitMs: limit, index: state.slowLimitsMs.indexOf(limit), quantileMs })
  }
  if (metric === 'error-rate') return readRatio(tally.errors, tally.requests, limit, 'requests')
  if (metric === 'readiness-flapping') return readRatio(platform?.failures ?? 0, platform?.probes ?? 0, limit, 'probes')
  return readMemory(platform, limit, lasting)
}

/** Errors can outnumber requests while answers are still due (a deadline passed): that is a rate of 1, not more. */
export function ratio(part: number, whole: number): number {
  return part / Math.max(whole, part)
}

function readRatio(part: number, whole: number, limit: number, unit: 'requests' | 'probes'): Reading {
  const n = Math.max(part, whole)
  const value = ratio(part, whole)
  return {
    n,
    unit,
    bad: part,
    over: !(value <= limit),
    value: () => (n === 0 ? say`unknown` : percentBeside(value, limit)),
    counts: () => say`${count(part)} of ${count(n)} ${UNITS[unit]}`,
  }
}

function readLatency(
  tally: Tally,
  {
    metric,
    limitMs,
    index,
    quantileMs,
  }: { metric: LatencyMetric; limitMs: number; index: number; quantileMs: () => number | null },
): Reading {
  const slow = tally.slow[index]
  if (slow === undefined)
    throw new Error(`requests slower than ${limitMs} ms were not counted: not this rollout's rules`)
  const share = slow / tally.timed
  const allowed = TAILS[metric]
  return {
    n: tally.timed,
    unit: 'requests',
    bad: slow,
    over: !(share <= allowed),
    value: () => {
      const ms = quantileMs()
      return ms === null ? say`unknown` : latency(ms)
    },
    counts: () =>
      say`${percentBeside(share, allowed)} of ${count(tally.timed)} requests slower than ${latency(limitMs)}, ${percent(allowed)} may be`,
  }
}

function readMemory(platform: PlatformTally | null, limit: number, lasting: boolean): Reading {
  const value = (lasting ? platform?.memoryBytesMin : platform?.memoryBytesMax) ?? null
  const looks = platform?.memoryLooks ?? 0
  return {
    n: value === null ? 0 : looks,
    unit: 'looks',
    bad: looks,
    over: value === null || !(value <= limit),
    value: () => (value === null ? say`unknown` : bytes(value)),
    counts: () => (lasting ? say`least of ${count(looks)} looks` : say`most of ${count(looks)} looks`),
  }
}

/** Observed time in which the metric was known, ms; null for metrics that every tick knows. */
export function knownMs(metric: LimitRule['metric'], platform: PlatformTally | null): number | null {
  if (metric === 'readiness-flapping') return platform?.readinessMs ?? 0
  return metric === 'memory' ? (platform?.memoryMs ?? 0) : null
}

export function missingTime(known: number, needed: number): Sentence {
  return say`known for ${formatDuration(known)} of ${formatDuration(needed)}`
}

/** One failed request of thirty is 3.3 %: fewer bad ones than this are an accident of small traffic, not a regression. */
export const BAD_REQUESTS_MIN = 3

/** What a limit looks at: the step so far, or the last `forMs`. */
export type Stretch = { readonly span: Span; readonly latency: (role: Role) => Packed; readonly lasting: boolean }

/** Of a span that holds its latencies. */
export function stretchOf(span: Span, { lasting }: { readonly lasting: boolean }): Stretch {
  return { span, latency: (role) => settled(span[role].latency, SUM_LATENCY_CHARS), lasting }
}

export function requestsToTrigger({ minRequests }: Look): number {
  return Math.max(1, Math.min(minRequests, TRIGGER_REQUESTS_MAX))
}

export function readSide(
  rule: LimitRule,
  limit: number,
  look: Look,
  { stretch: { span, latency, lasting }, role }: { readonly stretch: Stretch; readonly role: Role },
): Reading {
  const platform = role === 'candidate' ? span.platform : null
  const side = { tally: span[role], latency: () => latency(role), platform }
  return read(side, rule.metric, limit, { state: look.state, scale: look.component.scale, lasting })
}

export function sentence({ metric }: LimitRule, { value, counts }: Reading): Sentence {
  return say`${METRIC_NAMES[metric]} of the candidate was ${value()} (${counts()}`
}

export function actual({ n, value, counts }: Reading): Sentence {
  return n === 0 ? say`nothing counted` : say`${value()} (${counts()})`
}
