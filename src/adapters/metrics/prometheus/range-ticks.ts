/**
 * Samples of counters as counts per tick, for who judges a time that is over.
 *
 * What happened between two samples belongs to the tick of the later one. A counter that fell began anew, so its value is
 * what happened since. A series that appears later than its target (the first 500 of an instance) began at 0; with a target's very first
 * samples nothing is counted, since nobody knows since when they were counting. A tick in which a target of either side
 * was not scraped is left out, and what happened in it counts with the next one: silence is no zero (law L3).
 */
import type { Labels, Samples } from './answer.ts'
import { edgeOf } from './counts.ts'

/** As the judge reads them: counts over `(from, at]`, ms since 1970; latencies cumulative by edge in ms. */
export type RangeTick = {
  readonly at: number
  readonly from: number
  readonly requests: number
  readonly errors: number
  readonly latency: readonly (readonly [upToMs: number, requests: number])[] | null
}

export type Counters = {
  readonly requests: readonly Samples[]
  readonly errors: readonly Samples[]
  /** Null where no latencies were asked for. */
  readonly latency: readonly Samples[] | null
}

export type Grid = {
  readonly fromMs: number
  readonly toMs: number
  readonly stepMs: number
  readonly latencyUnitMs: number
}

/** Of one side, every tick that is complete. */
export function ticksOf(counters: Counters, grid: Grid): readonly RangeTick[] {
  const scrapes = scrapesOf(counters.requests, grid)
  const complete = completeTicks(scrapes, grid)
  const births = new Map([...scrapes].map(([target, { first }]) => [target, first]))
  const requests = perTick(counters.requests, births, grid)
  const errors = perTick(counters.errors, births, grid)
  const edges = counters.latency === null ? null : byEdge(counters.latency, births, grid)
  return complete.map((index, place) => {
    const since = place === 0 ? index - 1 : complete[place - 1]!
    const sum = (counts: readonly number[]) => counts.slice(since + 1, index + 1).reduce((all, count) => all + count, 0)
    return {
      at: grid.fromMs + (index + 1) * grid.stepMs,
      from: grid.fromMs + (since + 1) * grid.stepMs,
      requests: sum(requests),
      errors: sum(errors),
      latency: edges && edges.map(([edge, counts]) => [edge, sum(counts)] as const),
    }
  })
}

/** How far apart a target is usually scraped, ms; null of fewer than two samples. */
export function usualInterval(samples: readonly Samples[]): number | null {
  const distances = samples.flatMap(({ samples }) =>
    samples.slice(1).map(([at], index) => (at - samples[index]![0]) * 1000),
  )
  return distances.toSorted((left, right) => left - right)[Math.floor(distances.length / 2)] ?? null
}

type Scrapes = ReadonlyMap<string, { readonly first: number; readonly ticks: ReadonlySet<number> }>

/** When each target was scraped: its first sample, and the ticks that have one; `-1` is the time before the grid. */
function scrapesOf(samples: readonly Samples[], grid: Grid): Scrapes {
  const found = new Map<string, { first: number; ticks: Set<number> }>()
  for (const { labels, samples: each } of samples) {
    const scrapes = found.get(targetOf(labels)) ?? { first: Number.POSITIVE_INFINITY, ticks: new Set<number>() }
    found.set(targetOf(labels), scrapes)
    for (const [at, value] of each) {
      if (!Number.isFinite(value)) continue
      scrapes.first = Math.min(scrapes.first, at)
      scrapes.ticks.add(Math.max(-1, tickAt(at, grid)))
    }
  }
  return found
}

/** Ticks in which every target was scraped that was there before and after; the first of a target counts nothing yet. */
function completeTicks(scrapes: Scrapes, grid: Grid): readonly number[] {
  const targets = [...scrapes.values()].map(({ ticks }) => ({
    ticks,
    from: Math.min(...ticks),
    to: Math.max(...ticks),
  }))
  const indices = Array.from({ length: Math.round((grid.toMs - grid.fromMs) / grid.stepMs) }, (_, index) => index)
  return indices.filter((index) => {
    const there = targets.filter(({ from, to }) => index > from && index <= to)
    return there.length > 0 && there.every(({ ticks }) => ticks.has(index))
  })
}

type Births = ReadonlyMap<string, number>

/** What happened in each tick of the grid, over all series. */
function perTick(series: readonly Samples[], births: Births, grid: Grid): readonly number[] {
  const counts = Array.from({ length: Math.round((grid.toMs - grid.fromMs) / grid.stepMs) }, () => 0)
  for (const { labels, samples } of series) {
    const born = births.get(targetOf(labels)) ?? Number.NEGATIVE_INFINITY
    let before: number | null = null
    for (const [at, value] of samples) {
      if (!Number.isFinite(value)) continue
      const known: number | null = before ?? (at > born ? 0 : null)
      const more = known === null ? 0 : value >= known ? value - known : value
      const index = tickAt(at, grid)
      if (index >= 0 && index < counts.length) counts[index]! += more
      before = value
    }
  }
  return counts
}

type Edges = readonly (readonly [upToMs: number, perTick: readonly number[]])[]

/** Edges are compared as numbers: a Prometheus 3 writes `1.0` where a Prometheus 2 wrote `1`. */
function byEdge(series: readonly Samples[], births: Births, grid: Grid): Edges {
  const groups = Map.groupBy(series, ({ labels }) => edgeOf(labels['le']))
  return [...groups]
    .map(([edge, some]) => [edge * grid.latencyUnitMs, perTick(some, births, grid)] as const)
    .sort(([left], [right]) => left - right)
}

/** `(from, to]` of tick 0 begins at `fromMs`; below 0 before it. */
function tickAt(seconds: number, { fromMs, stepMs }: Grid): number {
  return Math.ceil((seconds * 1000 - fromMs) / stepMs) - 1
}

function targetOf({ job = '', instance = '' }: Labels): string {
  return JSON.stringify([job, instance])
}
