/** Looks at own numbers, summed up so that two sums are one: what a window, a step and the time before the first shift keep. */
import type { OwnAnswer, Role } from '../../observed.ts'

/** By rule id; `…Ms` is the observed time in which the number was known. */
export type OwnTally = {
  readonly looks: number
  readonly sum: number
  readonly min: number
  readonly max: number
  readonly last: number
  readonly knownMs: number
}
export type OwnTallies = Readonly<Record<string, OwnTally>>
/** Both sides; a service-wide number stands under both. Nothing where no rule asks: a window holds many. */
export type OwnSides = { readonly [R in Role]?: OwnTallies }
/** What one role's numbers were at one look. */
export type OwnAnswers = Readonly<Record<string, OwnAnswer>>

export const NO_SIDES: OwnSides = {}

/** A number that is unknown, or none, adds nothing and no time in which it was known. */
export function ownTallies(answers: OwnAnswers | undefined, coveredMs: number): OwnTallies {
  const known = Object.entries(answers ?? {}).flatMap(([id, answer]) => {
    const value = valueOf(answer)
    return value === null
      ? []
      : [[id, { looks: 1, sum: value, min: value, max: value, last: value, knownMs: coveredMs }]]
  })
  return Object.fromEntries(known)
}

/** Why an answer is no number, or null. */
export function unknownBecause(answer: OwnAnswer): string | null {
  if ('unknown' in answer) return answer.unknown
  return Number.isFinite(answer.value) ? null : `it answered ${answer.value}`
}

function valueOf(answer: OwnAnswer): number | null {
  return 'value' in answer && Number.isFinite(answer.value) ? answer.value : null
}

/** From old to new. */
export function sumOwn(all: readonly OwnTallies[]): OwnTallies {
  const sums: Record<string, OwnTally> = {}
  for (const tallies of all) {
    for (const [id, tally] of Object.entries(tallies)) {
      const before = sums[id]
      sums[id] = before === undefined ? tally : add(before, tally)
    }
  }
  return sums
}

export function sumSides(all: readonly OwnSides[]): OwnSides {
  if (all.every(({ live, candidate }) => live === undefined && candidate === undefined)) return NO_SIDES
  const side = (role: Role) => sumOwn(all.map((sides) => sides[role] ?? {}))
  return { live: side('live'), candidate: side('candidate') }
}

/** Only what the rules named by `ids` ask for. */
export function onlyOwn({ live = {}, candidate = {} }: OwnSides, ids: readonly string[]): OwnSides {
  const kept = (tallies: OwnTallies) => Object.fromEntries(Object.entries(tallies).filter(([id]) => ids.includes(id)))
  return { live: kept(live), candidate: kept(candidate) }
}

/** Rounding must not put a number that never changed beyond a limit it stands at. */
export function mean({ sum, looks, min, max }: OwnTally): number {
  return Math.min(max, Math.max(min, sum / looks))
}

function add(older: OwnTally, newer: OwnTally): OwnTally {
  return {
    looks: older.looks + newer.looks,
    sum: older.sum + newer.sum,
    min: Math.min(older.min, newer.min),
    max: Math.max(older.max, newer.max),
    last: newer.last,
    knownMs: older.knownMs + newer.knownMs,
  }
}
