import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { beginStep, foldTick } from './fold.ts'
import { judged, MINUTE_MS, played, said, T0, TICK_MS, tick, ticks } from './fixture.ts'
import type { RelativeRule } from './rules.ts'
import { after } from '../time.ts'

const FIVE = 5 * MINUTE_MS
const TO_LIVE: RelativeRule = {
  kind: 'relative',
  id: 'vs-live',
  metric: 'error-rate',
  to: 'live',
  margin: 0.5,
  forMs: FIVE,
}
const TO_BEFORE: RelativeRule = { ...TO_LIVE, id: 'vs-before', to: 'before' }
const LATENCY: RelativeRule = { ...TO_LIVE, id: 'p95-vs-live', metric: 'latency-p95', margin: 1 }

describe('a rule relative to live', () => {
  const errors = (candidate: number, live: number) => ({
    candidate: { requests: 100, errors: candidate },
    live: { requests: 100, errors: live },
  })

  it('[R-E03] passes at exactly the margin and demands a rollback above it for the whole window, not a tick before', () => {
    const at = played([TO_LIVE], ticks(0, FIVE, errors(3, 2)))
    assert.equal(said(judged(at, [TO_LIVE], FIVE), 'vs-live').outcome, 'pass')
    const oneMore = foldTick(at, tick({ to: FIVE + TICK_MS, ...errors(4, 2) }))
    assert.equal(said(judged(oneMore, [TO_LIVE], FIVE + TICK_MS), 'vs-live').outcome, 'fail', '3.02 % against 2 %')
    const almost = played([TO_LIVE], ticks(0, FIVE - TICK_MS, errors(4, 2)))
    const early = said(judged(almost, [TO_LIVE], FIVE - TICK_MS), 'vs-live')
    assert.deepEqual([early.outcome, early.triggered], ['fail', false])
    assert.match(early.text, /; rollback when it lasts 5m, observed without a gap for 4m 55s so far$/)
    const full = foldTick(almost, tick({ to: FIVE, ...errors(4, 2) }))
    const verdict = said(judged(full, [TO_LIVE], FIVE), 'vs-live')
    assert.deepEqual([verdict.outcome, verdict.triggered], ['fail', true])
    assert.equal(
      verdict.text,
      'api: error rate of the candidate was 4 % (240 of 6 000 requests, 12:00:00–12:05:00 UTC), that of live in the same ' +
        'time 2 % (120 of 6 000 requests): more than the 50 % above (3 %) that are allowed, for 5m now',
    )
  })

  it('[R-E03] does not trigger one millisecond before the window is complete', () => {
    const all = [
      ...ticks(0, FIVE - TICK_MS, errors(4, 2)),
      tick({ to: FIVE - 1, lengthMs: TICK_MS - 1, ...errors(4, 2) }),
    ]
    assert.equal(said(judged(played([TO_LIVE], all), [TO_LIVE], FIVE - 1), 'vs-live').triggered, false)
  })

  it('[R-E03] is inconclusive with too few requests on either side', () => {
    const few = (candidate: number, live: number) => {
      const first = tick({
        to: TICK_MS,
        candidate: { requests: candidate, errors: candidate },
        live: { requests: live },
      })
      const rest = ticks(TICK_MS, FIVE, { candidate: {}, live: {} })
      const { outcome, triggered } = said(judged(played([TO_LIVE], [first, ...rest]), [TO_LIVE], FIVE), 'vs-live')
      return [outcome, triggered]
    }
    assert.deepEqual(few(49, 5000), ['inconclusive', false])
    assert.deepEqual(few(5000, 49), ['inconclusive', false])
    assert.deepEqual(few(50, 50), ['fail', true])
  })

  it('[R-E03] compares with the last window of live where the candidate has all traffic, and says so', () => {
    const ramp = ticks(0, FIVE, { ...errors(2, 2), weight: 50 })
    const begun = beginStep(played([TO_LIVE], ramp, { weight: 50 }), { at: after(T0, FIVE), weight: 100 })
    const alone = ticks(FIVE, 3 * FIVE, { weight: 100, candidate: { requests: 200, errors: 7 }, live: {} })
    const verdict = said(judged(alone.reduce(foldTick, begun), [TO_LIVE], 3 * FIVE), 'vs-live')
    assert.deepEqual([verdict.outcome, verdict.triggered], ['fail', true])
    assert.match(
      verdict.text,
      /3\.5 % \(420 of 12 000 requests, 12:10:00–12:15:00 UTC\), that of live before the candidate had all traffic, 12:00:00–12:05:00 UTC, 2 % \(120 of 6 000 requests\)/,
    )
  })

  it('[R-E03] is inconclusive at 100 % where live was never seen', () => {
    const alone = ticks(0, FIVE, { weight: 100, candidate: { requests: 100 }, live: {} })
    const verdict = said(judged(played([TO_LIVE], alone, { weight: 100 }), [TO_LIVE], FIVE), 'vs-live')
    assert.equal(verdict.outcome, 'inconclusive')
    assert.match(verdict.text, /nothing is known of live/)
  })

  it('[R-E01] compares latencies by the quantile of the pooled requests', () => {
    const latencies = (bucket: number) => ({
      candidate: { requests: 100, latency: { 6: 90, [bucket]: 10 } },
      live: { requests: 900, latency: { 6: 810, 8: 90 } },
    })
    const same = said(judged(played([LATENCY], ticks(0, FIVE, latencies(9))), [LATENCY], FIVE), 'p95-vs-live')
    assert.equal(same.outcome, 'pass', 'twice as slow is exactly the margin')
    const slower = said(judged(played([LATENCY], ticks(0, FIVE, latencies(10))), [LATENCY], FIVE), 'p95-vs-live')
    assert.deepEqual([slower.outcome, slower.triggered], ['fail', true])
    assert.match(slower.text, /p95 latency of the candidate was 1.02s \(6 000 requests, .* 256ms \(54 000 requests\)/)
  })

  it('has no evidence for a margin that is none, or where latencies are missing', () => {
    const odd = { ...TO_LIVE, margin: Number.NaN }
    assert.equal(said(judged(played([odd], ticks(0, FIVE)), [odd], FIVE), 'vs-live').outcome, 'no-evidence')
    const untimed = ticks(0, FIVE, { candidate: { requests: 100, latency: {} } })
    assert.equal(said(judged(played([LATENCY], untimed), [LATENCY], FIVE), 'p95-vs-live').outcome, 'no-evidence')
  })
})

describe('a rule relative to before', () => {
  it('[R-E03] compares with live before the first shift and never with live after it', () => {
    const before = ticks(-FIVE, 0, { weight: 0, candidate: {}, live: { requests: 100, errors: 2 } })
    const during = ticks(0, FIVE, { candidate: { requests: 100, errors: 4 }, live: { requests: 100, errors: 50 } })
    const again = ticks(FIVE, FIVE + MINUTE_MS, { weight: 0, candidate: {}, live: { requests: 100, errors: 100 } })
    const verdict = said(judged(played([TO_BEFORE], [...before, ...during]), [TO_BEFORE], FIVE), 'vs-before')
    assert.deepEqual([verdict.outcome, verdict.triggered], ['fail', true])
    assert.match(verdict.text, /live before the first shift, 11:55:00–12:00:00 UTC, 2 % \(120 of 6 000 requests\)/)
    const later = played([TO_BEFORE], [...before, ...during, ...again])
    assert.equal(later.components.api?.before?.live.errors, 120, 'weight 0 after a shift is not "before"')
  })

  it('[R-E03] is inconclusive without a baseline', () => {
    const verdict = said(judged(played([TO_BEFORE], ticks(0, FIVE)), [TO_BEFORE], FIVE), 'vs-before')
    assert.equal(verdict.outcome, 'inconclusive')
    assert.match(verdict.text, /nothing is known of live before the first shift/)
  })
})
