/** From what traffic on a trigger can roll back at all, and how soon: said where the traffic is unknown, or too little. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Step } from '../plan.ts'
import type { Rule } from '../analysis/rules.ts'
import { trafficFrom } from './detectable-effect.ts'
import { falseAlarms } from './false-alarms.ts'
import { forecastOf } from './forecast.ts'
import { DECLARED } from './plan-forecast.ts'

const MINUTE_MS = 60_000
const STEPS: readonly Step[] = [
  { kind: 'shift', weight: 10 },
  { kind: 'hold', weight: 10, holdMs: 5 * MINUTE_MS },
  { kind: 'shift', weight: 100 },
  { kind: 'bake', holdMs: 30 * MINUTE_MS },
]
const P95: Rule = { kind: 'limit', id: 'p95', metric: 'latency-p95', max: null, trigger: { above: 600, forMs: 4000 } }

function forecast(rule: Rule, rps: number | null) {
  const traffic = rps === null ? null : trafficFrom({ requestsPerSecond: rps, errorRate: 0.005 }, DECLARED)
  const components = [{ name: 'api', traffic }]
  return forecastOf({
    rules: [rule],
    minRequests: 200,
    tickMs: 2000,
    stickySessions: false,
    steps: STEPS,
    components,
  })
}

const noted = (rule: Rule, rps: number | null) =>
  forecast(rule, rps).warnings.flatMap(({ text }) => (text.includes(`"${rule.id}"`) ? [text] : []))

describe('what a trigger needs', () => {
  it('[R-E02] is said in requests per second where the traffic is not known', () => {
    assert.deepEqual(noted(P95, null), [
      'api: "p95" waits for 20 requests of the candidate: in 10 % for 5m it can roll back from 0.67 requests/s on, and after 4s from 50 requests/s on',
    ])
  })

  it('[R-E02] is said where the traffic is too little for its window, with how soon it fires then', () => {
    assert.deepEqual(noted(P95, 12.5), [
      'api: "p95" rolls back after 16s at the earliest in 10 % for 5m: its 4s are too short for the 20 requests that it needs, below 50 requests/s',
    ])
    assert.match(
      forecast(P95, 12.5).components[0]?.steps[0]?.effects[0]?.text ?? '',
      /^rolls back from .* after 16s \(/,
    )
    assert.deepEqual(noted(P95, 50), [])
  })

  it('[R-E02] is said where it can never fire in a step, and what to do', () => {
    const [never] = noted(P95, 0.5)
    assert.equal(
      never,
      'api: "p95" cannot roll back in 10 % for 5m: 15 requests of the candidate are too few, 20 are needed, which take 0.67 requests/s; hold longer, or begin with a larger share',
    )
    assert.match(forecast(P95, 0.5).components[0]?.steps[0]?.effects[0]?.text ?? '', /^is silent: 15 requests/)
  })

  it('[R-E03] is said of a raw comparison, whose window stays as long as it is', () => {
    const raw: Rule = { kind: 'relative', id: 'raw', metric: 'latency-p95', to: 'live', margin: 0.5, forMs: MINUTE_MS }
    assert.deepEqual(noted(raw, null), [
      'api: "raw" needs 200 requests of each side in its 1m: at 10 % it can roll back from 34 requests/s on',
    ])
    assert.deepEqual(noted(raw, 34), [])
  })
})

it('[R-E02] how many healthy releases a limit stops is counted with the window as far as it reaches', () => {
  const errors: Rule = { ...P95, metric: 'error-rate', trigger: { above: 0.02, forMs: 4000 } }
  const steps = [{ weight: 10, holdMs: 5 * MINUTE_MS }]
  const alarms = (rps: number) => falseAlarms(errors, { rps, baseline: 0.02, steps, minRequests: 200, tickMs: 2000 })
  assert.equal(alarms(0.5)?.stoppedOf100, 0, 'fifteen requests in the whole step')
  const stopped = alarms(12.5)?.stoppedOf100 ?? 0
  assert.ok(stopped > 20, `${stopped} of 100: three bad ones of twenty come by chance now and then`)
})
