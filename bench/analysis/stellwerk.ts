/** The rules of Stellwerk itself, judged after every tick by the code of the product. */
import { beginStep, foldTick, initialAnalysis } from '../../src/core/analysis/fold.ts'
import { judge } from '../../src/core/analysis/judge.ts'
import type { Rule } from '../../src/core/analysis/rules.ts'
import { foldSequential } from '../../src/core/analysis/sequential/fold.ts'
import { rungOf } from '../../src/core/analysis/sequential/judge.ts'
import { type SegmentsAsked, type Starting, sequentialOptions } from '../../src/core/analysis/sequential/options.ts'
import { beginSequentialStep, initialSequential } from '../../src/core/analysis/sequential/state.ts'
import type { Policy } from './policy.ts'
import { TICK_MS } from './streams.ts'

const FIVE_MINUTES = 300_000
const MIN_REQUESTS = 50

export const SEQUENTIAL_ERRORS: Rule = {
  kind: 'sequential',
  id: 'errors-compared',
  metric: 'error-rate',
  tolerance: 0.2,
  limit: 0.02,
}
export const SEQUENTIAL_P95: Rule = {
  kind: 'sequential',
  id: 'p95-compared',
  metric: 'latency-p95',
  tolerance: 0.1,
  limit: 500,
}
const ABOVE_2: Rule = {
  kind: 'limit',
  id: 'errors',
  metric: 'error-rate',
  max: null,
  trigger: { above: 0.02, forMs: FIVE_MINUTES },
}
const ABOVE_500_MS: Rule = {
  kind: 'limit',
  id: 'p95',
  metric: 'latency-p95',
  max: null,
  trigger: { above: 500, forMs: FIVE_MINUTES },
}
/** As a spec has it that says nothing of segments. */
export const LEARNED: SegmentsAsked = { declared: [], learn: 20 }
export const ABOVE_LIVE: Rule = {
  kind: 'relative',
  id: 'above-live',
  metric: 'error-rate',
  to: 'live',
  margin: 0.5,
  forMs: FIVE_MINUTES,
}

export const sequential: Policy = {
  name: 'Stellwerk',
  start: ({ timed, sticky, warmUpMs, routes }) => {
    const starting = {
      ...(warmUpMs === undefined ? {} : { warmUpMs }),
      ...(routes === undefined || routes.length === 0 ? {} : { segments: LEARNED }),
    }
    const judging = routes === undefined ? comparedBy : judgedBy
    return judging(timed ? [SEQUENTIAL_ERRORS, SEQUENTIAL_P95] : [SEQUENTIAL_ERRORS], sticky, starting)
  },
}

/**
 * The comparison of the product without what stands beside it (windows, sums of the step, the platform), of which no rule asks
 * here: a tenth of the time. `test/analysis/policies.test.ts` holds it to `judgedBy`.
 */
function comparedBy(
  rules: readonly Rule[],
  stickySessions = false,
  starting: Starting = {},
): ReturnType<Policy['start']> {
  const options = { ...sequentialOptions(rules, stickySessions, starting)!, minRequests: MIN_REQUESTS }
  let state = initialSequential(options)
  return (tick) => {
    if (tick.weight !== state.step.weight) {
      state = beginSequentialStep(state, { at: tick.from, weight: tick.weight })
    }
    state = foldSequential(state, options, tick)
    return tick.weight > 0 && rungOf(state, options) === 'rollback'
  }
}

/** The runbook: 5xx > 2 % for 5 min, and p95 > 500 ms for 5 min. */
export const limits: Policy = {
  name: '5xx > 2 % or p95 > 500 ms, 5 min',
  start: ({ timed }) => judgedBy(timed ? [ABOVE_2, ABOVE_500_MS] : [ABOVE_2]),
}

export const aboveLive: Policy = {
  name: 'errors > live + 50 %, 5 min',
  start: () => judgedBy([ABOVE_LIVE]),
}

/** As the engine does it: a step begins when its weight is observed, and every tick is folded and judged. */
export function judgedBy(
  rules: readonly Rule[],
  stickySessions = false,
  starting: Starting = {},
): ReturnType<Policy['start']> {
  let state = initialAnalysis({ rules, tickMs: TICK_MS, components: ['api'], stickySessions, starting })
  return (tick) => {
    if (state.step?.weight !== tick.weight) state = beginStep(state, { at: tick.from, weight: tick.weight })
    state = foldTick(state, tick)
    if (tick.weight === 0) return false
    const judgement = judge(state, { rules, minRequests: MIN_REQUESTS }, { now: tick.to, requiredMs: 0 })
    return judgement.triggered.length > 0
  }
}
