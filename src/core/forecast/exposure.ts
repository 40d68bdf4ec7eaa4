/** How much traffic each step of a plan gives to which side: what everything that is foretold of a step rests on. */
import { forwardKind } from '../rollout/steps/index.ts'
import type { Step } from '../plan.ts'

/** One step with users on the candidate. */
export type Exposure = {
  /** Place among the steps of the plan, from 0. */
  readonly step: number
  readonly weight: number
  readonly holdMs: number
}

/** Live is counted while the candidate starts and is smoke-tested; nobody knows how long, so little is promised of it. */
const COUNTED_BEFORE_MS = 30_000

/** The moment after the bake in which the last share comes over is none of them: nothing is expected to be found in it. */
export function exposuresOf(steps: readonly Step[]): readonly Exposure[] {
  return steps.flatMap((step, index) => {
    if (step.withinMs !== undefined) return []
    const { judges, share } = forwardKind(step)
    return judges && share ? [{ step: index, weight: share(step), holdMs: step.holdMs ?? 0 }] : []
  })
}

/** The one at `index` with all before it. */
export function exposuresUpTo(all: readonly Exposure[], index: number): readonly [Exposure, ...Exposure[]] {
  const [first, ...rest] = all.slice(0, index + 1)
  return [first!, ...rest]
}

/** Time that users have been on the candidate by the end of the last of these. */
export function exposedMs(exposures: readonly Exposure[]): number {
  return exposures.reduce((sum, { holdMs }) => sum + holdMs, 0)
}

/** Requests of each side in the last `windowMs` of these steps, the same for all moments of a step. */
export function requestsIn(
  exposures: readonly Exposure[],
  windowMs: number,
  requestsPerSecond: number,
): { readonly candidate: number; readonly live: number } {
  let left = windowMs
  let candidate = 0
  let live = 0
  for (const { weight, holdMs } of exposures.toReversed()) {
    const requests = (requestsPerSecond * Math.min(left, holdMs)) / 1000
    candidate += (requests * weight) / 100
    live += (requests * (100 - weight)) / 100
    left -= Math.min(left, holdMs)
  }
  return { candidate, live }
}

/** Requests that live had before the first shift, as far as they are sure to have been counted. */
export function liveBefore(requestsPerSecond: number): number {
  return (requestsPerSecond * COUNTED_BEFORE_MS) / 1000
}
