/** What all bets together say. The weighted mean of evidence is evidence, however the tests depend on each other. */
import { EVIDENCE_WEIGHTS } from './options.ts'
import type { ErrorWealth, LatencyWealth, SequentialState } from './state.ts'
import { evidence } from './wealth.ts'

export type Evidence = {
  readonly rollback: number
  /** `rollback` without what is only held as yet (`standing.ts`): what may take the candidate back now. */
  readonly due: number
  /** `due` with the limits judged even while live itself broke them. */
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

export function evidenceOf({ errors, latency, watches, share, step }: SequentialState): Evidence {
  const relative = againstLive(errors)
  const slower = latency === null ? 1 : evidence(latency.slower)
  const ripe = { relative: watches.errors.ripe ? relative : 0, slower: watches.latency.ripe ? slower : 0 }
  const limit = errors === null ? 1 : evidence(errors.limit)
  const slow = latency === null ? 1 : evidence(latency.slow)
  const ungatedLimit = errors === null ? 1 : evidence(errors.limitUngated)
  const ungatedSlow = latency === null ? 1 : evidence(latency.slowUngated)
  const weights = weightsOf(errors, latency)
  return {
    rollback: mean(weights, { relative, limit, slower, slow }),
    due: mean(weights, { ...ripe, limit, slow }),
    regardlessOfLive: mean(weights, { ...ripe, limit: ungatedLimit, slow: ungatedSlow }),
    hold: strictly(errors, latency),
    relative,
    limit,
    slower,
    slow,
    share: (evidence(share.above) + evidence(share.below)) / 2,
    accept: Math.min(...accepted({ errors, latency, step })),
  }
}

/** A difference that is tiny in itself is none: below the floor nothing goes back. */
export function againstLive(errors: ErrorWealth | null): number {
  return errors === null ? 1 : Math.min(evidence(errors.relative), evidence(errors.floor))
}

function accepted({ errors, latency, step }: Pick<SequentialState, 'errors' | 'latency' | 'step'>): readonly number[] {
  return [...(errors === null ? [] : [evidence(step.accept)]), ...(latency === null ? [] : [evidence(step.acceptSlow)])]
}

type Weights = typeof BOTH

const BOTH: { readonly [part in keyof typeof EVIDENCE_WEIGHTS]: number } = EVIDENCE_WEIGHTS
const OF_ERRORS: Weights = { ...EVIDENCE_WEIGHTS, slower: 0, slow: 0 }
const OF_LATENCY: Weights = { ...EVIDENCE_WEIGHTS, relative: 0, limit: 0 }

/** Weights depend on what was configured, never on what was seen: only then is the mean evidence. */
function weightsOf(errors: ErrorWealth | null, latency: LatencyWealth | null): Weights {
  if (errors === null) return OF_LATENCY
  return latency === null ? OF_ERRORS : BOTH
}

function mean(weights: Weights, parts: Weights): number {
  const sum =
    parts.relative * weights.relative +
    parts.limit * weights.limit +
    parts.slower * weights.slower +
    parts.slow * weights.slow
  return sum / (weights.relative + weights.limit + weights.slower + weights.slow)
}

function strictly(errors: ErrorWealth | null, latency: LatencyWealth | null): number {
  if (errors === null) return latency === null ? 1 : evidence(latency.strict)
  return latency === null ? evidence(errors.strict) : (evidence(errors.strict) + evidence(latency.strict)) / 2
}
