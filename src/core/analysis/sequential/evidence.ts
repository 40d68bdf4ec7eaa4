/** What all bets together say. The weighted mean of evidence is evidence, however the tests depend on each other. */
import { EVIDENCE_WEIGHTS } from './options.ts'
import type { ErrorWealth, LatencyWealth, SequentialState } from './state.ts'
import { evidence } from './wealth.ts'

export type Evidence = {
  readonly rollback: number
  /** `rollback` with the limits judged even while live itself broke them. */
  readonly regardlessOfLive: number
  readonly hold: number
  /** The parts of `rollback`: errors against live and against their limit, latencies against live and their limit. */
  readonly relative: number
  readonly limit: number
  readonly slower: number
  readonly slow: number
  readonly share: number
  /** For this step, against "not good enough": the weaker of what is shown of errors and of slow requests. */
  readonly accept: number
}

type Weighted = readonly (readonly [value: number, weight: number])[]

export function evidenceOf({ errors, latency, share, step }: SequentialState): Evidence {
  const relative = errors === null ? 1 : Math.min(evidence(errors.relative), evidence(errors.floor))
  const slower = latency === null ? 1 : evidence(latency.slower)
  const limit = errors === null ? 1 : evidence(errors.limit)
  const slow = latency === null ? 1 : evidence(latency.slow)
  const ungated = {
    limit: errors === null ? 1 : evidence(errors.limitUngated),
    slow: latency === null ? 1 : evidence(latency.slowUngated),
  }
  return {
    rollback: weighted(errors, latency, { relative, limit, slower, slow }),
    regardlessOfLive: weighted(errors, latency, { relative, slower, ...ungated }),
    hold: strictly(errors, latency),
    relative,
    limit,
    slower,
    slow,
    share: (evidence(share.above) + evidence(share.below)) / 2,
    accept: Math.min(...accepted({ errors, latency, step })),
  }
}

function accepted({ errors, latency, step }: Pick<SequentialState, 'errors' | 'latency' | 'step'>): readonly number[] {
  return [...(errors === null ? [] : [evidence(step.accept)]), ...(latency === null ? [] : [evidence(step.acceptSlow)])]
}

/** Weights depend on what was configured, never on what was seen: only then is the mean evidence. */
function weighted(
  errors: ErrorWealth | null,
  latency: LatencyWealth | null,
  parts: Pick<Evidence, 'relative' | 'limit' | 'slower' | 'slow'>,
): number {
  const weights = EVIDENCE_WEIGHTS
  const ofErrors: Weighted = [
    [parts.relative, weights.relative],
    [parts.limit, weights.limit],
  ]
  const ofLatency: Weighted = [
    [parts.slower, weights.slower],
    [parts.slow, weights.slow],
  ]
  return mean([...(errors === null ? [] : ofErrors), ...(latency === null ? [] : ofLatency)])
}

function strictly(errors: ErrorWealth | null, latency: LatencyWealth | null): number {
  const held = [errors, latency].filter((wealth) => wealth !== null).map(({ strict }) => evidence(strict))
  return mean(held.map((value) => [value, 1] as const))
}

function mean(parts: Weighted): number {
  const weights = parts.reduce((sum, [, weight]) => sum + weight, 0)
  return weights === 0 ? 1 : parts.reduce((sum, [value, weight]) => sum + value * weight, 0) / weights
}
