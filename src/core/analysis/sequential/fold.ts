/**
 * One tick into the sequential comparison. What a bet is placed by (live's past rates, its health, the bins) is always
 * what was known before the tick; only then does the tick become part of the past.
 */
import { type RoleCells, roleCells } from '../tick.ts'
import { type Cells, countFrom, firstBucketAbove, NO_CELLS, total } from '../../histogram.ts'
import { pack, sumPacked } from '../packed.ts'
import type { MetricsTick, RoleCountsDelta } from '../state.ts'
import { betErrors, betLatency, betShare, betStep, burstTicks, type Round } from './bets.ts'
import { againstLive, evidenceOf } from './evidence.ts'
import { HEALTH_BAD, HEALTH_TICKS, type SequentialOptions } from './options.ts'
import { binCells, binsOf } from './bins.ts'
import { evidence, type Wealth } from './wealth.ts'
import { foldSegments } from './segments.ts'
import { addPair, clustering } from './spread.ts'
import { learned } from './wander.ts'
import {
  nearSlow,
  forgotten,
  isOver,
  type Nearness,
  nearErrors,
  NOTHING_FOUND,
  type Watch,
  watched,
} from './standing.ts'
import { addSums, type Row, type SequentialState, type Sums } from './state.ts'
import type { Counts } from './increments.ts'
import type { Instant } from '../../time.ts'

const REFERENCE_CHARS = 512

/** Ticks must have been found to be counts (`countsProblem`) and come in order: `foldTick` sees to both. */
export function foldSequential(
  state: SequentialState,
  options: SequentialOptions,
  tick: MetricsTick,
  // Where no rule compares latencies, none are read.
  cells = options.latency === null ? UNTIMED : roleCells(tick),
): SequentialState {
  const exposed = tick.weight > 0
  const begun = exposed ? begin(state, tick) : state
  const round = roundOf(begun, options, tick, options.latency === null ? UNTIMED : cells)
  return remember(exposed ? play(begun, options, round) : begun, round, segmentsAfter(begun, options, round))
}

function begin(state: SequentialState, tick: MetricsTick): SequentialState {
  if (state.exposedSince !== null && state.bins !== null) return state
  const exposedSince = state.exposedSince ?? tick.from
  const bins = state.bins ?? binsOf(state.reference)
  if (bins === null || state.bins !== null) return { ...state, exposedSince }
  const binnedPast = bins.masses.map((mass) => mass * state.past.timed)
  return { ...state, exposedSince, bins, binnedPast, reference: '' }
}

function roundOf(state: SequentialState, options: SequentialOptions, tick: MetricsTick, cells: RoleCells): Round {
  const slowMs = options.latency?.slowMs ?? Number.POSITIVE_INFINITY
  return {
    tick,
    candidate: sumsOf(tick.candidate, cells.candidate, slowMs),
    live: sumsOf(tick.live, cells.live, slowMs),
    cells,
    liveBinned: state.bins && binCells(cells.live, state.bins.edges, 0),
    alone: tick.weight >= 100,
    warm: state.exposedSince !== null && tick.from - state.exposedSince >= options.warmUpMs,
    healthy: liveHealth(state.recent, options),
  }
}

function segmentsAfter(
  { segments, spread }: SequentialState,
  options: SequentialOptions,
  { tick, alone, warm }: Round,
): Pick<SequentialState, 'segments'> {
  if (segments === undefined) return {}
  if (tick.segments === undefined) return { segments }
  const exposed = tick.weight > 0
  const round = { exposed, alone, warm, clustering: clustering(spread) }
  return { segments: foldSegments(segments, tick.segments, options, round) }
}

const UNTIMED: RoleCells = { candidate: NO_CELLS, live: NO_CELLS }

function play(state: SequentialState, options: SequentialOptions, round: Round): SequentialState {
  const { candidate, live, tick } = round
  const missed = candidate.n > 0 || tick.candidate.inFlight > 0 || round.alone
  const played: SequentialState = {
    ...state,
    ...held(state, options, round),
    share: betShare(state, options, round),
    step: betStep(state, options, round),
    compared: { candidate: addSums(state.compared.candidate, candidate), live: addSums(state.compared.live, live) },
    burstTicks: burstTicks(state, options, round),
    badTicks: state.badTicks + (candidate.x > 0 || candidate.slow > 0 ? 1 : 0),
    idleTicks: candidate.n > 0 ? 0 : state.idleTicks + 1,
    missedNats: missed ? 0 : state.missedNats - live.n * Math.log1p(-tick.weight / 100),
  }
  const grew = slowerOf(played) > slowerOf(state)
  const badTicks = played.badTicks === state.badTicks && grew ? state.badTicks + 1 : played.badTicks
  return { ...played, badTicks, peak: Math.max(state.peak, evidenceOf(played).rollback) }
}

/** The bets of this tick, and what of them may count against the candidate. */
function held(state: SequentialState, options: SequentialOptions, round: Round) {
  const { errors, alone } = betErrors(state, options, round)
  const latency = betLatency(state, options, round)
  const [ofErrors, ofLatency] = [
    watchErrors(state, options, round, againstLive(errors)),
    watchLatency(state, options, round, slowerOf({ latency })),
  ]
  return {
    alone,
    errors: ofErrors.over && errors ? forgetting(errors, ['relative', 'strict']) : errors,
    latency: ofLatency.over && latency ? forgetting(latency, ['slower', 'strict']) : latency,
    watches: { errors: ofErrors.watch, latency: ofLatency.watch },
  }
}

type Watched = { readonly watch: Watch; readonly over: boolean }

function watchErrors(state: SequentialState, options: SequentialOptions, round: Round, evidence: number): Watched {
  const { n, x } = round.candidate
  const isNear = nearErrors(options.errors?.limit ?? 1)
  return watchOf(state.watches.errors, { at: round.tick.to, evidence, tick: { n, x } }, options, isNear)
}

function watchLatency(state: SequentialState, options: SequentialOptions, round: Round, evidence: number): Watched {
  const { timed, slow } = round.candidate
  const isNear = nearSlow(options.latency?.slowShare ?? 1)
  return watchOf(state.watches.latency, { at: round.tick.to, evidence, tick: { n: timed, x: slow } }, options, isNear)
}

type Shown = { readonly at: Instant; readonly evidence: number; readonly tick: Counts }

function watchOf(watch: Watch, shown: Shown, { patienceMs }: SequentialOptions, isNear: Nearness): Watched {
  const nats = Math.log(shown.evidence)
  const next = watched(watch, { at: shown.at, nats, tick: shown.tick }, { patienceMs, isNear })
  const over = isOver(next, nats)
  return { watch: over ? NOTHING_FOUND : next, over }
}

function forgetting<K extends string, T extends Readonly<Record<K, Wealth>>>(wealth: T, names: readonly K[]): T {
  return { ...wealth, ...Object.fromEntries(names.map((name) => [name, forgotten(wealth[name])])) }
}

function slowerOf({ latency }: Pick<SequentialState, 'latency'>): number {
  return latency === null ? 1 : evidence(latency.slower)
}

function remember(
  state: SequentialState,
  { tick, live, liveBinned }: Round,
  { segments }: Pick<SequentialState, 'segments'>,
): SequentialState {
  const row: Row = [live.n, live.x, live.timed, live.slow]
  const [n, x] = state.recent.at(-1) ?? [0, 0]
  const known = {
    ...state,
    ...(segments && { segments }),
    past: addSums(state.past, live),
    spread: addPair(state.spread, { n, x }, live),
    wandering: learned(state.wandering, state.recent, live, tick.to - tick.from),
    recent: [...state.recent.slice(1 - RECENT_TICKS), row],
  }
  if (state.latency === null) return known
  if (liveBinned === null) {
    const texts = [state.reference, pack(tick.live.latency, REFERENCE_CHARS)]
    return { ...known, reference: sumPacked(texts, REFERENCE_CHARS) }
  }
  return { ...known, binnedPast: liveBinned.map((count, bin) => count + (state.binnedPast[bin] ?? 0)) }
}

const RECENT_TICKS = Math.max(...HEALTH_TICKS)

/** Errors that outnumber the answers are of requests past their deadline: they count as requests. */
function sumsOf({ requests, errors, latency }: RoleCountsDelta, cells: Cells, slowMs: number): Sums {
  const slow = countFrom(cells, firstBucketAbove(latency, slowMs))
  return { n: Math.max(requests, errors), x: errors, timed: total(cells.counts), slow }
}

/** Whether live kept its limits in its newest ticks. */
export function liveHealth(recent: readonly Row[], { errors, latency }: SequentialOptions): Round['healthy'] {
  return {
    errors: errors === null || isHealthy(recent, 0, errors.limit),
    latency: latency === null || isHealthy(recent, 2, latency.slowShare),
  }
}

/** `column` holds the requests, the one after it the bad ones. */
function isHealthy(recent: readonly Row[], column: 0 | 2, limit: number): boolean {
  return HEALTH_TICKS.every((ticks) => {
    let all = 0
    let bad = 0
    for (let tick = Math.max(0, recent.length - ticks); tick < recent.length; tick++) {
      all += recent[tick]![column]
      bad += recent[tick]![column === 0 ? 1 : 3]
    }
    return bad < HEALTH_BAD || bad <= limit * all
  })
}
