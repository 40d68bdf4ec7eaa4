/**
 * A sliding window as a ring of granules. Ticks that end in the same cell of a fixed grid of `windowMs / 30` are one
 * granule, so that a window of any length costs the same; the window therefore starts up to one granule early.
 * A change of exposure starts a granule of its own: what the candidate did without users never mixes with the rest.
 *
 * At little traffic a declared window holds too few requests to say anything, however bad all of them are. Such a window
 * reaches back beyond its length, within the step, until it holds what its rule needs (`reachingBack`).
 */
import type { AnalysisState, Granule, Span, Tally, Window } from './state.ts'
import type { Instant } from '../time.ts'
import { type LimitRule, type Rule, TRIGGER_REQUESTS_MAX } from './rules.ts'
import { type Packed, settled } from './packed.ts'
import type { Role } from '../observed.ts'
import { GRANULE_LATENCY_CHARS, SUM_LATENCY_CHARS, sumCounts, sumLatencies, sumSpans, withSpan } from './tally.ts'
import { NO_SIDES, onlyOwn } from './own/tally.ts'
import { ownWindowMs } from './own/rule.ts'

export const GRANULES = 30

/** A tick that took longer than this many `tickMs` covers no more than that: the clock jumped or nobody looked. */
export const TICKS_COVERED_MAX = 3

export type WindowNeeds = Pick<Window, 'windowMs' | 'requestsMin' | 'keepsLatency' | 'keepsPlatform' | 'keepsOwn'>

export function emptyWindow(needs: WindowNeeds): Window {
  return { ...needs, granuleMs: Math.ceil(needs.windowMs / GRANULES), granules: [], lastLive: null }
}

/** Adds a tick that ends after everything the window holds. */
export function slide(window: Window, tick: Granule): Window {
  const lastLive = gotAllTraffic(window, tick) ? liveAlone(window) : window.lastLive
  const kept = keep(window, tick)
  const newest = window.granules.at(-1)
  const cell = (span: Span) => Math.ceil(span.to / window.granuleMs)
  const joins = newest !== undefined && newest.exposure === tick.exposure && cell(newest) === cell(kept)
  const merged = withSpan(joins ? newest : null, kept, GRANULE_LATENCY_CHARS)
  const before = window.granules.slice(0, -1)
  if (newest !== undefined && !joins) before.push(closed(newest))
  const granules = [...before, { ...merged, exposure: tick.exposure }]
  return { ...window, granules: trimmed(granules, window), lastLive }
}

/** Nothing comes on top of it any more: its latencies are added up. */
function closed(granule: Granule): Granule {
  const { live, candidate } = granule
  return { ...granule, live: withLatencySettled(live), candidate: withLatencySettled(candidate) }
}

function withLatencySettled(tally: Tally): Tally {
  const latency = settled(tally.latency, GRANULE_LATENCY_CHARS)
  return latency === tally.latency ? tally : { ...tally, latency }
}

/** What its declared length holds, and before it no more than its rules may need. */
function trimmed(granules: readonly Granule[], window: Window): readonly Granule[] {
  const declared = declaredFrom(granules, window.windowMs)
  if (declared === 0 || window.requestsMin === 0) return declared === 0 ? granules : granules.slice(declared)
  let first = declared
  for (let held = heldIn(granules.slice(declared), window); first > 0 && held < window.requestsMin; first--) {
    const older = granules[first - 1]!
    if (older.exposure === 'none') break
    held += heldIn([older], window)
  }
  return [...withoutEmpty(granules.slice(first, declared), window), ...granules.slice(declared)]
}

/** Index of the oldest granule that reaches into the last `windowMs`. */
function declaredFrom(granules: readonly Granule[], windowMs: number): number {
  const newest = granules.at(-1)
  return newest === undefined ? 0 : granules.findIndex(({ to }) => to > newest.to - windowMs)
}

/** Requests of the candidate that every rule of the window can count: where one reads latencies, those that have one. */
function heldIn(granules: readonly Granule[], { keepsLatency }: Pick<Window, 'keepsLatency'>): number {
  return granules.reduce((sum, { candidate }) => sum + (keepsLatency ? candidate.timed : candidate.requests), 0)
}

/** Time without a request joins the granule after it, so that however long nobody comes costs nothing. */
function withoutEmpty(granules: readonly Granule[], window: Window): readonly Granule[] {
  const joined: Granule[] = []
  for (const granule of granules) {
    const last = joined.at(-1)
    const isEmpty = last !== undefined && last.exposure === granule.exposure && heldIn([last], window) === 0
    if (isEmpty) joined.pop()
    joined.push(isEmpty ? { ...sumSpans([last, granule], GRANULE_LATENCY_CHARS), exposure: granule.exposure } : granule)
  }
  return joined
}

export type Pooled = {
  /** Begins before the last `windowMs` where the window reached back for requests. */
  readonly span: Span
  /** The sum of a role's latencies, which `span` leaves out: costly, and seldom read. */
  readonly latency: (role: Role) => Packed
  /** Every moment of the last `windowMs` up to the newest tick was observed while the candidate had traffic. */
  readonly complete: boolean
  /** How much of it was, in one piece up to the newest tick, at most `windowMs`. */
  readonly exposedMs: number
  /** Time back to the oldest request of a window that reached back; 0: its declared length was enough. */
  readonly reachedMs: number
}

/** The window's sums over what the candidate did with traffic; null when it had none in it. */
export function pooled(window: Window): Pooled | null {
  return pooledFrom(window, declaredFrom(window.granules, window.windowMs))
}

/** How many requests a rule needs, how it counts them, and the step that the window may reach back into. */
export type Reach = {
  readonly needed: number
  readonly count: (candidate: Tally) => number
  readonly since: Instant
}

/** The same over as much more of the step as it takes to hold `needed` requests of the candidate, or over all that is kept. */
export function reachingBack(window: Window, { needed, count, since }: Reach): Pooled | null {
  const { granules, windowMs } = window
  let first = declaredFrom(granules, windowMs)
  const counted = (some: readonly Granule[]) =>
    some.reduce((sum, { exposure, candidate }) => (exposure === 'none' ? sum : sum + count(candidate)), 0)
  for (let held = counted(granules.slice(first)); first > 0 && held < needed; first--) {
    const older = granules[first - 1]!
    if (older.exposure === 'none' || older.from < since) break
    held += count(older.candidate)
  }
  return pooledFrom(window, first)
}

function pooledFrom(window: Window, first: number): Pooled | null {
  const exposed: Granule[] = []
  for (let index = first; index < window.granules.length; index++) {
    const granule = window.granules[index]!
    if (granule.exposure !== 'none') exposed.push(granule)
  }
  const newest = window.granules.at(-1)
  if (exposed.length === 0 || newest === undefined) return null
  const span = sumCounts(exposed)
  const latency = (role: Role) => sumLatencies(exposed.map(closed), role, SUM_LATENCY_CHARS)
  const { windowMs } = window
  const since = exposedSince(window.granules)
  const isBack = first < declaredFrom(window.granules, windowMs)
  return {
    span,
    latency,
    complete: since <= newest.to - windowMs,
    exposedMs: Math.min(windowMs, newest.to - since),
    reachedMs: isBack ? newest.to - span.from : 0,
  }
}

/** Of a window that is beyond its margin, so much at its end must be beyond it as well: what is over takes nothing back. */
export const NEWEST_PART = 3

/** The same over the newest of so many parts of the window. */
export function newestOf(window: Window, parts: number): Pooled | null {
  const end = window.granules.at(-1)?.to ?? 0
  return pooled({ ...window, granules: window.granules.filter(({ to }) => to > end - window.windowMs / parts) })
}

/** Start of the unbroken observed run with traffic that ends with the newest granule. */
function exposedSince(granules: readonly Granule[]): Instant {
  let since = granules.at(-1)?.to ?? (0 as Instant)
  for (let index = granules.length - 1; index >= 0; index--) {
    const granule = granules[index]!
    const whole = granule.coveredMs >= granule.to - granule.from
    if (granule.exposure === 'none' || !whole || granule.to < since) break
    since = granule.from
  }
  return since
}

function gotAllTraffic(window: Window, tick: Granule): boolean {
  return tick.exposure === 'all' && window.granules.at(-1)?.exposure !== 'all'
}

function liveAlone(window: Window): Span | null {
  const declared = window.granules.slice(declaredFrom(window.granules, window.windowMs))
  const granules = declared.filter(({ exposure }) => exposure !== 'all')
  if (granules.length === 0) return null
  const all = sumSpans(granules.map(closed), SUM_LATENCY_CHARS)
  return { ...all, candidate: none(all.candidate), platform: null, own: { ...all.own, candidate: {} } }
}

/** The same without latencies. */
export function bare<S extends Span>(span: S): S {
  return { ...span, live: { ...span.live, latency: '' }, candidate: { ...span.candidate, latency: '' } }
}

function keep(window: Window, tick: Granule): Granule {
  return {
    ...(window.keepsLatency ? tick : bare(tick)),
    platform: window.keepsPlatform ? tick.platform : null,
    own: window.keepsOwn.length > 0 ? onlyOwn(tick.own, window.keepsOwn) : NO_SIDES,
  }
}

function none(tally: Tally): Tally {
  return { requests: 0, errors: 0, timed: 0, slow: tally.slow.map(() => 0), latency: '' }
}

/** One window per length that some rule names, keeping what the rules of that length need. */
export function windowsOf(rules: readonly Rule[]): readonly WindowNeeds[] {
  const lengths = [...new Set(rules.map(windowMsOf).filter((windowMs) => windowMs !== null))].sort((a, b) => a - b)
  return lengths.map((windowMs) => {
    const looking = rules.filter((rule) => windowMsOf(rule) === windowMs)
    const metrics = looking.filter(({ kind }) => kind !== 'own').map(({ metric }) => metric)
    return {
      windowMs,
      requestsMin: looking.some(countsRequests) ? TRIGGER_REQUESTS_MAX : 0,
      keepsLatency: metrics.some((metric) => metric.startsWith('latency-')),
      keepsPlatform: metrics.some((metric) => ['readiness-flapping', 'memory', 'info-logs'].includes(metric)),
      keepsOwn: looking.filter(({ kind }) => kind === 'own').map(({ id }) => id),
    }
  })
}

/** The sums beside the windows whose quantiles are read: live's past by comparisons with it, the step by limits to advance. */
export function sumsWithLatency(rules: readonly Rule[]): AnalysisState['keepsLatency'] {
  const ofLatency = rules.filter(({ metric }) => metric.startsWith('latency-'))
  return {
    before: ofLatency.some((rule) => rule.kind === 'relative' && rule.to === 'before'),
    step: ofLatency.some((rule) => rule.kind === 'limit'),
  }
}

/** A limit on errors or a latency: its trigger waits for requests, where others have what they need with every look. */
export function countsRequests(rule: Rule): boolean {
  return rule.kind === 'limit' && (rule.metric === 'error-rate' || rule.metric.startsWith('latency-'))
}

/** The window a rule looks at, ms; null for one that only looks at the step. */
export function windowMsOf(rule: Rule): number | null {
  switch (rule.kind) {
    case 'limit':
      return rule.trigger?.forMs ?? null
    case 'relative':
      return rule.forMs
    case 'silence':
      return rule.silenceMs
    case 'sequential':
      return null
    case 'own':
      return ownWindowMs(rule)
  }
}

/** Every latency that a limit names, ascending: requests slower than each are counted exactly. */
export function slowLimits(rules: readonly Rule[]): readonly number[] {
  const limits = rules
    .filter((rule): rule is LimitRule => rule.kind === 'limit' && rule.metric.startsWith('latency-'))
    .flatMap(({ max, trigger }) => [max, trigger?.above ?? null])
    .filter((limit) => limit !== null)
  return [...new Set(limits)].sort((a, b) => a - b)
}
