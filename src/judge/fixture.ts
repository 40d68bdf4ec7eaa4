/** For tests only: two sides with a share of errors and a latency each, drawn from a seed. */
import { type Random, randomOf } from '../core/random.ts'
import type { Sides } from './pair.ts'
import { type SideTick, sumCounts } from './series.ts'

/** 2026-11-30 12:00:00 UTC */
export const NOON = 1_796_040_000_000
export const TICK_MS = 5000
const EDGES_MS = [50, 100, 200, 300, 500, 1000, 2000, Number.POSITIVE_INFINITY]

/** Without what tells its segments apart. */
export function bare(ticks: readonly SideTick[]): readonly SideTick[] {
  return ticks.map(({ at, requests, errors, latency }) => ({ at, requests, errors, latency }))
}

export type Drawn = { readonly perTick: number; readonly errors: number; readonly medianMs?: number }

/** `candidate` and `live` for so many ticks from noon on; `past` ticks of live before. */
export function drawn(
  ticks: number,
  { candidate, live, past = 0, seed = 1 }: { candidate: Drawn; live: Drawn; past?: number; seed?: number },
): Sides {
  const random = randomOf(seed)
  const times = Array.from({ length: past + ticks }, (_, index) => NOON + (index + 1 - past) * TICK_MS)
  return {
    live: times.map((at) => draw(at, live, random)),
    candidate: times.slice(past).map((at) => draw(at, candidate, random)),
  }
}

function draw(at: number, { perTick, errors, medianMs }: Drawn, random: Random): SideTick {
  const failed = Array.from({ length: perTick }, random).filter((u) => u < errors).length
  return {
    at,
    requests: perTick,
    errors: failed,
    latency: medianMs === undefined ? null : latencies(perTick, medianMs, random),
  }
}

/** Log-logistic around the median, which is easily drawn and has a tail. */
function latencies(count: number, medianMs: number, random: Random): SideTick['latency'] {
  const took = Array.from({ length: count }, () => {
    const u = random()
    return medianMs * (u / (1 - u)) ** 0.3
  })
  return EDGES_MS.map((edge) => [edge, took.filter((ms) => ms <= edge).length] as const)
}

type Segmented = { readonly ticks: number; readonly candidate: Drawn; readonly live: Drawn; readonly dead?: number }

/** Both sides in so many equal segments, `GET /0` and so on, each drawn as told; `dead` fails on the candidate. */
export function inSegments(count: number, { ticks, candidate, live, dead }: Segmented): Sides {
  const parts = Array.from({ length: count }, (_, index) => {
    const own = index === dead ? { ...candidate, errors: 1 } : candidate
    return drawn(ticks, { candidate: own, live, seed: index + 1 })
  })
  const side = (role: 'candidate' | 'live') =>
    parts[0]![role].map(({ at }, tick): SideTick => {
      const counts = parts.map((part) => part[role][tick]!)
      const segments = Object.fromEntries(counts.map((one, index) => [`GET /${index}`, sumCounts([one])]))
      return { at, ...sumCounts(counts), segments }
    })
  return { candidate: side('candidate'), live: side('live') }
}

/** As a file: `time,requests,errors,le=50ms,…`. */
export function csv(ticks: readonly SideTick[]): string {
  const edges = ticks[0]?.latency?.map(([edge]) => `le=${Number.isFinite(edge) ? `${edge}ms` : '+Inf'}`) ?? []
  const lines = ticks.map(({ at, requests, errors, latency }) =>
    [new Date(at).toISOString(), requests, errors, ...(latency ?? []).map(([, count]) => count)].join(','),
  )
  return `${[['time', 'requests', 'errors', ...edges].join(','), ...lines].join('\n')}\n`
}
