/** At little traffic a declared window holds too few requests: it reaches back, within the step, until it holds enough. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { beginStep, foldTick } from './fold.ts'
import { judged, MINUTE_MS, played, said, T0, TICK_MS, tick, ticks } from './fixture.ts'
import { after } from '../time.ts'
import type { LimitRule } from './rules.ts'

const FOUR = 4000
const P95: LimitRule = {
  kind: 'limit',
  id: 'p95',
  metric: 'latency-p95',
  max: null,
  trigger: { above: 600, forMs: FOUR },
}
const ERRORS: LimitRule = { ...P95, id: 'errors', metric: 'error-rate', trigger: { above: 0.02, forMs: FOUR } }
/** 1.0 to 2.0 s. */
const slow = (requests: number) => ({ requests, latency: { 11: requests } })
const MANY = { minRequests: 200 }

describe('a window that holds too few requests', () => {
  it('[R-E02] rolls back "p95 above 600 ms for 4 s" at five slow requests in 4 s: after 16 s, with the twentieth', () => {
    const all = ticks(0, MINUTE_MS, { lengthMs: FOUR, candidate: slow(5) })
    const fired = all.findIndex((_, index) => {
      const state = played([P95], all.slice(0, index + 1))
      return said(judged(state, [P95], (index + 1) * FOUR, MANY), 'p95').triggered
    })
    assert.equal((fired + 1) * FOUR, 16_000)
    const verdict = said(judged(played([P95], all.slice(0, 4)), [P95], 16_000, MANY), 'p95')
    assert.equal(
      verdict.text,
      'api: p95 latency of the candidate was 2.05s (100 % of 20 requests slower than 600ms, 5 % may be, ' +
        '12:00:00–12:00:16 UTC, 16s instead of 4s to hold enough requests), above the 600ms that demand a rollback when ' +
        'it lasts 4s, as it did; live had 64ms (0 % of 360 requests slower than 600ms, 5 % may be)',
    )
  })

  it('[R-E02] does so for a window shorter than a tick, as plans of earlier versions may have one', () => {
    const all = ticks(0, MINUTE_MS, { candidate: slow(5) })
    const verdict = (count: number) =>
      said(judged(played([P95], all.slice(0, count)), [P95], count * TICK_MS, MANY), 'p95').triggered
    assert.deepEqual([verdict(3), verdict(4)], [false, true])
  })

  it('[R-E02] reaches back to where the step began, and not beyond', () => {
    const before = played([ERRORS], ticks(0, MINUTE_MS, { candidate: { requests: 1, errors: 1 } }))
    const begun = beginStep(before, { at: after(T0, MINUTE_MS), weight: 10 })
    const later = ticks(MINUTE_MS, 2 * MINUTE_MS, { candidate: { requests: 1, errors: 1 } })
    const state = later.reduce(foldTick, begun)
    const verdict = said(judged(state, [ERRORS], 2 * MINUTE_MS, MANY), 'errors')
    assert.deepEqual([verdict.outcome, verdict.triggered], ['inconclusive', false])
    assert.match(verdict.text, /12 requests are too few to judge, 20 are needed/)
  })

  it('[R-E02] reaches no further than it has to: what is over does not demand a rollback', () => {
    const bad = ticks(0, MINUTE_MS, { candidate: { requests: 2, errors: 2 } })
    const good = ticks(MINUTE_MS, 2 * MINUTE_MS, { candidate: { requests: 2 } })
    const verdict = said(judged(played([ERRORS], [...bad, ...good]), [ERRORS], 2 * MINUTE_MS, MANY), 'errors')
    assert.equal(verdict.outcome, 'pass')
    assert.match(verdict.text, /0 of 20 requests, 12:01:10–12:02:00 UTC, 50s instead of 4s/)
  })

  it('[R-E02] holds what live suffered from, too, against the candidate no more than a long window does', () => {
    const both = { candidate: { requests: 2, errors: 2 }, live: { requests: 90, errors: 90 } }
    const outage = ticks(0, 30_000, both)
    const rest = ticks(30_000, 45_000, { candidate: { requests: 2 }, live: { requests: 4000 } })
    const verdict = said(judged(played([ERRORS], [...outage, ...rest]), [ERRORS], 45_000, MANY), 'errors')
    assert.deepEqual([verdict.outcome, verdict.triggered], ['inconclusive', false])
    const more = ticks(45_000, 60_000, { candidate: { requests: 2 }, live: { requests: 4000 } })
    const later = said(judged(played([ERRORS], [...outage, ...rest, ...more]), [ERRORS], 60_000, MANY), 'errors')
    assert.deepEqual([later.outcome, later.triggered], ['fail', false])
    assert.match(later.text, /live was above it until 12:00:35 UTC, a shared cause/)
  })

  it('[R-E02] remembers no more of a day in which hardly anybody came than of an hour', () => {
    const quiet = Array.from({ length: 3000 }, (_, index) =>
      tick({ to: (index + 1) * TICK_MS, candidate: { requests: index % 40 === 0 ? 1 : 0 } }),
    )
    const granules = played([ERRORS, P95], quiet).components['api']?.windows.map((window) => window.granules.length)
    assert.ok(
      granules?.every((count) => count <= 45),
      String(granules),
    )
  })
  it('[R-E02] keeps nothing from before the candidate had users: no window reaches there', () => {
    const before = played([ERRORS, P95], ticks(0, MINUTE_MS, { weight: 0, candidate: { requests: 0 } }))
    const state = ticks(MINUTE_MS, MINUTE_MS + TICK_MS, { candidate: { requests: 1 } }).reduce(foldTick, before)
    for (const { granules } of state.components['api']?.windows ?? [])
      assert.deepEqual(
        granules.map(({ exposure }) => exposure),
        ['part'],
      )
  })
})
