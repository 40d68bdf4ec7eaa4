import { type Foreseen, trafficFrom } from './detectable-effect.ts'
import { DECLARED } from './plan-forecast.ts'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Step } from '../plan.ts'
import type { Rule } from '../analysis/rules.ts'
import { forecastOf } from './forecast.ts'

const MINUTE_MS = 60_000
const STEPS: readonly Step[] = [
  { kind: 'smoke' },
  { kind: 'shift', weight: 10 },
  { kind: 'hold', weight: 10, holdMs: 10 * MINUTE_MS },
  { kind: 'shift', weight: 50 },
  { kind: 'hold', weight: 50, holdMs: 20 * MINUTE_MS },
  { kind: 'shift', weight: 100 },
  { kind: 'bake', holdMs: 30 * MINUTE_MS },
]
const SEQUENTIAL: Rule = { kind: 'sequential', id: 'errors', metric: 'error-rate', tolerance: 0.2, limit: 0.02 }
const SLOWER: Rule = { kind: 'sequential', id: 'p95', metric: 'latency-p95', tolerance: 0.1, limit: 500 }
const LIMIT: Rule = {
  kind: 'limit',
  id: 'limit',
  metric: 'error-rate',
  max: 0.01,
  trigger: { above: 0.02, forMs: 5 * MINUTE_MS },
}
const RAW: Rule = { kind: 'relative', id: 'raw', metric: 'error-rate', to: 'live', margin: 0.5, forMs: 5 * MINUTE_MS }

function forecast(rules: readonly Rule[], change: Partial<Foreseen> & { rps?: number; errorRate?: number } = {}) {
  const { rps = 20, errorRate = 0.005, ...rest } = change
  const traffic = trafficFrom({ requestsPerSecond: rps, errorRate }, DECLARED)
  const components = [{ name: 'api', traffic }]
  return forecastOf({ rules, minRequests: 200, tickMs: 5000, stickySessions: false, steps: STEPS, components, ...rest })
}

function seen(rule: Rule, step: number, change: Parameters<typeof forecast>[1] = {}): string {
  const effect = forecast([rule], change).components[0]?.steps[step]?.effects[0]
  assert.ok(effect)
  return effect.text
}

describe('what each step sees', () => {
  it('[R-E03] is said of the sequential comparison at every weight, also where the candidate has all traffic', () => {
    const { components, warnings } = forecast([SEQUENTIAL])
    assert.deepEqual(
      components[0]?.steps.map(({ step, weight, effects }) => [step, weight, effects[0]?.text]),
      [
        [2, 10, "sees 5 times live's errors (5m; in 95 of 100: 10m), not 3 times (15m); a total failure in 15s"],
        [4, 50, "sees 3 times live's errors (7m; in 95 of 100: 15m), not 2 times (27m); a total failure in 20s"],
        [6, 100, "sees 3 times live's errors (9m; in 95 of 100: 18m), not 2 times (never); a total failure in 20s"],
      ],
    )
    assert.deepEqual(warnings, [])
  })

  it('[R-E03] knows that more is tolerated where the router keeps sessions: each side has users of its own', () => {
    assert.match(
      seen(SEQUENTIAL, 0, { stickySessions: true }),
      /^sees 5 times live's errors \(7m;.*not 3 times \(28m\)/,
    )
  })

  it('[R-E03] is said of single routes where those are judged by themselves', () => {
    const starting = { segments: { declared: [], learn: 20 } }
    assert.match(
      seen(SEQUENTIAL, 0, { starting }),
      /; a total failure in \d+s; a dead route from 0\.14 requests\/s of its own on$/,
    )
    assert.doesNotMatch(seen(SLOWER, 0, { starting }), /route/)
  })

  it('[R-E03] says when a step is too short to show that a limit is kept, and when it never can', () => {
    assert.match(seen(SEQUENTIAL, 0, { rps: 5 }), /; 300 requests are too few to advance, about 50\d are needed$/)
    assert.match(
      seen(SEQUENTIAL, 1, { errorRate: 0.02 }),
      /; never advances: live's 2 % errors are no less than the 2 %/,
    )
  })

  it('[R-E02] is said of a limit with the requests of its own window, and of its max at the end of the step', () => {
    assert.equal(
      seen(LIMIT, 0),
      "rolls back from 2.1 % errors (4.2 times live's) after 5m (in 95 of 100 from 3.2 %); holds from 1.1 % errors (2.1 times live's) at its end (in 95 of 100 from 1.6 %)",
    )
    assert.match(seen(LIMIT, 0, { rps: 0.5 }), /^rolls back from 13\.4 % errors .* after 6m 40s \(.*; is silent: 30 /)
    assert.match(seen(LIMIT, 0, { rps: 0.3 }), /^is silent: 18 requests are too few, 20 are needed; is silent: 18 /)
    const long: Rule = { ...LIMIT, max: null, trigger: { above: 0.02, forMs: 15 * MINUTE_MS } }
    assert.match(seen(long, 0), /^cannot roll back yet: 15m are longer than the 10m so far$/)
    assert.match(seen(long, 1), /^rolls back from/)
    assert.match(seen(LIMIT, 0, { errorRate: 0.03 }), /^never rolls back: live is above the limit itself/)
  })

  it('[R-E03] is said of a raw comparison with the noise of both sides, and its silence at little traffic', () => {
    assert.match(seen(RAW, 0), /^rolls back from 1.5 times live's errors after 5m \(in 95 of 100 from 3\.\d times\)$/)
    assert.match(seen(RAW, 0, { rps: 4 }), /^is silent: 120 requests against 1 080 of live are too few, 200 of each/)
    assert.match(seen(RAW, 2), /^rolls back from 1.5 times/, 'at 100 % it compares with the window before')
    const alone = forecast([RAW], { steps: STEPS.slice(5) }).components[0]?.steps[0]?.effects[0]?.text
    assert.match(alone ?? '', /^rolls back|^is silent/)
    assert.match(seen({ ...RAW, to: 'before' }, 0, { rps: 5 }), /against 150 of live are too few/)
  })

  it('[R-E01] is said of latencies by the share of slow requests, and by how much slower than live', () => {
    const slow: Rule = { ...LIMIT, metric: 'latency-p95', max: null, trigger: { above: 500, forMs: 5 * MINUTE_MS } }
    assert.equal(
      seen(slow, 0),
      'rolls back from 5.1 % of the requests slower than 500ms after 5m (in 95 of 100 from 6.8 %)',
    )
    assert.equal(seen(SLOWER, 0), "sees latencies 20 % above live's (6m, where they spread as usual)")
    assert.match(seen(SLOWER, 2), /^sees latencies 50 % above/, 'more is forgiven where nothing is beside it')
    assert.match(seen(SLOWER, 0, { rps: 1 }), /; 60 requests are too few to advance, about 200 are needed$/)
    assert.match(
      seen({ ...SLOWER, metric: 'latency-p99' }, 0, { rps: 6 }),
      /; 360 requests .*, about 4\d\d are needed$/,
    )
    const raw: Rule = { ...RAW, metric: 'latency-p95', margin: 0.2 }
    assert.match(seen(raw, 0), /^rolls back when 20 % slower than live for 5m \(in 95 of 100 from 29 %/)
  })

  it('is said of rules that need no traffic, and of windows that are not full yet', () => {
    const memory: Rule = { kind: 'limit', id: 'm', metric: 'memory', max: 1, trigger: { above: 2, forMs: MINUTE_MS } }
    assert.equal(seen(memory, 0), 'rolls back after 1m; needs no traffic')
    assert.equal(seen({ ...memory, trigger: null }, 0), 'holds while the step is above it; needs no traffic')
    const silence: Rule = { kind: 'silence', id: 's', metric: 'info-logs', silenceMs: 15 * MINUTE_MS }
    assert.match(seen(silence, 0), /^cannot roll back yet: 15m are longer than the 10m so far/)
    assert.equal(seen(silence, 1), 'rolls back after 15m without a line')
  })
})

function warningsOf(...of: Parameters<typeof forecast>): readonly string[] {
  return forecast(...of).warnings.map(({ text }) => text)
}

describe('a warning', () => {
  it('[R-E03] names a raw comparison with the share of healthy releases that it would stop, and what to use', () => {
    const [alone, warning, ...more] = warningsOf([RAW])
    assert.match(alone ?? '', /^every rule compares with live/)
    assert.deepEqual(more, [])
    assert.match(
      warning ?? '',
      /^api: "raw" \(\+50 % over 5m relative to live\) would stop about (80|85|90) of 100 healthy releases at 20 requests\/s with 0.5 % errors; use `\{ metric: error-rate, compare: sequential, tolerance: 50% \}`$/,
    )
    assert.match(warningsOf([RAW, SEQUENTIAL])[0] ?? '', /remove it: the sequential comparison beside it/)
  })

  it('[R-E02] is that nothing judges a release with nothing beside it, and the limit that would', () => {
    const about = (change: Parameters<typeof forecast>[1], rules: readonly Rule[] = [RAW]) =>
      warningsOf(rules, change).find((warning) => warning.includes('judged by nothing, so a person is asked')) ?? ''
    assert.match(
      about({ rps: 500 }),
      /; add `\{ metric: error-rate, max: 2% \}`, which healthy releases keep at this traffic$/,
    )
    assert.match(about({ rps: 500, errorRate: 0.018 }), /max: 5% /, 'live is too near to 2 %')
    assert.match(about({ rps: 500, errorRate: 0.4 }), /max: … \}`, with a limit that live's own errors keep$/)
    assert.match(about({ components: [] }), /max: 2% \}`, a usual limit to begin with$/)
    assert.equal(about({}, [RAW, LIMIT]), '')
    assert.equal(about({}, [SEQUENTIAL]), '', 'it knows a limit of its own')
  })

  it('[R-E02] names a limit that lies too near to what live does, and none that does not', () => {
    assert.deepEqual(warningsOf([LIMIT]), [])
    const near = warningsOf([LIMIT], { errorRate: 0.018 })
    assert.match(
      near[0] ?? '',
      /"limit" \(above 2 % over 5m\) would stop about \d+ of 100 .*; raise `above` or lengthen `for`/,
    )
    assert.match(
      near[1] ?? '',
      /"limit" \(at most 1 %\) would hold more than 5 of 100 .*: live's own 1.8 % are too near/,
    )
  })

  it('[R-E03] names a step that sees nothing of up to five times live’s errors, and what it does see', () => {
    assert.deepEqual(warningsOf([SEQUENTIAL], { rps: 2 }), [
      'api: 10 % for 10m (step 3) sees too little: it is likely to see no less than 9.1 % errors (18 times 0.5 %); hold longer, or give it more traffic',
      'api: 50 % for 20m (step 5) sees too little: it is likely to see no less than 4.8 % errors (9.6 times 0.5 %); hold longer, or give it more traffic',
      'api: 100 % for 30m (step 7) sees too little: it is likely to see no less than 4.8 % errors (9.6 times 0.5 %); hold longer, or give it more traffic',
    ])
    assert.deepEqual(warningsOf([SLOWER]), [
      'api: no step sees errors at 20 requests/s; `compare: sequential` sees most with little traffic',
    ])
  })

  it('says that the traffic is not known, unless the environment has no users anyway', () => {
    const components = [{ name: 'api', traffic: null }]
    assert.match(warningsOf([SEQUENTIAL], { components })[0] ?? '', /^api: its traffic is not known.*declare it/)
    assert.deepEqual(warningsOf([SEQUENTIAL], { components, minRequests: 0 }), [])
  })
})
