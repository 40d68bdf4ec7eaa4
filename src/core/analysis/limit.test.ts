import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { foldTick } from './fold.ts'
import { judged, MINUTE_MS, played, said, TICK_MS, tick, ticks } from './fixture.ts'
import type { LimitRule } from './rules.ts'

const FIVE = 5 * MINUTE_MS
const ERRORS: LimitRule = {
  kind: 'limit',
  id: 'errors',
  metric: 'error-rate',
  max: 0.01,
  trigger: { above: 0.02, forMs: FIVE },
}

describe('a limit on the error rate', () => {
  it('[R-E02] passes at the limit and fails just above it', () => {
    const at = played([ERRORS], ticks(0, FIVE, { candidate: { requests: 100, errors: 1 } }))
    assert.equal(said(judged(at, [ERRORS], FIVE), 'errors').outcome, 'pass')
    const above = foldTick(at, tick({ to: FIVE + TICK_MS, candidate: { requests: 100, errors: 2 } }))
    assert.equal(said(judged(above, [ERRORS], FIVE + TICK_MS), 'errors').outcome, 'fail')
  })

  it('[R-E02] demands a rollback when the whole window was above the trigger, and not one millisecond before', () => {
    const bad = { candidate: { requests: 100, errors: 3 } }
    const full = played([ERRORS], ticks(0, FIVE, bad))
    const verdict = said(judged(full, [ERRORS], FIVE), 'errors')
    assert.equal(verdict.triggered, true)
    const almost = [...ticks(0, FIVE - TICK_MS, bad), tick({ to: FIVE - 1, lengthMs: TICK_MS - 1, ...bad })]
    const early = said(judged(played([ERRORS], almost), [ERRORS], FIVE - 1), 'errors')
    assert.deepEqual([early.outcome, early.triggered], ['fail', false])
    assert.match(early.text, /; observed without a gap for 5m so far$/)
  })

  it('[R-E02] acts on 20 requests where an advance needs many more, and not on 19', () => {
    const first = (requests: number) => tick({ to: TICK_MS, candidate: { requests, errors: 10 } })
    const rest = ticks(TICK_MS, FIVE, { candidate: { requests: 0 } })
    const verdict = (requests: number) =>
      said(judged(played([ERRORS], [first(requests), ...rest]), [ERRORS], FIVE, { minRequests: 500 }), 'errors')
    assert.equal(verdict(20).triggered, true)
    assert.equal(verdict(19).triggered, false)
  })

  it('[R-E02] takes two failed requests of twenty for an accident, and three for a rate', () => {
    const rules = [{ ...ERRORS, max: null }]
    const first = (errors: number) => tick({ to: TICK_MS, candidate: { requests: 60, errors } })
    const rest = ticks(TICK_MS, FIVE, { candidate: { requests: 0 } })
    const verdict = (errors: number) => said(judged(played(rules, [first(errors), ...rest]), rules, FIVE), 'errors')
    assert.deepEqual([verdict(2).outcome, verdict(2).triggered], ['inconclusive', false])
    assert.equal(verdict(3).triggered, true)
  })

  it('[R-E02] does not demand it at exactly the trigger', () => {
    const state = played([ERRORS], ticks(0, FIVE, { candidate: { requests: 100, errors: 2 } }))
    const verdict = said(judged(state, [ERRORS], FIVE), 'errors')
    assert.deepEqual([verdict.outcome, verdict.triggered], ['fail', false])
  })

  it('[R-E02] says in one sentence what a person needs at 3 a.m.', () => {
    const live = { requests: 62, errors: 0 }
    const rest = ticks(TICK_MS, FIVE, { candidate: { requests: 7 }, live })
    const first = tick({ to: TICK_MS, candidate: { requests: 7, errors: 30 }, live: { requests: 44, errors: 8 } })
    const rules = [{ ...ERRORS, max: null }]
    const verdict = said(judged(played(rules, [first, ...rest]), rules, FIVE), 'errors')
    assert.equal(
      verdict.text,
      'api: error rate of the candidate was 7.1 % (30 of 420 requests, 12:00:00–12:05:00 UTC), above the 2 % that demand ' +
        'a rollback when it lasts 5m, as it did; live had 0.22 % (8 of 3 702 requests)',
    )
    assert.equal(verdict.rule, 'errors (api)')
    assert.equal(verdict.expected, 'rollback above 2 % for 5m')
    assert.match(verdict.source, /^metrics source, counts of api until 12:05:00 UTC$/)
  })

  it('[R-E02] looks at the last window only: what is over no longer demands a rollback', () => {
    const bad = ticks(0, FIVE, { candidate: { requests: 100, errors: 10 } })
    const good = ticks(FIVE, 2 * FIVE + 15_000, { candidate: { requests: 100 } })
    const state = played([ERRORS], [...bad, ...good])
    const verdict = said(judged(state, [ERRORS], 2 * FIVE + 15_000), 'errors')
    assert.deepEqual([verdict.outcome, verdict.triggered], ['fail', false])
    assert.match(verdict.text, /above the 1 % it may have to advance/)
  })

  it('[R-E02] is not fooled by a long good beginning: the window speaks for itself', () => {
    const good = ticks(0, 6 * FIVE, { candidate: { requests: 100 } })
    const late = ticks(6 * FIVE, 6 * FIVE + MINUTE_MS, { candidate: { requests: 100, errors: 15 } })
    const state = played([ERRORS], [...good, ...late])
    const verdict = said(judged(state, [ERRORS], 6 * FIVE + MINUTE_MS), 'errors')
    assert.equal(verdict.triggered, true, '0.5 % since the step began, 2.95 % in the window')
    assert.match(verdict.text, /2.95 % \(180 of 6 100 requests, 12:26:00–12:31:00 UTC|3 % \(180 of 6 000 requests/)
  })

  it('[R-E02] holds without a rollback when live breaches the same limit: a shared cause', () => {
    const outage = ticks(0, FIVE, { candidate: { requests: 10, errors: 2 }, live: { requests: 90, errors: 9 } })
    const judgement = judged(played([ERRORS], outage), [ERRORS], FIVE)
    const verdict = said(judgement, 'errors')
    assert.deepEqual([verdict.outcome, verdict.triggered], ['fail', false])
    assert.deepEqual(
      judgement.sharedCause.map(({ rule }) => rule),
      ['errors (api)'],
    )
    assert.match(
      verdict.text,
      /live had 10 % \(540 of 5 400 requests\), so live breaches the same limit: a shared cause/,
    )
  })

  it('[R-E02] does not take a handful of live requests for a shared cause', () => {
    const lone = ticks(0, FIVE, { candidate: { requests: 99, errors: 20 }, weight: 99, live: { requests: 0 } })
    const few = [
      ...lone.slice(1),
      tick({
        to: FIVE + TICK_MS,
        weight: 99,
        candidate: { requests: 99, errors: 20 },
        live: { requests: 49, errors: 49 },
      }),
    ]
    const state = played([ERRORS], [lone[0]!, ...few], { weight: 99 })
    assert.equal(said(judged(state, [ERRORS], FIVE + TICK_MS), 'errors').triggered, true)
    const one = foldTick(
      state,
      tick({
        to: FIVE + 2 * TICK_MS,
        weight: 99,
        candidate: { requests: 99, errors: 20 },
        live: { requests: 1, errors: 1 },
      }),
    )
    assert.equal(said(judged(one, [ERRORS], FIVE + 2 * TICK_MS), 'errors').triggered, false)
  })

  it('[R-E02] does not count time at weight 0, nor a gap, nor a clock jump as part of the window', () => {
    const bad = { candidate: { requests: 100, errors: 50 } }
    const before = ticks(0, MINUTE_MS, { ...bad, weight: 0 })
    const withZero = [...before, ...ticks(MINUTE_MS, FIVE, bad)]
    assert.equal(said(judged(played([ERRORS], withZero), [ERRORS], FIVE), 'errors').triggered, false)
    const withGap = ticks(0, FIVE, bad).filter((_, index) => index !== 30)
    assert.equal(said(judged(played([ERRORS], withGap), [ERRORS], FIVE), 'errors').triggered, false)
    const jump = [...ticks(0, FIVE - MINUTE_MS, bad), tick({ to: FIVE, lengthMs: MINUTE_MS, ...bad })]
    assert.equal(said(judged(played([ERRORS], jump), [ERRORS], FIVE), 'errors').triggered, false)
    const late = [...ticks(0, FIVE - 15_000, bad), tick({ to: FIVE, lengthMs: 15_000, ...bad })]
    assert.equal(
      said(judged(played([ERRORS], late), [ERRORS], FIVE), 'errors').triggered,
      true,
      '3 ticks late is covered',
    )
  })

  it('[R-E02] is inconclusive one request short of the minimum', () => {
    const many = played([ERRORS], ticks(0, FIVE, { candidate: { requests: 1 } }))
    assert.equal(said(judged(many, [ERRORS], FIVE, { minRequests: 60 }), 'errors').outcome, 'pass')
    const short = said(judged(many, [ERRORS], FIVE, { minRequests: 61 }), 'errors')
    assert.equal(short.outcome, 'inconclusive')
    assert.match(short.text, /60 requests are too few to judge, 61 are needed/)
  })

  it('[R-E02] does not roll back on errors in too few requests', () => {
    const state = played(
      [ERRORS],
      ticks(0, FIVE, { candidate: { requests: 0 } }).with(
        3,
        tick({ to: 20_000, candidate: { requests: 9, errors: 9 } }),
      ),
    )
    const verdict = said(judged(state, [ERRORS], FIVE, { minRequests: 10 }), 'errors')
    assert.deepEqual([verdict.outcome, verdict.triggered], ['inconclusive', false])
  })

  it('[R-E02] takes errors that outnumber the answers for a rate of 100 %', () => {
    const hanging = ticks(0, FIVE, { candidate: { requests: 0, errors: 4, latency: {} } })
    const verdict = said(judged(played([ERRORS], hanging), [ERRORS], FIVE), 'errors')
    assert.equal(verdict.triggered, true)
    assert.match(verdict.text, /was 100 % \(240 of 240 requests/)
  })
})

describe('a limit on latency', () => {
  const P95: LimitRule = {
    kind: 'limit',
    id: 'p95',
    metric: 'latency-p95',
    max: 512,
    trigger: { above: 1024, forMs: FIVE },
  }
  const slow = (share: number, bucket: number) => ({
    candidate: { requests: 100, latency: { 6: 100 - share, [bucket]: share } },
  })

  it('[R-E01] passes while at most 5 % are slower than the limit, fails from one request more', () => {
    const at = played([P95], ticks(0, FIVE, slow(5, 10)))
    assert.equal(said(judged(at, [P95], FIVE), 'p95').outcome, 'pass')
    const above = foldTick(at, tick({ to: FIVE + TICK_MS, ...slow(6, 10) }))
    const verdict = said(judged(above, [P95], FIVE + TICK_MS), 'p95')
    assert.equal(verdict.outcome, 'fail')
    assert.match(
      verdict.text,
      /p95 latency of the candidate was 1.02s \(5.02 % of 6 100 requests slower than 512ms, 5 % may be/,
    )
  })

  it('[R-E01] takes the slow edge of a bucket as the limit itself', () => {
    assert.equal(said(judged(played([P95], ticks(0, FIVE, slow(50, 9))), [P95], FIVE), 'p95').outcome, 'pass')
    assert.equal(said(judged(played([P95], ticks(0, FIVE, slow(50, 10))), [P95], FIVE), 'p95').outcome, 'fail')
  })

  it('[R-E01] demands a rollback after the whole window, not one tick before, and not where live is as slow', () => {
    const state = played([P95], ticks(0, FIVE - TICK_MS, slow(6, 11)))
    assert.equal(said(judged(state, [P95], FIVE - TICK_MS), 'p95').triggered, false)
    const full = foldTick(state, tick({ to: FIVE, ...slow(6, 11) }))
    assert.equal(said(judged(full, [P95], FIVE), 'p95').triggered, true)
    const both = ticks(0, FIVE, { ...slow(6, 11), live: { requests: 90, latency: { 6: 80, 11: 10 } } })
    assert.equal(said(judged(played([P95], both), [P95], FIVE), 'p95').triggered, false)
  })

  it('[R-E01] judges p50 and p99 by their own tails', () => {
    const P50: LimitRule = { ...P95, id: 'p50', metric: 'latency-p50', trigger: null }
    const P99: LimitRule = { ...P95, id: 'p99', metric: 'latency-p99', trigger: null }
    const outcomes = (share: number) => {
      const judgement = judged(played([P50, P99], ticks(0, FIVE, slow(share, 10))), [P50, P99], FIVE)
      return [said(judgement, 'p50').outcome, said(judgement, 'p99').outcome]
    }
    assert.deepEqual(
      [outcomes(1), outcomes(2), outcomes(50), outcomes(51)],
      [
        ['pass', 'pass'],
        ['pass', 'fail'],
        ['pass', 'fail'],
        ['fail', 'fail'],
      ],
    )
  })

  it('[R-E01] has no evidence where requests are counted without latencies', () => {
    const state = played([P95], ticks(0, FIVE, { candidate: { requests: 10, latency: {} } }))
    assert.equal(said(judged(state, [P95], FIVE), 'p95').outcome, 'no-evidence')
  })
})

describe('limits on what the platform sees', () => {
  const FLAPPING: LimitRule = {
    kind: 'limit',
    id: 'flapping',
    metric: 'readiness-flapping',
    max: 0.001,
    trigger: { above: 0.005, forMs: FIVE },
  }
  const MEMORY: LimitRule = {
    kind: 'limit',
    id: 'memory',
    metric: 'memory',
    max: 200,
    trigger: { above: 200, forMs: FIVE },
  }

  it('[R-E05] holds at 0.1 % failed readiness probes and goes back above 0.5 % over the window', () => {
    const flapping = (failures: number) => {
      const all = ticks(0, FIVE, { candidate: { requests: 10, readiness: { probes: 100, failures: 0 } } })
      const first = tick({ to: TICK_MS, candidate: { requests: 10, readiness: { probes: 100, failures } } })
      const { outcome, triggered } = said(judged(played([FLAPPING], all.with(0, first)), [FLAPPING], FIVE), 'flapping')
      return [outcome, triggered]
    }
    assert.deepEqual(flapping(6), ['pass', false])
    assert.deepEqual(flapping(7), ['fail', false])
    assert.deepEqual(flapping(30), ['fail', false])
    assert.deepEqual(flapping(31), ['fail', true])
  })

  it('[R-E05] has no evidence while the platform is not seen, and does not pass on less time than the step needs', () => {
    const seen = ticks(0, FIVE)
    const unseen = tick({ to: FIVE + TICK_MS, candidate: { requests: 10, readiness: null } })
    const after = said(judged(played([FLAPPING], [...seen, unseen]), [FLAPPING], FIVE + TICK_MS), 'flapping')
    assert.equal(after.outcome, 'no-evidence')
    const dark = ticks(0, FIVE, { candidate: { requests: 10, readiness: null } })
    const late = [...dark, tick({ to: FIVE + TICK_MS })]
    const verdict = said(judged(played([FLAPPING], late), [FLAPPING], FIVE + TICK_MS), 'flapping')
    assert.equal(verdict.outcome, 'inconclusive')
    assert.match(verdict.text, /known for 5s of 5m/)
  })

  it('[R-E05] keeps advancing from memory above the limit, and goes back only when it never fell below in the window', () => {
    const peak = ticks(0, FIVE, { candidate: { requests: 10, memoryBytes: 100 } })
    const once = peak.with(7, tick({ to: 8 * TICK_MS, candidate: { requests: 10, memoryBytes: 201 } }))
    const spike = said(judged(played([MEMORY], once), [MEMORY], FIVE), 'memory')
    assert.deepEqual([spike.outcome, spike.triggered], ['fail', false])
    const always = ticks(0, FIVE, { candidate: { requests: 10, memoryBytes: 201 } })
    assert.equal(said(judged(played([MEMORY], always), [MEMORY], FIVE), 'memory').triggered, true)
    const at = ticks(0, FIVE, { candidate: { requests: 10, memoryBytes: 200 } })
    assert.equal(said(judged(played([MEMORY], at), [MEMORY], FIVE), 'memory').outcome, 'pass')
  })

  it('has no evidence for a rule without a usable limit', () => {
    for (const rule of [
      { ...MEMORY, max: null, trigger: null },
      { ...MEMORY, max: Number.NaN },
    ]) {
      assert.equal(said(judged(played([rule], ticks(0, FIVE)), [rule], FIVE), 'memory').outcome, 'no-evidence')
    }
  })
})
