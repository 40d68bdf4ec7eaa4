/**
 * How many healthy releases would a raw rule stop? "Error rate not more than 50 % above live's" sounds strict and is a
 * lottery at small traffic. This plays some hundred releases that are exactly as good as live, from a fixed seed, and
 * applies the rule to their windows as `judgeLimit` and `judgeRelative` do, so that a plan can say it before anybody waits.
 */
import { poissonOf, type Random, randomOf } from '../random.ts'
import { BAD_REQUESTS_MIN, isLatency, quantileOf } from '../analysis/reading.ts'
import type { Rule } from '../analysis/rules.ts'
import { GRANULES } from '../analysis/window.ts'
import { requestsNeeded } from './firing.ts'

export type TrafficShape = {
  /** Requests per second of all users. */
  readonly rps: number
  /** Live's share of bad requests, 0-1: errors, or for a latency limit those slower than it. */
  readonly baseline: number
  /** Every step with traffic, in order; `weight` in percent to the candidate. */
  readonly steps: readonly { readonly weight: number; readonly holdMs: number }[]
  /** As in the plan: requests that have to be counted before the rule speaks. */
  readonly minRequests: number
  /** How long live is counted before the first shift: what `relativeTo: before` compares with. 5 minutes by default. */
  readonly beforeMs?: number
  /** 5 s by default. */
  readonly tickMs?: number
}

export type FalseAlarms = {
  /** Of 100 releases that are exactly as good as live, so many would be rolled back by this rule alone; 0-100. */
  readonly stoppedOf100: number
  /** Standard error of that number: at most 2.9, for an hour at one step 3.6, for a day 8, by the number of releases played. */
  readonly standardError: number
  /** Windows that the rule looks at in one release that it does not stop; 0: no step is as long as its window. */
  readonly looks: number
}

/** Windows played over all releases: some 10 ms on a server's core, twice that for a plan of 24 hours. */
const WINDOWS_PLAYED = 150_000
const RELEASES_MIN = 40
const RELEASES_MAX = 300
const SEED = 20_260_707

/**
 * Null for a rule that does not roll back on a share of requests: memory, readiness, silence, a limit without a trigger,
 * the sequential comparison (wrong in at most 1 of 100 rollouts at any traffic), and a latency relative to live, whose
 * noise depends on how latencies are distributed. Deterministic.
 */
export function falseAlarms(rule: Rule, at: TrafficShape): FalseAlarms | null {
  const alarm = alarmOf(rule, Math.max(1, at.minRequests))
  if (alarm === null) return null
  const course = courseOf(at, alarm)
  const looks = course.units - course.shifted - course.window + 1
  if (looks <= 0) return { stoppedOf100: 0, standardError: 0, looks: 0 }
  const releases = Math.round(Math.min(RELEASES_MAX, Math.max(RELEASES_MIN, WINDOWS_PLAYED / course.units)))
  const draw = drawersOf(course, at.baseline, randomOf(SEED))
  const sums = { candidate: emptySums(course.candidate), live: emptySums(course.live) }
  let stopped = 0
  for (let release = 0; release < releases; release++) if (isStopped(course, alarm, sums, draw)) stopped += 1
  const share = stopped / releases
  return { stoppedOf100: 100 * share, standardError: 100 * Math.sqrt((share * (1 - share)) / releases), looks }
}

/** Whether the window that ends before unit `to` demands a rollback. */
type Alarm = {
  readonly forMs: number
  /** Requests of the candidate for which its window reaches back within a step; 0: it does not. */
  readonly needed: number
  readonly breaks: (sums: Sums, to: number, course: Course) => boolean
}

function alarmOf(rule: Rule, minRequests: number): Alarm | null {
  if (rule.kind === 'limit' && rule.trigger !== null && (rule.metric === 'error-rate' || isLatency(rule.metric))) {
    const above = isLatency(rule.metric) ? 1 - quantileOf(rule.metric) : rule.trigger.above
    const needed = requestsNeeded(minRequests)
    return { forMs: rule.trigger.forMs, needed, breaks: aboveLimit(above, minRequests) }
  }
  if (rule.kind !== 'relative' || rule.metric !== 'error-rate') return null
  return { forMs: rule.forMs, needed: 0, breaks: aboveOther(rule.to, 1 + rule.margin, minRequests) }
}

function aboveLimit(above: number, minRequests: number): Alarm['breaks'] {
  return (sums, to, { from }) => {
    const mine = between(sums.candidate, from[to]!, to)
    if (mine.n < requestsNeeded(minRequests) - 1e-9 || mine.bad < BAD_REQUESTS_MIN) return false
    const live = between(sums.live, from[to]!, to)
    const shared = live.n >= minRequests && live.bad > above * live.n
    return mine.bad > above * mine.n && !shared
  }
}

function aboveOther(other: 'live' | 'before', times: number, minRequests: number): Alarm['breaks'] {
  return (sums, to, { window, shifted, alone }) => {
    const mine = between(sums.candidate, to - window, to)
    const end = other === 'before' ? shifted : Math.min(to, alone)
    const reference = between(sums.live, other === 'before' ? 0 : Math.max(0, end - window), end)
    if (mine.n < minRequests || reference.n < minRequests) return false
    return mine.bad * reference.n > times * reference.bad * mine.n * (1 + 1e-9)
  }
}

/** The rollout cut into ticks, or into sixtieths of the window where those are longer. */
type Course = {
  readonly units: number
  /** Units that a window holds. */
  readonly window: number
  /** By the unit before which a window ends, the one with which it begins. */
  readonly from: Int32Array
  /** First unit in which the candidate has traffic, and first one in which it has all of it. */
  readonly shifted: number
  readonly alone: number
  /** Mean requests per unit. */
  readonly candidate: Float64Array
  readonly live: Float64Array
}

function courseOf(at: TrafficShape, { forMs, needed }: Pick<Alarm, 'forMs' | 'needed'>): Course {
  const unitMs = Math.max(at.tickMs ?? 5000, forMs / (2 * GRANULES))
  const before = { weight: 0, holdMs: at.beforeMs ?? 300_000 }
  const weights = [before, ...at.steps].flatMap(({ weight, holdMs }) =>
    Array.from({ length: Math.round(holdMs / unitMs) }, () => weight),
  )
  const perUnit = (at.rps * unitMs) / 1000
  const first = (found: number) => (found < 0 ? weights.length : found)
  const window = Math.ceil(forMs / unitMs)
  const candidate = Float64Array.from(weights, (weight) => (perUnit * weight) / 100)
  return {
    units: weights.length,
    window,
    from: Int32Array.from({ length: weights.length + 1 }, (_, to) => begin(weights, candidate, { to, window, needed })),
    shifted: first(weights.findIndex((weight) => weight > 0)),
    alone: first(weights.findIndex((weight) => weight >= 100)),
    candidate,
    live: Float64Array.from(weights, (weight) => (perUnit * (100 - weight)) / 100),
  }
}

/** A window that holds fewer requests than `needed` reaches back as far as it takes, within its step. */
function begin(
  weights: readonly number[],
  candidate: Float64Array,
  { to, window, needed }: { readonly to: number; readonly window: number; readonly needed: number },
): number {
  let from = Math.max(0, to - window)
  let held = candidate.subarray(from, to).reduce((sum, each) => sum + each, 0)
  for (; from > 0 && held < needed - 1e-9 && weights[from - 1] === weights[to - 1]; from--) held += candidate[from - 1]!
  return from
}

/** Of each side, what came before every unit: `n[3]` is all of units 0, 1 and 2. Requests are as many as expected. */
type Sums = { readonly candidate: Side; readonly live: Side }
type Side = { readonly n: Float64Array; readonly bad: Float64Array }

function emptySums(perUnit: Float64Array): Side {
  const n = new Float64Array(perUnit.length + 1)
  for (let unit = 0; unit < perUnit.length; unit++) n[unit + 1] = n[unit]! + perUnit[unit]!
  return { n, bad: new Float64Array(perUnit.length + 1) }
}

function between({ n, bad }: Side, from: number, to: number): { readonly n: number; readonly bad: number } {
  return { n: n[to]! - n[from]!, bad: bad[to]! - bad[from]! }
}

/** Plays one release into `sums`, up to the first window that breaks the rule. */
function isStopped(course: Course, alarm: Alarm, { candidate, live }: Sums, draw: Drawers): boolean {
  const first = course.shifted + course.window
  for (let unit = 0; unit < course.units; unit++) {
    candidate.bad[unit + 1] = candidate.bad[unit]! + draw.candidate[unit]!()
    live.bad[unit + 1] = live.bad[unit]! + draw.live[unit]!()
    if (unit + 1 >= first && alarm.breaks({ candidate, live }, unit + 1, course)) return true
  }
  return false
}

/** Per unit, what draws its bad requests: one table per distinct mean. */
type Drawers = { readonly candidate: readonly (() => number)[]; readonly live: readonly (() => number)[] }

function drawersOf({ candidate, live }: Course, baseline: number, random: Random): Drawers {
  const made = new Map<number, () => number>()
  const drawer = (requests: number) => {
    const mean = requests * baseline
    const draw = made.get(mean) ?? poissonOf(mean, random)
    made.set(mean, draw)
    return draw
  }
  return { candidate: Array.from(candidate, drawer), live: Array.from(live, drawer) }
}
