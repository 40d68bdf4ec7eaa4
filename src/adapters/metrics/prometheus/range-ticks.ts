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

/** Latencies cumulative by edge in ms; null where none were asked for. */
export type RangeCounts = {
  readonly requests: number
  readonly errors: number
  readonly latency: readonly (readonly [upToMs: number, requests: number])[] | null
}

/** As the judge reads them: counts over `(from, at]`, ms since 1970. */
export type RangeTick = RangeCounts & {
  readonly at: number
  readonly from: number
  /** By the values of a label, where one was named; every tick has all of them. */
  readonly segments?: Readonly<Record<string, RangeCounts>>
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

/** Of one side, every tick that is complete; with `segmentBy`, by the values of that label as well. */
export function ticksOf(counters: Counters, grid: Grid, segmentBy: string | null = null): readonly RangeTick[] {
  const scrapes = scrapesOf(counters.requests, grid)
  const complete = completeTicks(scrapes, grid)
  const births = new Map([...scrapes].map(([target, { first }]) => [target, first]))
  const edges = counters.latency && edgesOf(counters.latency)
  const whole = sumsOf(counters, { births, grid, edges })
  const segments = segmentBy === null ? null : segmentsOf(counters, segmentBy, { births, grid, edges })
  return complete.map((index, place) => {
    const since = place === 0 ? index - 1 : complete[place - 1]!
    const within = (sums: Sums) => countsBetween(sums, since, index)
    return {
      at: grid.fromMs + (index + 1) * grid.stepMs,
      from: grid.fromMs + (since + 1) * grid.stepMs,
      ...within(whole),
      ...(segments && { segments: Object.fromEntries([...segments].map(([name, sums]) => [name, within(sums)])) }),
    }
  })
}

/** What happened in each tick of the grid. */
type Sums = {
  readonly requests: readonly number[]
  readonly errors: readonly number[]
  readonly latency: readonly (readonly [upToMs: number, perTick: readonly number[]])[] | null
}
type How = { readonly births: Births; readonly grid: Grid; readonly edges: readonly number[] | null }

function sumsOf({ requests, errors, latency }: Counters, { births, grid, edges }: How): Sums {
  const ofEdge = (edge: number) => (latency ?? []).filter(({ labels }) => edgeOf(labels['le']) === edge)
  return {
    requests: perTick(requests, births, grid),
    errors: perTick(errors, births, grid),
    latency: edges && edges.map((edge) => [edge * grid.latencyUnitMs, perTick(ofEdge(edge), births, grid)] as const),
  }
}

function segmentsOf(counters: Counters, label: string, how: How): ReadonlyMap<string, Sums> {
  const nameOf = ({ labels }: Samples) => labels[label] || `without ${label}`
  const names = [...new Set(counters.requests.map(nameOf))]
  return new Map(
    names.map((name) => {
      const own = (series: readonly Samples[]) => series.filter((each) => nameOf(each) === name)
      const { requests, errors, latency } = counters
      return [name, sumsOf({ requests: own(requests), errors: own(errors), latency: latency && own(latency) }, how)]
    }),
  )
}

/** After the tick `since`, up to and with `index`. */
function countsBetween({ requests, errors, latency }: Sums, since: number, index: number): RangeCounts {
  const sum = (counts: readonly number[]) => counts.slice(since + 1, index + 1).reduce((all, count) => all + count, 0)
  return {
    requests: sum(requests),
    errors: sum(errors),
    latency: latency && latency.map(([edge, counts]) => [edge, sum(counts)] as const),
  }
}

/** Edges are compared as numbers: a Prometheus 3 writes `1.0` where a Prometheus 2 wrote `1`. */
function edgesOf(series: readonly Samples[]): readonly number[] {
  const edges = new Set(series.map(({ labels }) => edgeOf(labels['le'])))
  return [...edges].sort((left, right) => left - right)
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

/** `(from, to]` of tick 0 begins at `fromMs`; below 0 before it. */
function tickAt(seconds: number, { fromMs, stepMs }: Grid): number {
  return Math.ceil((seconds * 1000 - fromMs) / stepMs) - 1
}

function targetOf({ job = '', instance = '' }: Labels): string {
  return JSON.stringify([job, instance])
}
