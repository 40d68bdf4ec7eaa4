/**
 * Sums the counters of all workers there were and are, so that they only ever grow while the router lives. What a worker
 * counted in the quarter second before it was killed is lost; a count never goes back.
 */
import { emptyHistogram, merge } from '../histogram.ts'
import { SLOTS, type SlotName } from '../pick.ts'
import type { RouteReport, SegmentCounts, SlotCounts, SlotReport, WorkerReport } from '../protocol.ts'

const ZERO: SlotReport = {
  requests: 0,
  errors: 0,
  clientAborts: 0,
  connectFailures: 0,
  retries: 0,
  completions: 0,
  latencySumMs: 0,
  latency: emptyHistogram(),
  segments: {},
  inFlight: 0,
  waitingOldestMs: 0,
}

export type SlotTotals = Readonly<Record<SlotName, SlotReport>>

export class Tally {
  /** Counts of workers that are gone, by incarnation of the route. */
  readonly #past = new Map<number, Record<SlotName, SlotCounts>>()

  bury({ routes }: WorkerReport): void {
    for (const { incarnation, slots } of routes) {
      const past = this.#past.get(incarnation)
      if (!past) this.#past.set(incarnation, { ...slots })
      else for (const name of SLOTS) past[name] = add({ ...ZERO, ...past[name] }, slots[name])
    }
  }

  forget(incarnation: number): void {
    this.#past.delete(incarnation)
  }

  /** Past and present of one route. */
  totals(incarnation: number, reports: Iterable<WorkerReport>): SlotTotals {
    const past = this.#past.get(incarnation)
    const present = [...reports].flatMap(({ routes }) => routes.filter((route) => route.incarnation === incarnation))
    return { blue: total('blue', past, present), green: total('green', past, present) }
  }
}

function total(
  name: SlotName,
  past: Record<SlotName, SlotCounts> | undefined,
  present: readonly RouteReport[],
): SlotReport {
  const gone = past ? { ...ZERO, ...past[name], inFlight: 0, waitingOldestMs: 0 } : ZERO
  return present.reduce((sum, route) => add(sum, route.slots[name]), gone)
}

function add(a: SlotReport, b: SlotReport): SlotReport {
  return {
    requests: a.requests + b.requests,
    errors: a.errors + b.errors,
    clientAborts: a.clientAborts + b.clientAborts,
    connectFailures: a.connectFailures + b.connectFailures,
    retries: a.retries + b.retries,
    completions: a.completions + b.completions,
    latencySumMs: a.latencySumMs + b.latencySumMs,
    latency: merge(a.latency, b.latency),
    segments: addSegments(a.segments, b.segments),
    inFlight: a.inFlight + b.inFlight,
    waitingOldestMs: Math.max(a.waitingOldestMs, b.waitingOldestMs),
  }
}

/** Workers that are gone may have learned others than those there are; more than so many are not remembered. */
const NAMES_MAX = 60

type Named = SlotReport['segments']

function addSegments(a: Named, b: Named): Named {
  const sum: Record<string, SegmentCounts> = { ...a }
  for (const [name, more] of Object.entries(b)) {
    const known = sum[name]
    sum[name] = known === undefined ? more : addSegment(known, more)
  }
  const names = Object.keys(sum)
  if (names.length <= NAMES_MAX) return sum
  const most = Object.entries(sum).toSorted(([, left], [, right]) => right.requests - left.requests)
  return Object.fromEntries(most.slice(0, NAMES_MAX))
}

function addSegment(a: SegmentCounts, b: SegmentCounts): SegmentCounts {
  return { requests: a.requests + b.requests, errors: a.errors + b.errors, latency: merge(a.latency, b.latency) }
}
