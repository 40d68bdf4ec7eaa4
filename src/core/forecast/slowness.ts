/**
 * How much slower must a candidate be to be found in a step? The mean growth of the ordinal bets, where latencies spread as
 * those of most services do: lognormal, the 95 % quantile 2.3 times the median. Other spreads give other numbers, so this
 * is a forecast for choosing steps, never a verdict.
 */
import { TICK_NATS } from '../analysis/sequential/increments.ts'
import { normalScore } from '../analysis/sequential/normal.ts'
import { EVIDENCE_WEIGHTS, type SequentialOptions } from '../analysis/sequential/options.ts'
import { QUANTILES, REFERENCE_REQUESTS } from '../analysis/sequential/bins.ts'
import { ORDINAL_PRIOR, ordinalExperts } from '../analysis/sequential/ordinal.ts'
import type { StepTraffic } from './growth.ts'

/** Standard deviation of the logarithm of latencies. */
export const USUAL_SPREAD = 0.5

const FACTORS = [1.1, 1.2, 1.5, 2, 3, 5]
const POINTS = 1000
const MASSES = [...QUANTILES, 1].map((quantile, bin) => quantile - (QUANTILES[bin - 1] ?? 0))
const EDGES = QUANTILES.map(normalScore)
const EXPERTS = ordinalExperts({ edges: [], masses: MASSES })

export type Slowness = {
  /** Times live's latency. */
  readonly factor: number
  /** Mean time until it is found, the wait for live's first 1 000 requests and the warm-up included; Infinity: never. */
  readonly meanMs: number
}

/** The smallest slowness that is likely to be found within the step; null when none of those looked at. */
export function slownessSeen(traffic: StepTraffic, options: SequentialOptions): Slowness | null {
  const seen = FACTORS.map((factor) => ({ factor, meanMs: meanMsOf(factor, traffic, options) }))
  return seen.find(({ meanMs }) => meanMs <= traffic.holdMs) ?? null
}

function meanMsOf(factor: number, traffic: StepTraffic, options: SequentialOptions): number {
  if (options.latency === null) return Number.POSITIVE_INFINITY
  const tickMs = traffic.tickMs ?? 5000
  const perTick = ((traffic.weight / 100) * traffic.rps * tickMs) / 1000
  const gain = Math.min(TICK_NATS, perTick * gainPerRequest(factor, traffic, options.latency))
  const idleMs = Math.max(traffic.warm === true ? 0 : options.warmUpMs, referenceMs(traffic))
  return gain > 0
    ? idleMs + tickMs * Math.max(options.minBadTicks, neededNats(options) / gain)
    : Number.POSITIVE_INFINITY
}

/** Until live had the 1 000 requests without which nobody can say where its tail begins. */
function referenceMs({ weight, rps, liveRequests }: StepTraffic): number {
  const missing = REFERENCE_REQUESTS - liveRequests
  const perSecond = (1 - weight / 100) * rps
  if (missing <= 0) return 0
  return perSecond > 0 ? (missing / perSecond) * 1000 : Number.POSITIVE_INFINITY
}

function neededNats({ alpha, first, errors }: SequentialOptions): number {
  const { relative, limit, slower, slow } = EVIDENCE_WEIGHTS
  const weight = slower / (slower + slow + (errors === null ? 0 : relative + limit))
  return Math.log(1 / (alpha.rollback * first * weight * Math.max(...ORDINAL_PRIOR)))
}

/** Nats per request of the candidate that the best of the experts gains. */
function gainPerRequest(factor: number, traffic: StepTraffic, latency: NonNullable<SequentialOptions['latency']>) {
  const alone = traffic.weight >= 100
  const tolerated = 1 + (alone ? latency.toleranceAlone : latency.tolerance)
  const mine = binned(Math.log(factor / tolerated) / USUAL_SPREAD)
  const share = traffic.weight / 100
  const gains = EXPERTS.map(({ ends, ratios, logs }) =>
    ratios.reduce((sum, ratio, group) => {
      const of = (bins: readonly number[]) => total(bins.slice(ends[group - 1] ?? 0, ends[group]))
      const own = of(mine) * (logs[group] ?? 0)
      if (alone) return sum + own
      const both = of(mine) + (of(MASSES) * (1 - share)) / share
      return sum + own - both * Math.log1p(share * (ratio - 1))
    }, 0),
  )
  return Math.max(...gains)
}

function total(shares: readonly number[]): number {
  return shares.reduce((sum, share) => sum + share, 0)
}

/** Shares of a candidate's requests in live's bins when it is slower by `shift` standard deviations of the logarithm. */
function binned(shift: number): readonly number[] {
  const shares = MASSES.map(() => 0)
  for (let point = 0; point < POINTS; point++) {
    const score = normalScore((point + 0.5) / POINTS) + shift
    const bin = EDGES.findIndex((edge) => score <= edge)
    const index = bin < 0 ? EDGES.length : bin
    shares[index] = (shares[index] ?? 0) + 1 / POINTS
  }
  return shares
}
