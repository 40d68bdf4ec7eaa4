import type { Rule, SequentialRule } from '../rules.ts'

/** What the sequential comparison tolerates and how sure it has to be; ratios are 0-1. */
export type SequentialOptions = {
  readonly errors: {
    /** 0.2: odds of an error up to 1.2 times live's are no reason to go back. */
    readonly tolerance: number
    /** Error rates below this never roll back, however they compare. */
    readonly floor: number
    /** The declared limit: above it is bad whatever live does, at most it is good enough to advance. */
    readonly limit: number
  } | null
  readonly latency: {
    /** 0.1: up to 10 % slower is no reason to go back; the second one where live has no traffic any more. */
    readonly tolerance: number
    readonly toleranceAlone: number
    /** "p95 at most 500 ms" is: at most a share of 0.05 slower than 500 ms. */
    readonly slowMs: number
    readonly slowShare: number
  } | null
  /** Greatest chance, per rollout, to go back, to hold, or to accept a step without cause. */
  readonly alpha: {
    readonly rollback: number
    readonly hold: number
    readonly accept: number
    /** For all segments together to go back; absent where none are judged. */
    readonly segments?: number
  }
  /** How many segments are judged by themselves at most; absent: none. */
  readonly segments?: number
  /** Share bet at the first tick, and the number of ticks over which the rest is: the rollout's expected length. */
  readonly first: number
  readonly plannedTicks: number
  /**
   * A cold start is not a regression: comparisons with live begin so long after the first shift. Until then a limit counts
   * as one of at least 15 % errors, and of at least half of the requests slow.
   */
  readonly warmUpMs: number
  /** A difference from live that breaks no limit is held so long before it may take the candidate back: see `standing.ts`. */
  readonly patienceMs: number
  /** No rollback before so many ticks with something bad in them. */
  readonly minBadTicks: number
  readonly minRequests: number
  /**
   * Sessions stay where they began, so that less than the weight is normal after a shift; and each side has users of its
   * own for as long as the rollout takes: see `STICKY_ODDS`.
   */
  readonly stickySessions: boolean
}

export const SEQUENTIAL_DEFAULTS = {
  errors: { tolerance: 0.2, floor: 0.001, limit: 0.02 },
  latency: { tolerance: 0.1, toleranceAlone: 0.2, slowMs: 500, slowShare: 0.05 },
  alpha: { rollback: 0.01, hold: 0.05, accept: 0.05 },
  first: 0.8,
  plannedTicks: 720,
  warmUpMs: 60_000,
  patienceMs: 600_000,
  minBadTicks: 3,
  minRequests: 200,
  stickySessions: false,
} satisfies SequentialOptions

/**
 * Weights of the single tests in the evidence for a rollback: their mean is evidence whatever their dependence. The
 * comparisons have the most, for what they look for is dear; what a limit is there for shows in a few ticks.
 */
export const EVIDENCE_WEIGHTS = { relative: 0.48, limit: 0.12, slower: 0.32, slow: 0.08 } as const
/** Odds ratio to live's past that is tolerated where live has no traffic any more: the past is not the present. */
export const ALONE_ODDS = 1.5
/**
 * Odds ratio to live's that is tolerated where each side keeps its users, if less was declared: a few of them with much
 * trouble make one side truly worse, by chance and for good, and counts cannot tell that it is not the release.
 */
export const STICKY_ODDS = 1.5
/** Odds by which the realised share of traffic may differ from the weight before the counts are not believed. */
export const SHARE_ODDS = 1.5
export const SHARE_ALPHA = 0.001
/** A share of traffic this unlikely to be chance means that the candidate is not routed to. */
export const ROUTING_FAULT_CHANCE = 1e-6
/** Live suffers when it had 3 bad requests and more than the limit within either of these many ticks. */
export const HEALTH_TICKS = [6, 24] as const
export const HEALTH_BAD = 3
/** Below this nothing is growing, and a step may be left forwards. */
export const QUIET_EVIDENCE = 3
export const ACCEPT_EXPERTS = [0.5, 0.2, 0.02] as const

/** Share of requests that may be slower than a latency's limit. */
const SLOW_SHARES = { 'latency-p50': 0.5, 'latency-p95': 0.05, 'latency-p99': 0.01 } as const

/** What a plan says of how a candidate may begin; plans of earlier versions say nothing. */
export type Starting = {
  readonly warmUpMs?: number
  readonly patienceMs?: number
  readonly segments?: SegmentsAsked
}

/** Of the traffic of each component, such as its routes: those declared, and so many of the others as have the most requests. */
export type SegmentsAsked = { readonly declared: readonly string[]; readonly learn: number }

/** More than these are not judged by themselves: the evidence demanded of each grows with them. */
export const SEGMENTS_MAX = 20

/** Of the chance to go back without cause, the part of all segments together; the rest is that of the whole. */
export const SEGMENTS_SHARE = 0.2

/** Null without any sequential rule; throws on two for errors or two for a latency, since they are one comparison. */
export function sequentialOptions(
  rules: readonly Rule[],
  stickySessions = false,
  { warmUpMs, patienceMs, segments }: Starting = {},
): SequentialOptions | null {
  const sequential = rules.filter((rule) => rule.kind === 'sequential')
  if (sequential.length === 0) return null
  return {
    ...SEQUENTIAL_DEFAULTS,
    errors: errorsOf(only(sequential.filter(({ metric }) => metric === 'error-rate')), stickySessions),
    latency: latencyOf(only(sequential.filter(({ metric }) => metric !== 'error-rate'))),
    warmUpMs: warmUpMs ?? SEQUENTIAL_DEFAULTS.warmUpMs,
    patienceMs: patienceMs ?? SEQUENTIAL_DEFAULTS.patienceMs,
    stickySessions,
    ...segmentsOf(segments),
  }
}

/** One chance for all: what the segments have of it, the whole has not. */
function segmentsOf(asked: SegmentsAsked | undefined): Pick<SequentialOptions, 'alpha' | 'segments'> {
  const { alpha } = SEQUENTIAL_DEFAULTS
  const segments = asked === undefined ? 0 : asked.declared.length + asked.learn
  if (segments === 0) return { alpha }
  const rollback = alpha.rollback * (1 - SEGMENTS_SHARE)
  return { alpha: { ...alpha, rollback, segments: alpha.rollback * SEGMENTS_SHARE }, segments }
}

function errorsOf(rule: SequentialRule | null, stickySessions: boolean): SequentialOptions['errors'] {
  if (rule === null) return null
  const tolerance = Math.max(rule.tolerance, stickySessions ? STICKY_ODDS - 1 : 0)
  return { tolerance, floor: Math.min(SEQUENTIAL_DEFAULTS.errors.floor, rule.limit), limit: rule.limit }
}

function latencyOf(rule: SequentialRule | null): SequentialOptions['latency'] {
  if (rule === null || rule.metric === 'error-rate') return null
  const toleranceAlone = Math.max(SEQUENTIAL_DEFAULTS.latency.toleranceAlone, 2 * rule.tolerance)
  return { tolerance: rule.tolerance, toleranceAlone, slowMs: rule.limit, slowShare: SLOW_SHARES[rule.metric] }
}

function only(rules: readonly SequentialRule[]): SequentialRule | null {
  const [first = null, second] = rules
  if (first === null || second === undefined) return first
  throw new Error(
    `rules ${first.id} and ${second.id} both compare sequentially: one for errors and one for a latency is all`,
  )
}
