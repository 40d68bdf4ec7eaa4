/** Errors of a candidate that has all traffic: against what live did before, as it was seen to wander (`wander.ts`). */
import { type Belief, beginning, filtered, type Levels, suppositions } from './filter.ts'
import {
  ABSOLUTE_EXPERTS,
  absoluteIncrements,
  type Counts,
  isLasting,
  LASTING_NATS,
  ODDS_EXPERTS,
  type Past,
  TICK_NATS_MOST,
  timesOdds,
} from './increments.ts'
import { ALONE_ODDS } from './options.ts'
import { type Course, courseOf, type Wandering } from './wander.ts'

/** What is held to be likely of the candidate's rate by each supposition; null as long as live has traffic. */
export type Alone = { readonly course: Course; readonly relative: readonly Belief[]; readonly limit: readonly Belief[] }

/** What one tick tells, by expert: against live's past, with tolerance and as a reason to hold, and against the limit. */
export type AgainstPast = {
  readonly alone: Alone
  readonly relative: readonly number[]
  readonly strict: readonly number[]
  readonly limit: readonly number[]
}

export type Seen = {
  readonly past: Counts
  readonly wandering: Wandering
  readonly known: Past
  readonly limit: number
  readonly floor: number
}

/**
 * A limit that live's own rate exceeds now and then is held against the candidate only beyond that. Where too little was seen
 * of live to know how far it wanders, it is taken to wander far, and a difference from its mean is a reason to hold: what goes
 * back is only what no such course explains, as a total failure is.
 */
export function againstPast(before: Alone | null, { n, x }: Counts, seen: Seen): AgainstPast {
  const { past, wandering, known, limit, floor } = seen
  const course = before?.course ?? courseOf(past, wandering, floor)
  const levels = levelsOf(course, { limit, floor })
  const begun = before ?? { course, relative: beginning(levels.relative), limit: beginning(levels.limit) }
  // Errors that come at once count as one, here as everywhere.
  const counts = { n: n / known.clustering, x: x / known.clustering }
  const relative = filtered(begun.relative, levels.relative, counts, course.forgets)
  const most = isLasting(known) ? LASTING_NATS : TICK_NATS_MOST
  const told = relative.nats.map((nats) => Math.min(nats, most))
  const worst = Math.max(floor, timesOdds(course.rate, ALONE_ODDS))
  const atLimit = filtered(begun.limit, levels.limit, counts, course.forgets)
  return {
    alone: { course, relative: relative.beliefs, limit: atLimit.beliefs },
    relative: told,
    strict: course.known ? told : absoluteIncrements({ n, x }, worst, known, ODDS_EXPERTS),
    limit: atLimit.nats.map((nats) => Math.min(nats, most)),
  }
}

type Both = { readonly relative: readonly Levels[]; readonly limit: readonly Levels[] }

/** Made once for a course, which stays what it is while the candidate is alone. */
function levelsOf(course: Course, { limit, floor }: Pick<Seen, 'limit' | 'floor'>): Both {
  const found = made.get(course)
  if (found !== undefined) return found
  const tolerated = { ...course, rate: timesOdds(course.rate, ALONE_ODDS) }
  const both = {
    relative: suppositions(tolerated, floor, ODDS_EXPERTS),
    limit: suppositions(course, limit, ABSOLUTE_EXPERTS),
  }
  made.set(course, both)
  return both
}

const made = new WeakMap<Course, Both>()
