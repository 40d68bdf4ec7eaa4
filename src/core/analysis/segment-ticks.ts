/**
 * What happened in each segment between two looks. A segment may come and go while the counters around it go on: a source
 * tells the largest, and forgets what nobody asks for. So one that is new, or whose counters fell, only begins: its counts
 * are of some time before, and read as this tick's they would be a burst that never was.
 */
import type { Segment, Segments, SegmentTick } from '../observed.ts'
import { isCount } from './difference.ts'

/** More than these are not remembered: a source that never stops inventing names costs no memory. */
const SEGMENTS_KNOWN_MAX = 100

type Sides<T> = { readonly candidate: T; readonly live: T }

const NOTHING: Segment = [0, 0, 0]

/** Undefined where the source tells no segments. */
export function segmentTicks(
  before: Sides<Segments | undefined>,
  now: Sides<Segments | undefined>,
  sameEpoch: boolean,
): Readonly<Record<string, SegmentTick>> | undefined {
  if (now.candidate === undefined && now.live === undefined) return undefined
  const known = sameEpoch ? before : { candidate: {}, live: {} }
  const names = new Set([...Object.keys(now.live ?? {}), ...Object.keys(now.candidate ?? {})])
  const told = [...names].slice(0, SEGMENTS_KNOWN_MAX).flatMap((name) => {
    const tick = tickOf(of(known, name), of(now, name))
    return tick === null ? [] : [[name, tick] as const]
  })
  return Object.fromEntries(told)
}

function of({ candidate, live }: Sides<Segments | undefined>, name: string): Sides<Segment | undefined> {
  return { candidate: candidate?.[name], live: live?.[name] }
}

/** Null where it was asked for nothing, or holds what is no count. */
function tickOf(before: Sides<Segment | undefined>, now: Sides<Segment | undefined>): SegmentTick | null {
  const { candidate = NOTHING, live = NOTHING } = now
  if (![...candidate, ...live].every(isCount)) return null
  const isNew = before.candidate === undefined && before.live === undefined
  const more = { candidate: since(before.candidate, candidate), live: since(before.live, live) }
  if (isNew || [...more.candidate, ...more.live].some((count) => count < 0)) return { candidate, live, begun: true }
  return more.candidate[0] + more.live[0] === 0 ? null : more
}

function since(before: Segment = NOTHING, now: Segment): Segment {
  return [now[0] - before[0], now[1] - before[1], now[2] - before[2]]
}

/** The cumulative counts of one side after a tick. */
export function segmentsAfter(
  before: Segments | undefined,
  ticks: Readonly<Record<string, SegmentTick>> | undefined,
  role: 'candidate' | 'live',
): { readonly segments?: Segments } {
  if (ticks === undefined) return before === undefined ? {} : { segments: before }
  const segments: Record<string, Segment> = { ...before }
  for (const [name, tick] of Object.entries(ticks)) {
    const known = segments[name]
    if (known === undefined && Object.keys(segments).length >= SEGMENTS_KNOWN_MAX) continue
    segments[name] = tick.begun === true || known === undefined ? tick[role] : add(known, tick[role])
  }
  return { segments }
}

function add(left: Segment, right: Segment): Segment {
  return [left[0] + right[0], left[1] + right[1], left[2] + right[2]]
}
