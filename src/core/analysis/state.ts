import type { Scale } from '../histogram.ts'
import type { Histogram, SegmentTick, Slot } from '../observed.ts'
import type { Instant } from '../time.ts'
import type { OwnAnswers, OwnSides, OwnTallies } from './own/tally.ts'
import type { Packed } from './packed.ts'
import type { SequentialOptions } from './sequential/options.ts'
import type { SequentialState } from './sequential/state.ts'

/** What one role did during one tick. */
export type RoleCountsDelta = {
  readonly requests: number
  readonly errors: number
  readonly latency: Histogram
  readonly inFlight: number
  readonly waitingOldestMs: number
  /** Readiness probes and failures during the tick; null where the platform was not seen. */
  readonly readiness: { readonly probes: number; readonly failures: number } | null
  /** Lines logged during the tick; null where the platform cannot tell or was not seen. */
  readonly logLines: number | null
  readonly memoryBytes: number | null
  /** What the metrics source answered to the service's own queries, by rule; absent where none was asked. */
  readonly own?: OwnAnswers
}

/**
 * Everything the analysis of one rollout remembers: plain JSON whose size depends neither on time nor on traffic
 * (per component some 10-20 KiB for a window with latencies, a tenth of that without).
 */
export type AnalysisState = {
  readonly tickMs: number
  /** Every latency that some rule names, ms: requests slower than each are counted exactly. */
  readonly slowLimitsMs: readonly number[]
  /** Which sums some rule reads quantiles of; of the others only how many requests were slow is kept. */
  readonly keepsLatency: { readonly before: boolean; readonly step: boolean }
  /** Every limit that live is watched by: what it breaks itself does not count against the candidate. */
  readonly ceilings: readonly Ceiling[]
  /** Null where no rule compares sequentially. */
  readonly sequential: SequentialOptions | null
  /** The step under way; null before the first `beginStep`. */
  readonly step: { readonly at: Instant; readonly weight: number } | null
  readonly components: Readonly<Record<string, ComponentAnalysis>>
}

export type ComponentAnalysis = {
  /** Nobody serves it beside the candidate; `late`: and the candidate gets its users with the step of 100 % only. */
  readonly alone?: 'yes' | 'late'
  /** Buckets of this component's histograms, from the first one that held anything. */
  readonly scale: Scale | null
  readonly newest: NewestTick | null
  /** Why nothing may be concluded from the newest tick; cleared by the next good one. */
  readonly unusable: string | null
  /** What the metrics source said last instead of counts; null since it gave some. */
  readonly silent: string | null
  /** Consecutive ticks in which the candidate was given traffic and completed nothing. */
  readonly idleTicks: number
  /** Sums since the step began, over whole ticks at exactly the step's weight. */
  readonly sinceStep: Span | null
  /** Live over all ticks before the first shift of this rollout; frozen from then on. */
  readonly before: Span | null
  /** The service's own numbers before the first shift, of the live side; frozen from then on. */
  readonly ownBefore: OwnTallies
  readonly shifted: boolean
  readonly windows: readonly Window[]
  readonly shared: SharedCauses
  readonly sequential: SequentialState | null
}

export type NewestTick = {
  readonly to: Instant
  readonly waitingOldestMs: number
  /** Which of the platform's facts that tick knew. */
  readonly knew: { readonly readiness: boolean; readonly logLines: boolean; readonly memory: boolean }
  /** Of each own rule of which that tick told: null where it brought a number, else why it did not. */
  readonly own: Readonly<Record<string, string | null>>
}

/** How much of the users' traffic the candidate had: `none` at weight 0, `all` at 100. */
export type Exposure = 'none' | 'part' | 'all'

/**
 * The last `windowMs` in at most 31 granules (and one more per change of exposure); before them, what a window that holds
 * too few requests may reach back to: about twice `requestsMin` granules at most.
 */
export type Window = {
  readonly windowMs: number
  /** Requests of the candidate that its rules need at most; 0: none of them counts requests. */
  readonly requestsMin: number
  readonly granuleMs: number
  readonly keepsLatency: boolean
  readonly keepsPlatform: boolean
  /** Ids of the own rules that look at this window. */
  readonly keepsOwn: readonly string[]
  readonly granules: readonly Granule[]
  /** Live's window as it was when the candidate got all traffic; null where that has not happened. */
  readonly lastLive: Span | null
}

export type Granule = Span & { readonly exposure: Exposure }

/** Sums over `(from, to]`. */
export type Span = {
  readonly from: Instant
  readonly to: Instant
  /** Time that was really observed; less than `to - from` where ticks are missing or a clock jumped. */
  readonly coveredMs: number
  readonly live: Tally
  readonly candidate: Tally
  /** The candidate's platform facts; null where no rule asks for them. */
  readonly platform: PlatformTally | null
  readonly own: OwnSides
}

export type Tally = {
  readonly requests: number
  readonly errors: number
  /** Requests whose latency is known, and how many of them were slower than each of `slowLimitsMs`. */
  readonly timed: number
  readonly slow: readonly number[]
  readonly latency: Packed
}

/** `…Ms` is the observed time in which the fact was known. */
export type PlatformTally = {
  readonly probes: number
  readonly failures: number
  readonly readinessMs: number
  readonly logLines: number
  readonly logLinesMs: number
  readonly memoryBytesMin: number | null
  readonly memoryBytesMax: number | null
  readonly memoryLooks: number
  readonly memoryMs: number
}

/** A limit that live is watched by. */
export type Ceiling = {
  readonly rule: string
  /** Of the whole step, or of a window of so many ms. */
  readonly windowMs: number | null
  readonly of:
    | { readonly bad: 'errors' | number; readonly share: number }
    | { readonly max: number | null; readonly min: number | null }
}

/** Live's newest requests: `[requests, errors, timed, slower than each limit…]`. */
export type Row = readonly number[]
export type SharedCauses = {
  readonly live: { readonly older: Row; readonly newer: Row; readonly ticks: number }
  /** By rule, where live broke what it may have to advance, in this step. */
  readonly step: Readonly<Record<string, Calm>>
  /** By rule, where live broke its trigger within its window. */
  readonly window: Readonly<Record<string, Calm>>
}

export type Calm = {
  /** What was observed while live kept the limit: of the step, or of a window since live last broke it; null: nothing. */
  readonly span: Span | null
  /** Observed time in which live broke it, ms. */
  readonly excludedMs: number
  readonly lastAt: Instant
  /** Live breaks it now. */
  readonly suffers: boolean
}

/** One tick of counts of one component, as differences of two snapshots (analysis §2.1): what the analysis is fed. */
export type MetricsTick = {
  readonly component: string
  readonly epoch: string
  readonly measuredAt?: Instant
  readonly from: Instant
  readonly to: Instant
  readonly weight: number
  /** The slot whose counts stand under `candidate`; in the watch after a rollback that is the slot returned to. */
  readonly judged: Slot
  /** Counters that began at 0 again since the last tick (the source restarted). */
  readonly restarted: { readonly live: boolean; readonly candidate: boolean }
  readonly live: RoleCountsDelta
  readonly candidate: RoleCountsDelta
  /** Segments that were asked for anything, by name; absent where the source tells none, and in logs of earlier versions. */
  readonly segments?: Readonly<Record<string, SegmentTick>>
}
