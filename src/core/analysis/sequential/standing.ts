/**
 * A difference from live is not yet a regression: caches fill, a batch job beside it ends. What a comparison finds while the
 * candidate keeps its limits is held first. It counts for a rollback once it has stood for `patienceMs` and the newest requests
 * by themselves show it again, no weaker than before; what is over is forgotten. A limit that breaks waits for nothing.
 *
 * Everything here only takes from the gambler (evidence that does not count yet, wealth that is thrown away), so what is
 * proven of the bets (`wealth.ts`) stays proven.
 */
import type { Instant } from '../../time.ts'
import type { Counts } from './increments.ts'
import { type Wealth, evidence, initialWealth } from './wealth.ts'

/** One comparison with live, of errors or of latencies. */
export type Watch = {
  /** The candidate's requests, and the bad ones of the limit beside it, since its evidence was last 1 or less. */
  readonly runUp: Counts
  readonly found: Found | null
  /** Its evidence may take the candidate back. */
  readonly ripe: boolean
}

/** Evidence is in nats (logarithms), so that what newer requests add is a difference. */
export type Found = {
  /** End of the tick since which it is held, and the evidence then. */
  readonly since: Instant
  readonly from: number
  readonly peak: number
  /** Set once the patience is over: from here on the newest requests have to show it again. */
  readonly mark: { readonly at: Instant; readonly nats: number } | null
  readonly stands: boolean
}

export const NOTHING_FOUND: Watch = { runUp: { n: 0, x: 0 }, found: null, ripe: false }

/** Evidence of 20 is a finding, the same that holds; below 3 it is none any more. */
const FOUND_NATS = Math.log(20)
const QUIET_NATS = Math.log(3)
/** So much the newest requests have to add, by themselves. */
const NEWEST_NATS = Math.log(3)
/** Evidence that fell to a tenth of its peak is getting less; at a thousandth what it was about is over. */
const EASING_NATS = Math.log(10)
const OVER_NATS = Math.log(1000)
/** Wealth has a greatest value: what is near it cannot grow. */
const FULL_NATS = 500

/** Whether the candidate's bad requests are so near its limit that there is no being patient with it. */
export type Nearness = (counts: Counts) => boolean

/**
 * They speak for `limit` rather than for half of it: of errors seven to one, nats. With more, fewer starts that heal by themselves
 * go back: of those with twice the errors for 10 min (0.5 and 1 %, limit 2 %, 2 requests/s) 4.7 % where this is 0, 2.8 % at 3 and
 * 1.2 % at 5, while four times the errors take 410, 425 and 580 s (medians). No test of these counts does both: when half of the
 * candidates at 2 % have had their 14 errors of 720 requests, 1.7 % of those at 1 % have as well, in that one moment.
 */
const ERRORS_NATS = 2
/**
 * Of slow requests, which were answered after all, a thousand to one. With 20 to one 7 to 9 of 100 starts with 1.6 times the latency for
 * 5 or 10 min go back, with 150 to one 1 and 2.7; twice the latency takes 120, 160 and some 190 s (medians).
 */
const SLOW_NATS = 7

export function nearErrors(limit: number): Nearness {
  return (counts) => forLimit(counts, limit) >= ERRORS_NATS
}

export function nearSlow(limit: number): Nearness {
  return (counts) => forLimit(counts, limit) >= SLOW_NATS
}

function forLimit({ n, x }: Counts, limit: number): number {
  return x * Math.LN2 - (n * limit) / 2
}

/** After a tick: `nats` is the evidence of the comparison, `tick` the candidate's requests with the bad ones of the limit. */
export function watched(
  { runUp, found }: Watch,
  { at, nats, tick }: { readonly at: Instant; readonly nats: number; readonly tick: Counts },
  { patienceMs, isNear }: { readonly patienceMs: number; readonly isNear: Nearness },
): Watch {
  const run = nats > 0 ? { n: runUp.n + tick.n, x: runUp.x + tick.x } : NOTHING_FOUND.runUp
  const next = foundAfter(found, { at, nats }, patienceMs)
  return { runUp: run, found: next, ripe: next?.stands === true || isNear(run) }
}

/** What was found is over: its evidence is to be forgotten. Below `QUIET_NATS` there is nothing to forget. */
export function isOver({ found }: Watch, nats: number): boolean {
  return found !== null && nats <= found.peak - OVER_NATS && nats >= QUIET_NATS
}

export function isEasing({ found }: Watch, nats: number): boolean {
  return found !== null && nats <= found.peak - EASING_NATS
}

/** Throws wealth away, never adds any. */
export function forgotten(wealth: Wealth): Wealth {
  return evidence(wealth) > 1 ? initialWealth(wealth.bets.length) : wealth
}

type Seen = { readonly at: Instant; readonly nats: number }

function foundAfter(found: Found | null, { at, nats }: Seen, patienceMs: number): Found | null {
  if (found === null) return nats >= FOUND_NATS ? opened({ at, nats }, patienceMs) : null
  if (nats < QUIET_NATS) return null
  const held = { ...found, peak: Math.max(found.peak, nats) }
  if (found.mark === null) return at - found.since >= patienceMs ? { ...held, mark: { at, nats } } : held
  return confirmed(held, found.mark, { at, nats }, patienceMs)
}

function opened({ at, nats }: Seen, patienceMs: number): Found {
  return { since: at, from: nats, peak: nats, mark: null, stands: patienceMs === 0 }
}

/** A difference that grows at less than half its pace is shrinking: patience begins anew. */
function confirmed(found: Found, mark: Seen, { at, nats }: Seen, patienceMs: number): Found {
  if (nats < mark.nats - NEWEST_NATS) return { ...found, stands: patienceMs === 0 }
  if (nats < mark.nats + NEWEST_NATS && nats < FULL_NATS) return found
  const before = (mark.nats - found.from) / Math.max(1, mark.at - found.since)
  const newest = (nats - mark.nats) / Math.max(1, at - mark.at)
  if (nats < FULL_NATS && newest < before / 2) return opened({ at, nats }, patienceMs)
  return { ...found, stands: true, mark: { at, nats } }
}
