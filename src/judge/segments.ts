/**
 * Segments of the traffic (routes, tenants, regions), each judged by itself: a dead endpoint of twenty is lost in the errors of all, and
 * plain in its own. The chance to take a healthy release back stays what it was: half of it is the whole's, the other half is
 * shared by the segments, so evidence has to be that much stronger (the weighted mean of evidence is evidence).
 *
 * A segment only ever takes a release back. What speaks against it less surely, or on both sides, is for the whole to hold
 * by: most segments have too few requests to pass anything.
 */
import type { MetricsTick } from '../core/analysis/state.ts'
import { pair, type Sides } from './pair.ts'
import { type Asked, play, type Played } from './play.ts'
import { type Counts, type SideTick, sumCounts } from './series.ts'

/** More than these are judged together as the last one: evidence that has to be a thousand times stronger comes too late. */
const SEGMENTS_MAX = 20
/** Of the chance to go back without cause, the part of the whole; the rest is that of all segments together. */
export const WHOLE_SHARE = 0.5

/** What has fewer requests than the largest, as one segment. */
const OTHERS = 'other segments'

/** Null where one side does not tell its segments. */
function segmentNames({ candidate, live }: Sides): readonly string[] | null {
  const requests = new Map<string, number>()
  for (const side of [candidate, live]) {
    if (!side.some(({ segments }) => segments !== undefined)) return null
    for (const { segments = {} } of side)
      for (const [name, counts] of Object.entries(segments))
        requests.set(name, (requests.get(name) ?? 0) + counts.requests)
  }
  return [...requests].toSorted(([, left], [, right]) => right - left).map(([name]) => name)
}

export type PlayedSegment = Played & {
  readonly name: string
  readonly ticks: readonly MetricsTick[]
  /** Index of the tick of the candidate that demands the rollback; Infinity where none does. */
  readonly triggeredAt: number
}

/** None where the counts tell no segments, or where no rule compares. */
export function playSegments(sides: Sides, asked: Asked, tickMs: number): readonly PlayedSegment[] {
  const rules = asked.rules.filter(({ kind }) => kind === 'sequential')
  const segments = rules.length === 0 ? [] : segmentsOf(sides)
  const alphaShare = (1 - WHOLE_SHARE) / segments.length
  return segments.map(({ name, sides }) => {
    const whose = `${asked.name} ${name}`
    const paired = pair(sides, whose, tickMs)
    if (!paired.ok) throw new Error(`the segment ${name} has other ticks than the whole`)
    const played = play(paired, { ...asked, rules, name: whose, alphaShare })
    const triggeredAt = played.judgement.triggered.length > 0 ? played.decided : Number.POSITIVE_INFINITY
    return { ...played, name, ticks: paired.ticks, triggeredAt }
  })
}

type Segment = { readonly name: string; readonly sides: Sides }

/** Those with the most requests by themselves, what is left as one: chosen by how much was asked, never by how it ended. */
function segmentsOf(sides: Sides): readonly Segment[] {
  const names = segmentNames(sides)
  if (names === null) return []
  const single = names.length > SEGMENTS_MAX ? names.slice(0, SEGMENTS_MAX - 1) : names
  const others = names.slice(single.length)
  const only = (chosen: readonly string[]): Sides => ({
    candidate: sidePart(sides.candidate, chosen),
    live: sidePart(sides.live, chosen),
  })
  return [
    ...single.map((name) => ({ name, sides: only([name]) })),
    ...(others.length > 0 ? [{ name: OTHERS, sides: only(others) }] : []),
  ]
}

function sidePart(ticks: readonly SideTick[], names: readonly string[]): readonly SideTick[] {
  return ticks.map(({ at, from, segments = {}, latency }) => {
    const found = names.flatMap((name) => segments[name] ?? [])
    return { at, ...(from !== undefined && { from }), ...(found.length > 0 ? sumCounts(found) : nothing(latency)) }
  })
}

function nothing(latency: Counts['latency']): Counts {
  return { requests: 0, errors: 0, latency: latency && latency.map(([edge]) => [edge, 0] as const) }
}
