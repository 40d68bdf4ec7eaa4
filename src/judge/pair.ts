/**
 * Two sides as the ticks that the analysis is fed. A tick is judged where both sides have it. What live has before the
 * candidate's first is its past; where all of live is past, the candidate is judged alone against it.
 */
import type { MetricsTick, RoleCountsDelta } from '../core/analysis/state.ts'
import { histogramOf } from '../core/classic-buckets.ts'
import type { Histogram, Role } from '../core/observed.ts'
import { say } from '../core/say.ts'
import { instant } from '../core/time.ts'
import type { SeriesProblem, SideTick } from './series.ts'

export type Sides = { readonly candidate: readonly SideTick[]; readonly live: readonly SideTick[] }

export type Pairs = {
  readonly ok: true
  readonly ticks: readonly MetricsTick[]
  readonly tickMs: number
  /** Live has nothing beside the candidate. */
  readonly alone: boolean
  /** Of the candidate, percent: of all requests while it had traffic. */
  readonly weight: number
}
export type Paired = Pairs | { readonly ok: false; readonly problems: readonly SeriesProblem[] }

/** A tick may come late by half of one before the time in between counts as not observed. */
const LATE = 1.5
const NO_LATENCY: Histogram = { base: 1.02, unitMs: 0.1, counts: {} }

/** `tickMs` null: the usual distance of two ticks. */
export function pair(sides: Sides, name: string, given: number | null): Paired {
  const tickMs = given ?? usualDistance(sides.candidate) ?? usualDistance(sides.live)
  const problems = [...emptyProblems(sides), ...segmentProblems(sides), ...(tickMs === null ? [UNKNOWN_LENGTH] : [])]
  const [first] = sides.candidate
  if (first === undefined || tickMs === null || problems.length > 0) return { ok: false, problems }
  const alone = sides.live.every(({ at }) => at < first.at)
  const apart = alone ? [] : unmatched(sides, first.at)
  if (apart.length > 0) return { ok: false, problems: apart }
  const weight = alone ? 100 : shareOf(sides, first.at)
  const past = sides.live.filter(({ at }) => at < first.at)
  const ticks = [
    ...past.map((live, index) => tickOf({ live, before: past[index - 1], name, tickMs, weight: 0 })),
    ...beside(sides, { past: past.at(-1), name, tickMs, weight }),
  ]
  return { ok: true, ticks, tickMs, alone, weight }
}

const UNKNOWN_LENGTH: SeriesProblem = {
  of: 'candidate',
  index: null,
  said: say`one tick does not say how long it is: say its length, or give more of them`,
}

function emptyProblems(sides: Sides): readonly SeriesProblem[] {
  return (['candidate', 'live'] as const)
    .filter((of) => sides[of].length === 0)
    .map((of) => ({ of, index: null, said: say`there are no counts` }))
}

/** Segments of one side alone could not be compared. */
function segmentProblems(sides: Sides): readonly SeriesProblem[] {
  const tells = (of: Role) => sides[of].some(({ segments }) => segments !== undefined)
  if (tells('candidate') === tells('live')) return []
  const said = say`tells no segments, and the other side does: both need them, or neither`
  return [{ of: tells('live') ? 'candidate' : 'live', index: null, said }]
}

/** The median, so that a gap does not count. */
function usualDistance(ticks: readonly SideTick[]): number | null {
  const distances = ticks.slice(1).map(({ at }, index) => at - ticks[index]!.at)
  return distances.toSorted((left, right) => left - right)[Math.floor(distances.length / 2)] ?? null
}

/** From the candidate's first tick on each side has what the other has: silence of one is no zero (law L3). */
function unmatched({ candidate, live }: Sides, from: number): readonly SeriesProblem[] {
  const [ofCandidate, ofLive] = [candidate, live].map((ticks) => new Set(ticks.map(({ at }) => at)))
  const missing = say`the other side has nothing at this time: both need a line for each tick, with 0 where nothing was asked`
  const late = say`the candidate's counts end before this one: leave out what cannot be compared`
  const last = candidate.at(-1)!.at
  return [
    ...candidate.flatMap(({ at }, index) =>
      ofLive!.has(at) ? [] : [{ of: 'candidate', index, said: missing } as const],
    ),
    ...live.flatMap(({ at }, index) => {
      if (at < from || ofCandidate!.has(at)) return []
      return [{ of: 'live', index, said: at > last ? late : missing } as const]
    }),
  ]
}

/** Whole percent, from 1 to 99: of the share that was really meant for it nobody told us. */
function shareOf({ candidate, live }: Sides, from: number): number {
  const sum = (ticks: readonly SideTick[]) =>
    ticks.reduce((all, { at, requests }) => (at < from ? all : all + requests), 0)
  const own = sum(candidate)
  return Math.min(99, Math.max(1, Math.round((100 * own) / Math.max(1, own + sum(live)))))
}

type Beside = {
  readonly past: SideTick | undefined
  readonly name: string
  readonly tickMs: number
  readonly weight: number
}

function beside({ candidate, live }: Sides, { past, ...rest }: Beside): readonly MetricsTick[] {
  const liveAt = new Map(live.map((tick) => [tick.at, tick]))
  return candidate.map((tick, index) => {
    const before = candidate[index - 1] ?? past
    const other = liveAt.get(tick.at)
    return tickOf({ candidate: tick, ...(other && { live: other }), before, ...rest })
  })
}

type One = Omit<Beside, 'past'> & {
  readonly candidate?: SideTick
  readonly live?: SideTick
  readonly before: SideTick | undefined
}

function tickOf({ candidate, live, before, name, tickMs, weight }: One): MetricsTick {
  const { at, from } = (candidate ?? live)!
  const since = before === undefined || at - before.at > LATE * tickMs ? at - tickMs : before.at
  return {
    component: name,
    epoch: '',
    from: instant(from ?? since),
    to: instant(at),
    weight,
    judged: 'green',
    restarted: { live: false, candidate: false },
    live: countsOf(live),
    candidate: countsOf(candidate),
  }
}

function countsOf(tick: SideTick | undefined): RoleCountsDelta {
  return {
    requests: tick?.requests ?? 0,
    errors: tick?.errors ?? 0,
    latency: latencyOf(tick),
    inFlight: 0,
    waitingOldestMs: 0,
    readiness: null,
    logLines: null,
    memoryBytes: null,
  }
}

/** Edges that rise and end with Infinity were seen to by whoever read them. */
function latencyOf(tick: SideTick | undefined): Histogram {
  if (!tick?.latency) return NO_LATENCY
  const mapped = histogramOf(new Map(tick.latency), 1)
  if (!mapped.ok) throw new Error(`the latencies of the tick at ${tick.at}: ${mapped.why}`)
  return mapped.histogram
}
