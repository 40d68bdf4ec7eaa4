/**
 * A sliding window as a ring of granules. Ticks that end in the same cell of a fixed grid of `windowMs / 30` are one
 * granule, so that a window of any length costs the same; the window therefore starts up to one granule early.
 * A change of exposure starts a granule of its own: what the candidate did without users never mixes with the rest.
 */
import type { Granule, Span, Tally, Window } from './state.ts'
import type { Instant } from '../time.ts'
import type { LimitRule, Rule } from './rules.ts'
import type { Packed } from './packed.ts'
import type { Role } from '../observed.ts'
import { GRANULE_LATENCY_CHARS, SUM_LATENCY_CHARS, sumCounts, sumLatencies, sumSpans } from './tally.ts'
import { NO_SIDES, onlyOwn } from './own/tally.ts'
import { ownWindowMs } from './own/rule.ts'

export const GRANULES = 30

/** A tick that took longer than this many `tickMs` covers no more than that: the clock jumped or nobody looked. */
export const TICKS_COVERED_MAX = 3

export type WindowNeeds = Pick<Window, 'windowMs' | 'keepsLatency' | 'keepsPlatform' | 'keepsOwn'>

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
  const merged = sumSpans(joins ? [newest, kept] : [kept], GRANULE_LATENCY_CHARS)
  const granules = [...(joins ? window.granules.slice(0, -1) : window.granules), { ...merged, exposure: tick.exposure }]
  return { ...window, granules: granules.filter(({ to }) => to > tick.to - window.windowMs), lastLive }
}

export type Pooled = {
  readonly span: Span
  /** The sum of a role's latencies, which `span` leaves out: costly, and seldom read. */
  readonly latency: (role: Role) => Packed
  /** Every moment of the last `windowMs` up to the newest tick was observed while the candidate had traffic. */
  readonly complete: boolean
  /** How much of it was, in one piece up to the newest tick, at most `windowMs`. */
  readonly exposedMs: number
}

/** The window's sums over what the candidate did with traffic; null when it had none in it. */
export function pooled(window: Window): Pooled | null {
  const exposed = window.granules.filter(({ exposure }) => exposure !== 'none')
  const newest = window.granules.at(-1)
  if (exposed.length === 0 || newest === undefined) return null
  const span = sumCounts(exposed)
  const latency = (role: Role) => sumLatencies(exposed, role, SUM_LATENCY_CHARS)
  const start = newest.to - window.windowMs
  const since = exposedSince(window.granules)
  return { span, latency, complete: since <= start, exposedMs: Math.min(window.windowMs, newest.to - since) }
}

/** The same over the newest of so many parts of the window. */
export function newestOf(window: Window, parts: number): Pooled | null {
  const end = window.granules.at(-1)?.to ?? 0
  return pooled({ ...window, granules: window.granules.filter(({ to }) => to > end - window.windowMs / parts) })
}

/** Start of the unbroken observed run with traffic that ends with the newest granule. */
function exposedSince(granules: readonly Granule[]): Instant {
  let since = granules.at(-1)?.to ?? (0 as Instant)
  for (const granule of granules.toReversed()) {
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
  const granules = window.granules.filter(({ exposure }) => exposure !== 'all')
  if (granules.length === 0) return null
  const all = sumSpans(granules, SUM_LATENCY_CHARS)
  return { ...all, candidate: none(all.candidate), platform: null, own: { ...all.own, candidate: {} } }
}

function keep(window: Window, tick: Granule): Granule {
  const bare = (tally: Tally) => (window.keepsLatency ? tally : { ...tally, latency: '' })
  return {
    ...tick,
    live: bare(tick.live),
    candidate: bare(tick.candidate),
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
      keepsLatency: metrics.some((metric) => metric.startsWith('latency-')),
      keepsPlatform: metrics.some((metric) => ['readiness-flapping', 'memory', 'info-logs'].includes(metric)),
      keepsOwn: looking.filter(({ kind }) => kind === 'own').map(({ id }) => id),
    }
  })
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
