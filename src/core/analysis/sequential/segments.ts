/**
 * Segments of the traffic (routes, tenants, regions), each with a wealth of its own: a dead endpoint of twenty is lost in
 * the errors of all, and plain in its own. They share a small part of the chance to go back without cause, equally, so each
 * has to show that much more: that costs a dead endpoint a few requests, and the whole next to nothing.
 *
 * A segment only ever takes the candidate back, and only for what breaks a limit within it: most have too few requests to
 * pass or hold anything, and what heals below the limits is for the whole to be patient with. Three bets each:
 *
 * - `errors`: its errors beside live's in the same segment, valid under anything that moves both;
 * - `dead`: most of its requests fail, though live's past says that they do not. Armed from the first request, as a cold
 *   start does not fail most of one route; it needs no errors of live to tell something at half of the traffic or alone;
 * - `slow`: its requests beyond the limit beside live's in the same segment.
 *
 * Rejected: the whole comparison once for each segment (6 KiB and 4 µs a tick each), latency bins for each (a rare route
 * never has the requests that they need).
 */
import type { Segment, SegmentTick } from '../../observed.ts'
import type { SequentialOptions } from './options.ts'
import type { Counts } from './increments.ts'

/** What is not bet yet, then one stake per expert. Rounded down, so that a state of twenty stays small. */
export type Row = readonly number[]

/** Rows and not members with names, since twenty of them stand in one state. */
export type SegmentState = {
  /** Live's requests and errors so far, and the newest ones: each older tick is worth nine tenths of the next. */
  readonly live: readonly [n: number, x: number, recentN: number, recentX: number]
  readonly run: Run
  readonly errors: Row
  /** Ticks since the last one with errors, and its requests since: what they cost `dead` is settled with the next one. */
  readonly good: readonly [ticks: number, requests: number]
  readonly dead: Row
  readonly slow: Row
}

/**
 * The candidate and live since the evidence was last 1 or less: what a verdict tells, and what has to break a limit. Then the
 * ticks of it with something bad in them, and the newest ones in a row in which most requests failed.
 */
export type Run = readonly [...candidate: Segment, ...live: Segment, badTicks: number, deadTicks: number]

export type SegmentStates = Readonly<Record<string, SegmentState>>

/** How a tick is bet on: what the whole knows of it. */
export type SegmentRound = {
  readonly exposed: boolean
  readonly alone: boolean
  readonly warm: boolean
  /** How many errors of live come at once. */
  readonly clustering: number
}

const EXPERTS = 2
const BEGUN: Row = [1, ...Array.from({ length: EXPERTS }, () => 0)]
const NEW_SEGMENT: SegmentState = {
  live: [0, 0, 0, 0],
  run: [0, 0, 0, 0, 0, 0, 0, 0],
  errors: BEGUN,
  good: [0, 0],
  dead: BEGUN,
  slow: BEGUN,
}

/** Odds of the candidate to live's in a segment: many times worse, or dead. What is milder is for the whole to find. */
const ODDS = [4, 20] as const
/** Odds to the worst that live's past allows: half of the requests fail, or all. */
const DEAD_ODDS = [5, 100] as const
/** A route of which fewer fail may be just starting. */
const DEAD_RATE = 0.15
/** A tick tells so much at most, nats, until most requests failed in three of them in a row: a hiccup fills no more. */
const TICK_NATS = 1.6
const DEAD_TICK_NATS = 1.9
const LASTING_NATS = 12
const HICCUP_TICKS = 3
const RECENT_KEPT = 0.9

const FIRST = 0.7
/** Of what is not bet yet: of `errors` and `slow` per tick with something bad in it, of `dead` per tick of a rollout. */
const HAZARD = 1 / 100

/** Names come in the order of their requests, so the largest are judged where there are more than may be. */
export function foldSegments(
  states: SegmentStates,
  ticks: Readonly<Record<string, SegmentTick>>,
  options: SequentialOptions,
  round: SegmentRound,
): SegmentStates {
  const most = options.segments ?? 0
  const next: Record<string, SegmentState> = { ...states }
  let known = Object.keys(states).length
  for (const name of Object.keys(ticks)) {
    const state = states[name]
    if (state === undefined && known >= most) continue
    if (state === undefined) known += 1
    const tick = ticks[name]!
    const before = state ?? NEW_SEGMENT
    next[name] = tick.begun === true ? before : foldSegment(before, tick, options, round)
  }
  return next
}

function foldSegment(
  state: SegmentState,
  tick: SegmentTick,
  options: SequentialOptions,
  round: SegmentRound,
): SegmentState {
  const played = round.exposed && tick.candidate[0] > 0 ? play(state, tick, options, round) : state
  const [allN, allX, recentN, recentX] = state.live
  const [n, x] = tick.live
  if (n === 0) return played
  const recent = [rounded(RECENT_KEPT * recentN + n), rounded(RECENT_KEPT * recentX + x)] as const
  return { ...played, live: [allN + n, allX + x, ...recent] }
}

/** Most ticks of most segments bring nothing bad: these are only counted. */
function play(state: SegmentState, tick: SegmentTick, options: SequentialOptions, round: SegmentRound): SegmentState {
  const [n, x, slow] = tick.candidate
  const { run, good } = state
  const isCalm = x + slow + tick.live[1] + tick.live[2] === 0
  if (isCalm && run[0] === 0 && run[7] === 0) return { ...state, good: [good[0] + 1, good[1] + n] }
  const deadTicks = 2 * x >= n ? run[7] + 1 : 0
  const lasting = deadTicks > HICCUP_TICKS
  const next = {
    ...state,
    ...besideLive(state, tick, options, { ...round, lasting }),
    ...(x === 0 ? { good: [good[0] + 1, good[1] + n] as const } : betDead(state, tick, lasting, options)),
  }
  const goesOn = evidenceOfSegment(next, options) > 1
  return { ...next, run: goesOn ? longer(run, tick, x > 0 || slow > 0, deadTicks) : ended(deadTicks) }
}

/** Both comparisons with live; not while the candidate starts, nor where live was asked for nothing. */
function besideLive(
  { errors, slow }: SegmentState,
  { candidate, live }: SegmentTick,
  options: SequentialOptions,
  { warm, alone, clustering, lasting }: SegmentRound & { readonly lasting: boolean },
): Pick<SegmentState, 'errors' | 'slow'> {
  if (!warm || alone || live[0] === 0) return { errors, slow }
  const sides = (bad: 1 | 2): Beside => ({
    candidate: { n: candidate[0], x: candidate[bad] },
    live: { n: live[0], x: live[bad] },
  })
  const ofErrors = {
    tolerated: 1 + (options.errors?.tolerance ?? 0),
    clustering,
    most: lasting ? LASTING_NATS : TICK_NATS,
  }
  const ofLatency = { tolerated: 1 + (options.latency?.tolerance ?? 0), clustering: 1, most: TICK_NATS }
  return {
    errors: options.errors === null ? errors : againstLive(errors, sides(1), ofErrors),
    slow: options.latency === null ? slow : againstLive(slow, sides(2), ofLatency),
  }
}

function longer(run: Run, { candidate, live }: SegmentTick, isBad: boolean, deadTicks: number): Run {
  const [n, x, slow, liveN, liveX, liveSlow, badTicks] = run
  return [
    n + candidate[0],
    x + candidate[1],
    slow + candidate[2],
    liveN + live[0],
    liveX + live[1],
    liveSlow + live[2],
    badTicks + (isBad ? 1 : 0),
    deadTicks,
  ]
}

function ended(deadTicks: number): Run {
  return [0, 0, 0, 0, 0, 0, 0, deadTicks]
}

type Beside = { readonly candidate: Counts; readonly live: Counts }
type Settled = { readonly tolerated: number; readonly clustering: number; readonly most: number }

/**
 * Against "its odds are at most `tolerated` times live's": whose the bad requests of a tick are, whatever their number. A tick
 * without any tells nothing, and nothing is staked in it: given their number, the bet is fair.
 */
function againstLive(row: Row, { candidate, live }: Beside, { tolerated, clustering, most }: Settled): Row {
  const bad = candidate.x + live.x
  if (bad === 0) return row
  return bet(row, HAZARD, (expert) => {
    const odds = ODDS[expert]!
    const norm = Math.log((candidate.n * tolerated * odds + live.n) / (candidate.n * tolerated + live.n))
    return Math.min((candidate.x * Math.log(odds) - bad * norm) / clustering, most)
  })
}

/**
 * Against "no more of them fail than live's past allows at worst". Nothing is bet where live fails now as well, as far as it
 * is asked: that is no matter of the candidate's. What was staked in the good ticks before is counted as lost, which is less
 * than it was worth.
 */
function betDead(
  state: SegmentState,
  { candidate, live }: SegmentTick,
  lasting: boolean,
  options: SequentialOptions,
): Pick<SegmentState, 'dead' | 'good'> {
  const [n, x] = candidate
  const [allN, allX, recentN, recentX] = state.live
  const known = worstOf(allN, allX)
  const [asked, failed] = [RECENT_KEPT * recentN + live[0], RECENT_KEPT * recentX + live[1]]
  const { dead, good } = state
  if (options.errors === null || known > MOST_KNOWN || failed > known * asked + 1) return { dead, good }
  const hazard = 1 / options.plannedTicks
  const left = afterGood(dead, good, hazard, known)
  const won = bet(left, hazard, (expert) => {
    const odds = DEAD_ODDS[expert]!
    const nats = x * Math.log(odds) - n * Math.log1p(known * (odds - 1))
    return Math.min(nats, lasting ? LASTING_NATS : DEAD_TICK_NATS)
  })
  return { dead: won, good: [0, 0] }
}

/** The stakes that were held, by so many good requests smaller; the first stake of all was made in the first of these ticks. */
function afterGood(row: Row, [ticks, requests]: SegmentState['good'], hazard: number, known: number): Row {
  if (ticks === 0) return row
  const reserve = row[0]!
  const first = reserve === 1 ? FIRST : 0
  const held = row.slice(1).map((stake, expert) => {
    const left = Math.exp(-requests * Math.log1p(known * (DEAD_ODDS[expert]! - 1)))
    return roundedDown((stake + first / EXPERTS) * left)
  })
  return [roundedDown((reserve - first) * (1 - hazard) ** (ticks - (first > 0 ? 1 : 0))), ...held]
}

/** Where live is known no better than this, or fails so often, a dead candidate is not told from it. */
const MOST_KNOWN = 0.75

/** Twice what live's rate can be at most, by three standard deviations of its errors; never below what may be a cold start. */
function worstOf(n: number, x: number): number {
  return n === 0 ? 1 : Math.max(DEAD_RATE, Math.min(1, (2 * (x + 3 * Math.sqrt(x) + 3)) / n))
}

function bet(row: Row, hazard: number, nats: (expert: number) => number): Row {
  const reserve = row[0]!
  const stake = reserve === 1 ? FIRST : hazard * reserve
  const next = [roundedDown(reserve - stake)]
  for (let expert = 0; expert < EXPERTS; expert++) {
    const held = row[expert + 1]! + stake / EXPERTS
    next.push(roundedDown(Math.min(WEALTH_MAX, held * Math.exp(nats(expert)))))
  }
  return next
}

/** Beyond any evidence that is ever demanded. */
const WEALTH_MAX = 1e6

/** Wealth may be thrown away, never added to. */
function roundedDown(wealth: number): number {
  return wealth >= 1 ? Math.floor(wealth * 100) / 100 : Math.floor(wealth * 1e6) / 1e6
}

function rounded(count: number): number {
  return Math.round(count * 10) / 10
}

type Weights = { readonly errors: number; readonly dead: number; readonly slow: number }
const WEIGHTS: Weights = { errors: 0.4, dead: 0.4, slow: 0.2 }

/** Weights depend on what was configured alone. */
function weightsOf({ errors, latency }: SequentialOptions): Weights {
  if (errors === null) return { errors: 0, dead: 0, slow: 1 }
  return latency === null ? { errors: 0.5, dead: 0.5, slow: 0 } : WEIGHTS
}

function sum(row: Row): number {
  let all = 0
  for (let place = 0; place < row.length; place++) all += row[place]!
  return all
}

/** The weighted mean of evidence is evidence. */
export function evidenceOfSegment({ errors, dead, slow }: SegmentState, options: SequentialOptions): number {
  const weights = weightsOf(options)
  return weights.errors * sum(errors) + weights.dead * sum(dead) + weights.slow * sum(slow)
}

/** What of it may take the candidate back: only what breaks a limit in this segment, and is not live's as well. */
export function dueOfSegment(state: SegmentState, options: SequentialOptions, isAlone: boolean): number {
  const { errors, latency } = options
  const weights = weightsOf(options)
  const [n, x, slow] = state.run
  const isOver = errors !== null && x >= errors.limit * n
  const isSlow = latency !== null && slow >= latency.slowShare * n + 2 * Math.sqrt(latency.slowShare * n)
  const isDead = isOver && 2 * x >= n && (isAlone || standsOut(state.run))
  return (
    (isOver ? weights.errors * sum(state.errors) : 0) +
    (isDead ? weights.dead * sum(state.dead) : 0) +
    (isSlow ? weights.slow * sum(state.slow) : 0)
  )
}

/** Live was asked the same meanwhile, often enough to tell, and fails at most a third as often. */
function standsOut([n, x, , liveN, liveX]: Run): boolean {
  return liveN >= LIVE_ASKED && 3 * liveX * n <= x * liveN
}

const LIVE_ASKED = 3

/** What each segment has to show. */
export function demandedOfSegments({ alpha, segments }: SequentialOptions): number {
  return (segments ?? 1) / (alpha.segments ?? 1)
}

export type Guilty = { readonly name: string; readonly state: SegmentState; readonly evidence: number }

/** The segment with the most evidence, if that takes the candidate back; or if it reaches `demanded`. */
export function guiltySegment(
  states: SegmentStates | undefined,
  options: SequentialOptions,
  isAlone: boolean,
  demanded = demandedOfSegments(options),
): Guilty | null {
  if (states === undefined || !options.segments) return null
  let worst: Guilty | null = null
  for (const name of Object.keys(states)) {
    const state = states[name]!
    const [, , , , , , badTicks, deadTicks] = state.run
    if (Math.max(badTicks, deadTicks) < options.minBadTicks) continue
    const evidence = dueOfSegment(state, options, isAlone)
    if (evidence >= demanded && evidence > (worst?.evidence ?? 0)) worst = { name, state, evidence }
  }
  return worst
}
