/** What one side did, tick by tick: what the judge is given, from a file, a Prometheus, or another program. */
import type { Role } from '../core/observed.ts'
import type { Told } from '../core/say.ts'

/** Counts of one side over `(from, at]`; counts, never rates or running totals. */
export type SideTick = {
  /** The end of the tick, ms since 1970. */
  readonly at: number
  /** Where the counts begin; the end of the tick before when absent, or one tick earlier after a gap. */
  readonly from?: number
  readonly requests: number
  /** How many of them failed. */
  readonly errors: number
  /** Of a classic histogram: how many took at most so many ms, `[[100, 180], [300, 199], [Infinity, 200]]`. Null: not measured. */
  readonly latency: readonly Edge[] | null
}

export type Edge = readonly [upToMs: number, requests: number]

/** What is wrong with one side; `index` is the place of the tick in its list, null where it is the list as a whole. */
export type SeriesProblem = { readonly of: Role; readonly index: number | null; readonly said: Told }
