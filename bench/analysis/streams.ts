/** The ticks of one release, drawn once from its seed and given to every policy. */
import { bucketOf, countAbove, emptyHistogram, mergeHistograms } from '../../src/core/histogram.ts'
import type { Histogram, Segment } from '../../src/core/observed.ts'
import type { Random } from '../../src/core/random.ts'
import { after, instant } from '../../src/core/time.ts'
import type { MetricsTick, RoleCountsDelta } from '../../src/core/analysis/state.ts'
import { binomial, FAKE_SCALE, normal, poisson } from '../../src/testing/fake-metrics.ts'
import { BEFORE_TICKS, releaseOf, type SideNow, TICK_S, type World } from './world.ts'

/** 2026-07-07 12:00:00 UTC: the moment of the first shift. */
export const SHIFTED = instant(1_783_425_600_000)
export const TICK_MS = TICK_S * 1000
export const MEDIAN_MS = 120
export const SIGMA = 0.5

const NO_LATENCIES: Histogram = emptyHistogram(FAKE_SCALE)
const LARGE = 40
/** So many times as slow are the requests of the second hump. */
const FAR = 6

/** Live alone for 5 minutes, then one tick per weight. */
export function streamOf(world: World, seed: number): readonly MetricsTick[] {
  const { random, sides } = releaseOf(world, seed)
  const weights = [...Array.from({ length: BEFORE_TICKS }, () => 0), ...world.weights]
  return weights.map((weight, index) => {
    const tick = index - BEFORE_TICKS
    const now = sides(tick)
    const requests = world.rps * TICK_S
    const from = after(SHIFTED, tick * TICK_MS)
    return {
      component: 'api',
      epoch: 'bench',
      from,
      to: after(from, TICK_MS),
      weight,
      judged: 'green',
      restarted: { live: false, candidate: false },
      ...sidesOf(world, random, {
        live: { mean: (requests * (100 - weight)) / 100, now: now.live },
        candidate: { mean: (requests * weight) / 100, now: now.candidate },
      }),
    }
  })
}

type Drawn = { readonly mean: number; readonly now: SideNow }
type Sides<T> = { readonly live: T; readonly candidate: T }

/** Where there are routes, each by itself, and their sum. */
function sidesOf({ routes, timed }: World, random: Random, { live, candidate }: Sides<Drawn>) {
  if (routes === undefined) {
    const drawn = ({ mean, now }: Drawn) => drawSide(random, mean, now, timed)
    return { live: drawn(live), candidate: drawn(candidate) }
  }
  const each = ({ mean, now }: Drawn) =>
    routes.map((share, route) => drawSide(random, share * mean, { ...now, ...now.route?.(route) }, timed))
  const [lives, candidates] = [each(live), each(candidate)]
  const names = routes.map((_, route) => {
    const tick = { live: segmentOf(lives[route]!), candidate: segmentOf(candidates[route]!) }
    return [`GET /route-${route + 1}`, tick] as const
  })
  const asked = names.filter(([, { live, candidate }]) => live[0] + candidate[0] > 0)
  return { live: summed(lives), candidate: summed(candidates), segments: Object.fromEntries(asked) }
}

const SLOW_MS = 500

function segmentOf({ requests, errors, latency }: RoleCountsDelta): Segment {
  return [requests, errors, countAbove(latency, SLOW_MS)]
}

function summed(parts: readonly RoleCountsDelta[]): RoleCountsDelta {
  return parts.reduce((sum, part) => ({
    ...sum,
    requests: sum.requests + part.requests,
    errors: sum.errors + part.errors,
    latency: mergeHistograms(sum.latency, part.latency),
  }))
}

function drawSide(random: Random, mean: number, side: SideNow, timed: boolean): RoleCountsDelta {
  const requests = poisson(random, mean * (side.load ?? 1))
  const errors = Math.min(requests, drawErrors(random, requests, side))
  const probes = side.probes === undefined ? 0 : poisson(random, side.probes * TICK_S)
  return {
    requests: requests + probes,
    errors,
    latency: timed ? drawLatencies(random, requests, side) : NO_LATENCIES,
    inFlight: 0,
    waitingOldestMs: 0,
    readiness: null,
    logLines: null,
    memoryBytes: null,
  }
}

function drawErrors(random: Random, requests: number, { rate, burst = 1, large = 0 }: SideNow): number {
  const size = large * LARGE + (1 - large) * burst
  const groups = binomial(random, requests, rate / size)
  if (burst === 1 && large === 0) return groups
  let errors = 0
  for (let group = 0; group < groups; group++) {
    errors += large > 0 && random() < large ? LARGE : 1 + geometric(random, burst)
  }
  return errors
}

/** Mean `mean - 1`. */
function geometric(random: Random, mean: number): number {
  return mean <= 1 ? 0 : Math.floor(Math.log(1 - random()) / Math.log(1 - 1 / mean))
}

/** Lognormal, 120 ms in the middle, p95 at 273 ms. */
function drawLatencies(random: Random, requests: number, { slowness = 1, paused = 0, far = 0 }: SideNow): Histogram {
  const counts: Record<string, number> = {}
  for (let request = 0; request < requests; request++) {
    const waits = paused > 0 && random() < paused ? 1000 * random() : 0
    const hump = far > 0 && random() < far ? FAR : 1
    const bucket = bucketOf(FAKE_SCALE, MEDIAN_MS * slowness * hump * Math.exp(SIGMA * normal(random)) + waits)
    counts[bucket] = (counts[bucket] ?? 0) + 1
  }
  return { ...FAKE_SCALE, counts }
}
