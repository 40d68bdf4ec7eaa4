import type { Instant } from '../../time.ts'
import type { Packed } from '../packed.ts'
import { ABSOLUTE_EXPERTS, ODDS_EXPERTS } from './increments.ts'
import type { Bins } from './bins.ts'
import { ORDINAL_PRIOR } from './ordinal.ts'
import { ACCEPT_EXPERTS, type SequentialOptions } from './options.ts'
import type { Alone } from './alone.ts'
import { NOTHING_FOUND, type Watch } from './standing.ts'
import type { SegmentStates } from './segments.ts'
import { NEVER_SEEN, type Wandering } from './wander.ts'
import { initialWealth, type Wealth } from './wealth.ts'

/** Everything remembered of one component: at most 6 KiB of JSON, however long and at however much traffic. */
export type SequentialState = {
  /** Begin of the first tick in which the candidate had traffic. */
  readonly exposedSince: Instant | null
  /** All of live so far, before and beside the candidate: what its past rates are taken from. */
  readonly past: Sums
  /** How unevenly live's errors come: see `clustering`. */
  readonly spread: Spread
  /** How far live's rate wanders, and what the candidate is held to be by that once it is alone. */
  readonly wandering: Wandering
  readonly alone: Alone | null
  /** Live's newest ticks, oldest first, at most 24: `[n, x, timed, slow]` each. */
  readonly recent: readonly Row[]
  /** What has been compared: both sides over the ticks in which the candidate had traffic. */
  readonly compared: { readonly candidate: Sums; readonly live: Sums }
  /** Live's latencies until there are enough of them to make bins; then live's counts per bin. */
  readonly reference: Packed
  readonly bins: Bins | null
  readonly binnedPast: readonly number[]
  readonly errors: ErrorWealth | null
  readonly latency: LatencyWealth | null
  /** What the comparisons with live found, and whether it may take the candidate back yet. */
  readonly watches: { readonly errors: Watch; readonly latency: Watch }
  /** Against "the candidate's share of the traffic is what was set". */
  readonly share: { readonly above: Wealth; readonly below: Wealth }
  readonly step: StepEvidence
  readonly badTicks: number
  /** The newest ticks in a row in which errors came in such numbers that they may be a burst. */
  readonly burstTicks: number
  readonly idleTicks: number
  /** Log-chance that live's requests since the candidate's last one all missed the candidate by luck. */
  readonly missedNats: number
  /** By name; absent where none are judged. */
  readonly segments?: SegmentStates
  /** Greatest evidence for a rollback so far: 1 / this is a p-value at any time. */
  readonly peak: number
}

/** Requests and errors; requests with a known latency and those slower than the limit. */
export type Sums = { readonly n: number; readonly x: number; readonly timed: number; readonly slow: number }

/** Over pairs of neighbouring ticks of live: how far apart their error counts were, and how far chance puts them. */
export type Spread = { readonly pairs: number; readonly seen: number; readonly expected: number }

export type Row = readonly [n: number, x: number, timed: number, slow: number]

export type ErrorWealth = {
  readonly relative: Wealth
  /** The same without any tolerance: for holding. */
  readonly strict: Wealth
  readonly floor: Wealth
  /** Bets only while live was healthy; the other one always. */
  readonly limit: Wealth
  readonly limitUngated: Wealth
}

export type LatencyWealth = {
  readonly slower: Wealth
  readonly strict: Wealth
  readonly slow: Wealth
  readonly slowUngated: Wealth
}

export type StepEvidence = {
  readonly at: Instant | null
  readonly weight: number
  readonly candidate: Sums
  /** For this step alone, against "too many of the candidate's requests fail", and "… are slow". */
  readonly accept: Wealth
  readonly acceptSlow: Wealth
}

export const NOTHING: Sums = { n: 0, x: 0, timed: 0, slow: 0 }

/** Throws on limits that are no rates between 0 and 1: nothing could be bet on them. */
export function initialSequential(options: SequentialOptions): SequentialState {
  demandLimits(options)
  const odds = initialWealth(ODDS_EXPERTS.length)
  const limit = initialWealth(ABSOLUTE_EXPERTS.length)
  const ordinal = initialWealth(ORDINAL_PRIOR.length)
  return {
    exposedSince: null,
    past: NOTHING,
    spread: { pairs: 0, seen: 0, expected: 0 },
    wandering: NEVER_SEEN,
    alone: null,
    recent: [],
    compared: { candidate: NOTHING, live: NOTHING },
    reference: '',
    bins: null,
    binnedPast: [],
    errors: options.errors && { relative: odds, strict: odds, floor: limit, limit, limitUngated: limit },
    latency: options.latency && { slower: ordinal, strict: ordinal, slow: limit, slowUngated: limit },
    watches: { errors: NOTHING_FOUND, latency: NOTHING_FOUND },
    share: { above: limit, below: limit },
    step: stepEvidence(null, 0),
    badTicks: 0,
    burstTicks: 0,
    idleTicks: 0,
    missedNats: 0,
    peak: 1,
    ...(options.segments === undefined ? {} : NO_SEGMENTS),
  }
}

function demandLimits({ errors, latency }: SequentialOptions): void {
  for (const rate of [errors?.limit, errors?.floor, latency?.slowShare]) {
    if (rate !== undefined && !(rate > 0 && rate < 1)) throw new Error(`${rate} is no limit for a share of requests`)
  }
}

const NO_SEGMENTS: Pick<SequentialState, 'segments'> = { segments: {} }

/** Evidence against the candidate goes on over all steps (one α for the rollout); evidence for it begins anew. */
export function beginSequentialStep(
  state: SequentialState,
  { at, weight }: { readonly at: Instant; readonly weight: number },
): SequentialState {
  return { ...state, step: stepEvidence(at, weight) }
}

export function addSums(left: Sums, right: Sums): Sums {
  return {
    n: left.n + right.n,
    x: left.x + right.x,
    timed: left.timed + right.timed,
    slow: left.slow + right.slow,
  }
}

function stepEvidence(at: Instant | null, weight: number): StepEvidence {
  const accept = initialWealth(ACCEPT_EXPERTS.length)
  return { at, weight, candidate: NOTHING, accept, acceptSlow: accept }
}
