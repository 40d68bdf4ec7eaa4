/** What other tools decide by, re-told from their sources: the statistics only, without their clusters. */
import type { MetricsTick } from '../../src/core/analysis/state.ts'
import { histogramQuantile, mergeHistograms } from '../../src/core/histogram.ts'
import type { Histogram } from '../../src/core/observed.ts'
import { everyTicks, type Policy } from './policy.ts'

const MINUTE_TICKS = 12

/**
 * Flagger with the values of its documentation: success rate at least 99 % and, where latencies are known, p99 at most
 * 500 ms, looked at every 60 s; each failed check counts and none is forgotten; no values are a failed check. At 5 it goes
 * back, compared when the following interval begins.
 */
export const flagger: Policy = {
  name: 'Flagger 99 %, 60 s, 5',
  start: ({ timed }) => {
    let failed = 0
    const slow = timed ? p99() : null
    const errors = everyTicks(MINUTE_TICKS, ({ requests, errors }) => {
      if (failed >= 5) return true
      const bad = requests === 0 || (requests - errors) / requests < 0.99
      if (bad || slow?.() === true) failed += 1
      return false
    })
    return (tick) => {
      slow?.add(tick)
      return errors(tick)
    }
  },
}

/** p99 of the candidate's last minute, read once: above 500 ms? */
function p99(): { (): boolean; add: (tick: MetricsTick) => void } {
  let pool: Histogram | null = null
  const read = () => {
    const above = (pool === null ? 0 : (histogramQuantile(pool, 0.99) ?? 0)) > 500
    pool = null
    return above
  }
  return Object.assign(read, {
    add: ({ weight, candidate }: MetricsTick) => {
      if (weight > 0) pool = pool === null ? candidate.latency : mergeHistograms(pool, candidate.latency)
    },
  })
}

/**
 * Argo Rollouts: a measurement every 60 s, `successCondition: result[0] >= 0.99`, `failureLimit: 3`: the fourth failed one
 * ends it, whenever it comes. An empty result is an error of the expression; more than 4 of those in a row end it as well.
 */
export const argo: Policy = {
  name: 'Argo 99 %, 60 s, limit 3',
  start: () => {
    let failed = 0
    let errors = 0
    return everyTicks(MINUTE_TICKS, ({ requests, errors: bad }) => {
      errors = requests === 0 ? errors + 1 : 0
      if (requests > 0 && !((requests - bad) / requests >= 0.99)) failed += 1
      return failed > 3 || errors > 4
    })
  },
}
