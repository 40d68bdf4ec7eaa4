import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { binomial, poisson } from '../../testing/fake-metrics.ts'
import { randomOf } from '../random.ts'
import { falseAlarms, type TrafficShape } from './false-alarms.ts'
import { judged, MINUTE_MS, TICK_MS, tick } from '../analysis/fixture.ts'
import { beginStep, foldTick, initialAnalysis } from '../analysis/fold.ts'
import type { LimitRule, RelativeRule, Rule } from '../analysis/rules.ts'

const ABOVE_LIVE: RelativeRule = {
  kind: 'relative',
  id: 'vs-live',
  metric: 'error-rate',
  to: 'live',
  margin: 0.5,
  forMs: 5 * MINUTE_MS,
}
const ABOVE_2: LimitRule = {
  kind: 'limit',
  id: 'errors',
  metric: 'error-rate',
  max: 0.01,
  trigger: { above: 0.02, forMs: 5 * MINUTE_MS },
}
const HOUR: TrafficShape = {
  rps: 20,
  baseline: 0.005,
  minRequests: 50,
  steps: [{ weight: 10, holdMs: 60 * MINUTE_MS }],
}

describe('false alarms of a raw rule', () => {
  it('[R-E03] says that 50 % above live stops nearly every healthy release at 20 requests/s', () => {
    const said = falseAlarms(ABOVE_LIVE, HOUR)!
    assert.ok(said.stoppedOf100 > 98 && said.looks === 661, JSON.stringify(said))
    const busy = falseAlarms(ABOVE_LIVE, { ...HOUR, rps: 2000 })!
    assert.ok(busy.stoppedOf100 < 1, 'a hundred times the traffic carries it')
  })

  it('says that 2 % for 5 minutes stops none at 0.5 %, and some where the baseline is nearer or the traffic smaller', () => {
    const stopped = (change: Partial<TrafficShape>) => falseAlarms(ABOVE_2, { ...HOUR, ...change })!.stoppedOf100
    assert.equal(stopped({}), 0)
    assert.ok(stopped({ baseline: 0.01 }) > 20)
    assert.ok(stopped({ rps: 2 }) > 3)
  })

  for (const [name, rule, change] of [
    ['50 % above live, 20 requests/s at 1 %', ABOVE_LIVE, { baseline: 0.01 }],
    ['50 % above live, 60 requests/s at 0.5 %', ABOVE_LIVE, { rps: 60 }],
    ['50 % above live before, 20 requests/s at 1 %', { ...ABOVE_LIVE, to: 'before' }, { baseline: 0.01 }],
    ['2 % for 5 minutes, 20 requests/s at 1.2 %', ABOVE_2, { baseline: 0.012 }],
    ['2 % for 5 minutes, 4 requests/s at 1 %', ABOVE_2, { rps: 4, baseline: 0.01 }],
  ] as const) {
    it(`[R-E03] agrees with the rule itself on releases played tick by tick: ${name}`, (test) => {
      const at: TrafficShape = {
        ...HOUR,
        ...change,
        steps: [
          { weight: 10, holdMs: 6 * MINUTE_MS },
          { weight: 50, holdMs: 3 * MINUTE_MS },
          { weight: 100, holdMs: 3 * MINUTE_MS },
        ],
      }
      const said = falseAlarms(rule, at)!
      const releases = 80
      let stopped = 0
      for (let seed = 0; seed < releases; seed++) if (stops(rule, at, seed)) stopped += 1
      const share = stopped / releases
      const error = Math.hypot(said.standardError, 100 * Math.sqrt((share * (1 - share)) / releases))
      test.diagnostic(
        `said ${said.stoppedOf100.toFixed(1)}, played ${(100 * share).toFixed(1)}, SE ${error.toFixed(1)}`,
      )
      assert.ok(share > 0.03 && share < 0.97, `only a rule that stops some is told apart: ${share}`)
      assert.ok(Math.abs(said.stoppedOf100 - 100 * share) < 3.5 * error + 2)
    })
  }

  it('is the same every time, and looks only where a window fits', () => {
    assert.deepEqual(falseAlarms(ABOVE_LIVE, HOUR), falseAlarms(ABOVE_LIVE, HOUR))
    const short = { ...HOUR, steps: [{ weight: 10, holdMs: 4 * MINUTE_MS }] }
    assert.deepEqual(falseAlarms(ABOVE_LIVE, short), { stoppedOf100: 0, standardError: 0, looks: 0 })
    assert.equal(falseAlarms(ABOVE_LIVE, { ...HOUR, steps: [{ weight: 10, holdMs: 5 * MINUTE_MS }] })?.looks, 1)
    assert.deepEqual(falseAlarms(ABOVE_LIVE, { ...HOUR, steps: [] })?.looks, 0)
    assert.equal(falseAlarms(ABOVE_LIVE, { ...HOUR, rps: 0 })?.stoppedOf100, 0)
  })

  it('has nothing to say of rules that do not roll back on a share of requests', () => {
    const sequential: Rule = { kind: 'sequential', id: 's', metric: 'error-rate', tolerance: 0.2, limit: 0.02 }
    const rules: readonly Rule[] = [
      sequential,
      { ...ABOVE_2, trigger: null },
      { ...ABOVE_2, metric: 'memory' },
      { ...ABOVE_LIVE, metric: 'latency-p95' },
      { kind: 'silence', id: 'logs', metric: 'info-logs', silenceMs: MINUTE_MS },
    ]
    for (const rule of rules) assert.equal(falseAlarms(rule, HOUR), null)
  })

  it('counts slow requests against the share that a quantile allows', () => {
    const p95: LimitRule = { ...ABOVE_2, metric: 'latency-p95', trigger: { above: 500, forMs: 5 * MINUTE_MS } }
    const stopped = (baseline: number) => falseAlarms(p95, { ...HOUR, baseline })!.stoppedOf100
    assert.ok(stopped(0.01) === 0 && stopped(0.04) > 20, '1 % and 4 % slow, 5 % may be')
  })
})

/** The real rule, judged after every tick of one healthy release. */
function stops(rule: Rule, at: TrafficShape, seed: number): boolean {
  const random = randomOf(seed)
  const side = (weight: number) => {
    const requests = poisson(random, ((at.rps * TICK_MS) / 1000) * (weight / 100))
    return { requests, errors: binomial(random, requests, at.baseline), latency: {} }
  }
  const steps = [{ weight: 0, holdMs: at.beforeMs ?? 5 * MINUTE_MS }, ...at.steps]
  let state = initialAnalysis({ rules: [rule], tickMs: TICK_MS, components: ['api'] })
  let now = 0
  for (const { weight, holdMs } of steps) {
    state = beginStep(state, { at: tick({ to: now }).to, weight })
    for (const end = now + holdMs; now < end; ) {
      now += TICK_MS
      state = foldTick(state, tick({ to: now, weight, live: side(100 - weight), candidate: side(weight) }))
      const judgement = judged(state, [rule], now, { minRequests: at.minRequests, requiredMs: 0 })
      if (weight > 0 && judgement.triggered.some((verdict) => verdict.rule.startsWith(rule.id))) return true
    }
  }
  return false
}
