/** Which bets a tick allows, and what each is settled at. A test that may not bet this tick keeps its wealth. */
import type { RoleCells } from '../tick.ts'
import type { MetricsTick } from '../state.ts'
import {
  ABSOLUTE_PRIOR,
  absoluteIncrements,
  bernoulli,
  COLD_RATES,
  coldIncrements,
  type Counts,
  isBurst,
  ODDS_PRIOR,
  type Past,
  relativeIncrements,
  TICK_NATS,
  timesOdds,
} from './increments.ts'
import { againstPast } from './alone.ts'
import { ACCEPT_EXPERTS, HEALTH_TICKS, SHARE_ODDS, type SequentialOptions } from './options.ts'
import { binCells, slackBuckets } from './bins.ts'
import { ORDINAL_PRIOR, ordinalExperts, ordinalIncrements, ordinalIncrementsAlone } from './ordinal.ts'
import { clustering } from './spread.ts'
import {
  addSums,
  type ErrorWealth,
  type LatencyWealth,
  type SequentialState,
  type StepEvidence,
  type Sums,
} from './state.ts'
import { AT_ONCE, bet, type Onset, uniform, type Wealth } from './wealth.ts'

/** A tick as the bets see it. */
export type Round = {
  readonly tick: MetricsTick
  readonly candidate: Sums
  readonly live: Sums
  readonly cells: RoleCells
  /** Live's latencies per bin; null as long as there are no bins. */
  readonly liveBinned: readonly number[] | null
  /** The candidate has all traffic: nothing is beside it to compare with. */
  readonly alone: boolean
  /** The cold start is over. */
  readonly warm: boolean
  /** Live was within its limits before this tick. */
  readonly healthy: { readonly errors: boolean; readonly latency: boolean }
}

const NO_PAST: Past = { rate: 0, clustering: 1 }
const FIVE = uniform(5)
const THREE = uniform(3)

export type ErrorBets = { readonly errors: ErrorWealth | null; readonly alone: SequentialState['alone'] }

export function betErrors(state: SequentialState, options: SequentialOptions, round: Round): ErrorBets {
  const { errors } = state
  const unchanged = { errors, alone: round.alone ? state.alone : null }
  if (errors === null || options.errors === null || round.candidate.n === 0) return unchanged
  const { floor } = options.errors
  const known = knownOf(state)
  const onset = onsetOf(options)
  const told = toldOfErrors(state, options.errors, round, known)
  const atFloor = round.warm ? absoluteIncrements(round.candidate, floor, known) : null
  const wealth = {
    relative: settle(errors.relative, told.relative, ODDS_PRIOR, onset),
    strict: settle(errors.strict, told.strict, ODDS_PRIOR, onset),
    floor: settle(errors.floor, atFloor, ABSOLUTE_PRIOR, onset),
    limit: settle(errors.limit, round.healthy.errors ? told.limit : null, ABSOLUTE_PRIOR, onset),
    limitUngated: settle(errors.limitUngated, told.limit, ABSOLUTE_PRIOR, onset),
  }
  return { errors: wealth, alone: told.alone ?? unchanged.alone }
}

type ToldOfErrors = {
  readonly relative: readonly number[] | null
  readonly strict: readonly number[] | null
  readonly limit: readonly number[]
  readonly alone?: SequentialState['alone']
}

/** Against live beside it, or where nothing is beside it against live's past. */
function toldOfErrors(
  state: SequentialState,
  { limit, floor, tolerance }: NonNullable<SequentialOptions['errors']>,
  round: Round,
  known: Past,
): ToldOfErrors {
  const { candidate, warm, alone } = round
  if (warm && alone && state.past.n > 0) {
    const seen = { past: errorsOf(state.past), wandering: state.wandering, known, limit, floor }
    return againstPast(state.alone, errorsOf(candidate), seen)
  }
  const relative = (odds: number) => (alone ? null : errorsAgainstLive(round, odds, known))
  const besideLive = { relative: relative(1 + tolerance), strict: relative(1) }
  if (warm && !alone && isLiveTooSmall(round, limit)) {
    const seen = { past: errorsOf(state.past), wandering: state.wandering, known, limit, floor }
    const told = againstPast(state.alone, errorsOf(candidate), seen)
    return { ...besideLive, limit: told.limit, alone: told.alone }
  }
  return {
    ...besideLive,
    limit: warm
      ? absoluteIncrements(candidate, limit, known)
      : coldIncrements(candidate, limit, COLD_RATES.errors, known),
  }
}

/** At the limit so many of live's requests have to be bad in two minutes, as it is asked now, that its suffering is seen. */
const SUFFERS_SEEN = 10

/**
 * Live keeps a control share, of which a few minutes cannot tell whether it breaks the limit as well: the limit is then held
 * against how live's rate wanders, as if nothing were beside the candidate.
 */
function isLiveTooSmall({ tick, live }: Round, limit: number): boolean {
  return tick.weight > 50 && Math.max(...HEALTH_TICKS) * limit * live.n < SUFFERS_SEEN
}

function knownOf({ past, spread, burstTicks }: SequentialState): Past {
  return { rate: rateOf(errorsOf(past)), clustering: clustering(spread), burstTicks }
}

/** How many ticks in a row errors came in such numbers that they may be a burst; none while the candidate starts. */
export function burstTicks({ burstTicks }: SequentialState, options: SequentialOptions, round: Round): number {
  if (options.errors === null || round.candidate.n === 0) return burstTicks
  return round.warm && isBurst(round.candidate, options.errors.limit) ? burstTicks + 1 : 0
}

/** Null during the warm-up and where there is nothing to compare with. */
function errorsAgainstLive({ candidate, live, warm }: Round, odds: number, known: Past): readonly number[] | null {
  return !warm || live.n === 0 ? null : relativeIncrements(candidate, live, odds, known)
}

export function betLatency(state: SequentialState, options: SequentialOptions, round: Round): LatencyWealth | null {
  const { latency } = state
  if (latency === null || options.latency === null || round.candidate.timed === 0) return latency
  const { slowShare } = options.latency
  const onset = onsetOf(options)
  const slow = { n: round.candidate.timed, x: round.candidate.slow }
  const past = { rate: rateOf({ n: state.past.timed, x: state.past.slow }), clustering: 1 }
  const atLimit = round.warm
    ? absoluteIncrements(slow, slowShare, past)
    : coldIncrements(slow, slowShare, COLD_RATES.slow, past)
  const slower = slowerThanLive(state, round, options.latency)
  return {
    slower: settle(latency.slower, slower?.tolerant ?? null, ORDINAL_PRIOR, onset),
    strict: settle(latency.strict, slower?.strict ?? null, ORDINAL_PRIOR, onset),
    slow: settle(latency.slow, round.healthy.latency ? atLimit : null, ABSOLUTE_PRIOR, onset),
    slowUngated: settle(latency.slowUngated, atLimit, ABSOLUTE_PRIOR, onset),
  }
}

/** The bets on "slower than live"; null during the warm-up and where there is nothing to compare with. */
function slowerThanLive(
  { bins, binnedPast }: SequentialState,
  { tick, alone, warm, live, cells, liveBinned }: Round,
  { tolerance, toleranceAlone }: NonNullable<SequentialOptions['latency']>,
): { readonly tolerant: readonly number[]; readonly strict: readonly number[] } | null {
  if (!warm || bins === null || (!alone && live.timed === 0)) return null
  const experts = ordinalExperts(bins)
  const forgiving = (share: number) =>
    binCells(cells.candidate, bins.edges, slackBuckets(tick.candidate.latency.base, share))
  if (alone) {
    const both = capped(ordinalIncrementsAlone(forgiving(toleranceAlone), binnedPast, experts))
    return { tolerant: both, strict: both }
  }
  const sorted = { tolerant: forgiving(tolerance), strict: forgiving(0) }
  const { tolerant, strict } = ordinalIncrements(sorted, liveBinned ?? [], experts)
  return { tolerant: capped(tolerant), strict: capped(strict) }
}

function capped(increments: readonly number[]): readonly number[] {
  return increments.map((nats) => Math.min(nats, TICK_NATS))
}

/** Two label tests, for a share above and one below what was set; with sticky sessions below is normal. */
export function betShare(state: SequentialState, options: SequentialOptions, round: Round): SequentialState['share'] {
  const { candidate, live, alone, tick } = round
  const n = candidate.n + live.n
  if (alone || n === 0) return state.share
  const weight = tick.weight / 100
  const onset = onsetOf(options)
  // What it owes was routed to it, though not answered yet: a slow candidate is not one that gets too little.
  const owed = tick.candidate.inFlight >= weight * n - candidate.n
  const against = (wealth: Wealth, x: number, share: number, most = Number.POSITIVE_INFINITY) => {
    const won = absoluteIncrements({ n, x }, timesOdds(share, SHARE_ODDS), NO_PAST).map((nats) => Math.min(nats, most))
    return settle(wealth, won, FIVE, onset)
  }
  return {
    above: against(state.share.above, candidate.n, weight),
    below: options.stickySessions
      ? state.share.below
      : against(state.share.below, live.n, 1 - weight, owed ? 0 : undefined),
  }
}

/**
 * Evidence for a step is what happened wholly within it and at its weight (law L3). Where live broke a limit before the tick,
 * nothing is bet on the candidate's keeping it: that is known in advance, so the evidence stays valid.
 */
export function betStep({ step }: SequentialState, options: SequentialOptions, round: Round): StepEvidence {
  const { tick, candidate, healthy } = round
  if (step.at === null || tick.from < step.at || tick.weight !== step.weight) return step
  const slow = { n: candidate.timed, x: candidate.slow }
  return {
    ...step,
    candidate: addSums(step.candidate, candidate),
    accept: healthy.errors ? accepting(step.accept, errorsOf(candidate), options.errors?.limit) : step.accept,
    acceptSlow: healthy.latency ? accepting(step.acceptSlow, slow, options.latency?.slowShare) : step.acceptSlow,
  }
}

function accepting(wealth: Wealth, counts: Counts, limit: number | undefined): Wealth {
  if (limit === undefined) return wealth
  return settle(
    wealth,
    ACCEPT_EXPERTS.map((factor) => bernoulli(counts, factor * limit, limit)),
    THREE,
    AT_ONCE,
  )
}

function settle(wealth: Wealth, exponents: readonly number[] | null, prior: readonly number[], onset: Onset): Wealth {
  return exponents === null ? wealth : bet(wealth, exponents, prior, onset)
}

function onsetOf({ first, plannedTicks }: SequentialOptions): Onset {
  return { first, hazard: 1 / plannedTicks }
}

function errorsOf({ n, x }: Sums): Counts {
  return { n, x }
}

function rateOf({ n, x }: Counts): number {
  return n === 0 ? 0 : x / n
}
