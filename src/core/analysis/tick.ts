import type { MetricsTick } from './state.ts'
import { countsProblem } from './difference.ts'
import { type Scale, sameScale, total, type Cells, cellsOf } from '../histogram.ts'

/** The latencies of both sides in one tick. */
export type RoleCells = { readonly candidate: Cells; readonly live: Cells }

export function roleCells({ candidate, live }: MetricsTick): RoleCells {
  return { candidate: cellsOf(candidate.latency), live: cellsOf(live.latency) }
}

/** A tick with its latencies listed, once for all that reads them, and the buckets they are sorted into. */
export type ReadTick = { readonly tick: MetricsTick; readonly cells: RoleCells; readonly scale: Scale | null }

/** Or why it holds anything but counts, or such as cannot be added to what came before; `known` is the scale so far. */
export function readTick(tick: MetricsTick, known: Scale | null): ReadTick | string {
  const problem = tickProblem(tick)
  if (problem !== null) return problem
  const cells = roleCells(tick)
  const timed = ROLES.filter((role) => total(cells[role].counts) > 0).map((role) => tick[role].latency)
  const scale = known ?? scaleOf(timed[0])
  if (scale !== null && !timed.every((latency) => sameScale(latency, scale))) {
    return 'the buckets of the latency histogram changed under way'
  }
  return { tick, cells, scale }
}

function scaleOf(latency: Scale | undefined): Scale | null {
  return latency === undefined ? null : { base: latency.base, unitMs: latency.unitMs }
}

const ROLES = ['candidate', 'live'] as const

function tickProblem({ from, to, weight, live, candidate }: MetricsTick): string | null {
  if (!(Number.isFinite(from) && Number.isFinite(to) && to > from)) return `it spans no time (${from} to ${to})`
  if (!(weight >= 0 && weight <= 100)) return `the candidate's weight is ${weight}`
  for (const [role, counts] of Object.entries({ live, candidate })) {
    const problem = countsProblem(counts)
    if (problem !== null) return `${role}: ${problem}`
  }
  return null
}
