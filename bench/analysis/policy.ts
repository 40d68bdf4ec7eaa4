import type { MetricsTick } from '../../src/core/analysis/state.ts'
import type { World } from './world.ts'

export type Policy = {
  readonly name: string
  /** For one release: is given every tick in order, live alone included, and says whether it goes back now. */
  readonly start: (world: World) => (tick: MetricsTick) => boolean
}

/** What several ticks of one side come to; a policy that looks once a minute pools twelve. */
export type Pool = { requests: number; errors: number }

/** Calls `look` with the sums of both sides at the end of every `ticks` ticks with traffic, counted from 1. */
export function everyTicks(
  ticks: number,
  look: (candidate: Pool, live: Pool, minute: number) => boolean,
): (tick: MetricsTick) => boolean {
  let seen = 0
  let candidate = { requests: 0, errors: 0 }
  let live = { requests: 0, errors: 0 }
  return (tick) => {
    if (tick.weight === 0) return false
    add(candidate, tick.candidate)
    add(live, tick.live)
    seen += 1
    if (seen % ticks !== 0) return false
    const said = look(candidate, live, seen / ticks)
    candidate = { requests: 0, errors: 0 }
    live = { requests: 0, errors: 0 }
    return said
  }
}

function add(pool: Pool, { requests, errors }: Pool): void {
  pool.requests += requests
  pool.errors += errors
}
