/** What one side did, tick by tick: what the judge is given, from a file, a Prometheus, or another program. */
import type { Role } from '../core/observed.ts'
import type { Told } from '../core/say.ts'

/** What was counted in one tick. */
export type Counts = {
  readonly requests: number
  /** How many of them failed. */
  readonly errors: number
  /** Of a classic histogram: how many took at most so many ms, `[[100, 180], [300, 199], [Infinity, 200]]`. Null: not measured. */
  readonly latency: readonly Edge[] | null
}

export type Edge = readonly [upToMs: number, requests: number]

/** Counts of one side over `(from, at]`; counts, never rates or running totals. */
export type SideTick = Counts & {
  /** The end of the tick, ms since 1970. */
  readonly at: number
  /** Where the counts begin; the end of the tick before when absent, or one tick earlier after a gap. */
  readonly from?: number
  /** The same counts by segment, `GET /orders`: each is judged by itself as well. One that is absent was not asked for anything. */
  readonly segments?: Readonly<Record<string, Counts>>
}

/** Of counts whose latencies have the same edges; a sum without any latency has none. */
export function sumCounts(all: readonly Counts[]): Counts {
  const timed = all.flatMap(({ latency }) => (latency === null ? [] : [latency]))
  const sum = (of: (counts: Counts) => number) => all.reduce((total, counts) => total + of(counts), 0)
  const edges = timed[0]?.map(([edge], index): Edge => [edge, timed.reduce((total, one) => total + one[index]![1], 0)])
  return { requests: sum(({ requests }) => requests), errors: sum(({ errors }) => errors), latency: edges ?? null }
}

/** What is wrong with one side; `index` is the place of the tick in its list, null where it is the list as a whole. */
export type SeriesProblem = { readonly of: Role; readonly index: number | null; readonly said: Told }
