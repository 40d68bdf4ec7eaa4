/**
 * From how many requests of its own on a dead route is found in a step, as that route. Played on the bets that judge it, with
 * requests that come evenly: by chance it is found later in about half of all rollouts.
 */
import { type Part, say } from '../say.ts'
import { foldSegments, guiltySegment, type SegmentStates } from '../analysis/sequential/segments.ts'
import type { SequentialOptions } from '../analysis/sequential/options.ts'
import type { SegmentTick } from '../observed.ts'
import { twoDigitsUp } from './firing.ts'
import type { StepTraffic } from './growth.ts'

const ROUTE = 'route'
/** Halvings of what lies between a request in all of the step and all of the traffic: the rate is right to some percent. */
const HALVINGS = 12

/** Nothing where routes are not judged by themselves. */
export function routeSeen(traffic: StepTraffic, options: SequentialOptions): Part {
  if (!options.segments || options.errors === null) return ''
  const rate = leastRate(traffic, options)
  return rate === null
    ? say`; no dead route by itself`
    : say`; a dead route from ${twoDigitsUp(rate)} requests/s of its own on`
}

/** Requests per second of all users on the route; null where even all of the traffic is too little. */
export function leastRate(traffic: StepTraffic, options: SequentialOptions): number | null {
  if (!isFound(traffic.rps, traffic, options)) return null
  let [low, high] = [1000 / traffic.holdMs, traffic.rps]
  for (let halved = 0; halved < HALVINGS && high > low; halved++) {
    const middle = Math.sqrt(low * high)
    if (isFound(middle, traffic, options)) high = middle
    else low = middle
  }
  return high
}

/** Whether the candidate is taken back within the step when every request of such a route fails. */
function isFound(rate: number, traffic: StepTraffic, options: SequentialOptions): boolean {
  const { weight, holdMs, tickMs = 5000, baseline, rps, warm = false } = traffic
  const alone = weight >= 100
  const before = Math.round((traffic.liveRequests * rate) / rps)
  const past: SegmentTick = { live: [before, Math.round(before * baseline), 0], candidate: [0, 0, 0] }
  const round = { exposed: true, alone, warm, clustering: 1 }
  let states: SegmentStates = foldSegments({}, { [ROUTE]: past }, options, round)
  const perTick = (rate * tickMs) / 1000
  const during = (share: number, tick: number) => evenly((perTick * share) / 100, tick)
  for (let tick = 1; tick * tickMs <= holdMs; tick++) {
    const [candidate, live] = [during(weight, tick), during(100 - weight, tick)]
    if (candidate + live === 0) continue
    const told: SegmentTick = { live: [live, 0, 0], candidate: [candidate, candidate, 0] }
    const isWarm = warm || tick * tickMs > options.warmUpMs
    states = foldSegments(states, { [ROUTE]: told }, options, { ...round, warm: isWarm })
    if (guiltySegment(states, options, alone) !== null) return true
  }
  return false
}

function evenly(perTick: number, tick: number): number {
  return Math.floor(perTick * tick) - Math.floor(perTick * (tick - 1))
}
