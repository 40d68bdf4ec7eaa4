import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { after } from '../time.ts'
import { beginStep, foldTick, initialAnalysis } from './fold.ts'
import { judged, MINUTE_MS, played, said, T0, TICK_MS, tick, ticks } from './fixture.ts'
import type { LimitRule, SequentialRule, SilenceRule } from './rules.ts'

const FIVE = 5 * MINUTE_MS
const ERRORS: LimitRule = { kind: 'limit', id: 'errors', metric: 'error-rate', max: 0.01, trigger: null }
const SILENCE: SilenceRule = { kind: 'silence', id: 'logs', metric: 'info-logs', silenceMs: 2 * MINUTE_MS }

describe('the judgement of a step', () => {
  it('[R-E02] passes with every rule passed, enough time and enough requests, and not a millisecond earlier', () => {
    const state = played([ERRORS], ticks(0, FIVE))
    assert.equal(judged(state, [ERRORS], FIVE).outcome, 'pass')
    assert.equal(judged(state, [ERRORS], FIVE).coverageMs, FIVE)
    const early = judged(state, [ERRORS], FIVE, { requiredMs: FIVE + 1 })
    assert.equal(early.outcome, 'inconclusive')
    assert.match(said(early, 'evidence').text, /observed 5m with 600 requests of the candidate/)
    assert.equal(judged(state, [ERRORS], FIVE, { minRequests: 600 }).outcome, 'pass')
    assert.equal(judged(state, [ERRORS], FIVE, { minRequests: 601 }).outcome, 'inconclusive')
  })

  it('[R-E07] does not pass without any rule, without any tick, nor before a step began', () => {
    assert.equal(judged(played([], ticks(0, FIVE)), [], FIVE).outcome, 'no-evidence')
    assert.equal(judged(played([ERRORS], []), [ERRORS], FIVE).outcome, 'no-evidence')
    const options = { rules: [ERRORS], tickMs: TICK_MS, components: ['api'] }
    const unbegun = ticks(0, FIVE).reduce(foldTick, initialAnalysis(options))
    assert.equal(judged(unbegun, [ERRORS], FIVE).outcome, 'no-evidence')
    const nobody = beginStep(initialAnalysis({ ...options, components: [] }), { at: T0, weight: 10 })
    assert.deepEqual(judged(nobody, [ERRORS], FIVE), {
      outcomes: [],
      verdicts: [],
      triggered: [],
      sharedCause: [],
      outcome: 'no-evidence',
      coverageMs: 0,
    })
  })

  it('[R-E07] does not pass on measurements older than three ticks, nor on ones from the future', () => {
    const state = played([ERRORS], ticks(0, FIVE))
    assert.equal(judged(state, [ERRORS], FIVE + 3 * TICK_MS).outcome, 'pass')
    const stale = judged(state, [ERRORS], FIVE + 3 * TICK_MS + 1)
    assert.equal(stale.outcome, 'no-evidence')
    assert.ok(stale.verdicts.every(({ outcome }) => outcome === 'no-evidence'))
    assert.match(stale.verdicts[0]!.text, /15s old \(at most 15s may pass, 3 ticks\)/)
    assert.equal(judged(state, [ERRORS], FIVE - 3 * TICK_MS - 1).outcome, 'no-evidence')
  })

  it('[R-E07] does not pass right after an unusable tick, and says what was wrong with it', () => {
    const state = played([ERRORS], ticks(0, FIVE))
    const broken = foldTick(state, tick({ to: FIVE + TICK_MS, candidate: { requests: Number.NaN } }))
    const judgement = judged(broken, [ERRORS], FIVE + TICK_MS)
    assert.equal(judgement.outcome, 'no-evidence')
    assert.match(said(judgement, 'errors').text, /the newest measurement is unusable, candidate: requests is NaN/)
    const mended = foldTick(broken, tick({ to: FIVE + 2 * TICK_MS }))
    assert.equal(judged(mended, [ERRORS], FIVE + 2 * TICK_MS).outcome, 'pass')
  })

  it('[R-E07] does not pass when the buckets change under way', () => {
    const state = played([ERRORS], ticks(0, FIVE))
    const other = tick({ to: FIVE + TICK_MS })
    const latency = { base: 1.02, unitMs: 0.1, counts: { 300: 10 } }
    const changed = foldTick(state, { ...other, candidate: { ...other.candidate, latency } })
    assert.match(
      said(judged(changed, [ERRORS], FIVE + TICK_MS), 'errors').text,
      /buckets of the latency histogram changed/,
    )
  })

  it('counts as evidence only whole ticks of this step at its weight', () => {
    const begun = beginStep(played([ERRORS], ticks(0, FIVE)), { at: after(T0, FIVE - 1), weight: 50 })
    const straddling = foldTick(begun, tick({ to: FIVE + TICK_MS - 2, weight: 50 }))
    const other = foldTick(straddling, tick({ to: FIVE + 2 * TICK_MS, weight: 10 }))
    const fits = foldTick(other, tick({ to: FIVE + 3 * TICK_MS, weight: 50 }))
    assert.equal(judged(other, [ERRORS], FIVE + 2 * TICK_MS).coverageMs, 0)
    assert.equal(judged(fits, [ERRORS], FIVE + 3 * TICK_MS).coverageMs, TICK_MS)
  })

  it('counts a late tick for no more than three ticks of time, and a tick given twice once', () => {
    const late = played([ERRORS], [tick({ to: MINUTE_MS, lengthMs: MINUTE_MS })])
    assert.equal(judged(late, [ERRORS], MINUTE_MS).coverageMs, 3 * TICK_MS)
    const same = tick({ to: TICK_MS })
    const twice = played([ERRORS], [same, same])
    assert.deepEqual(twice, played([ERRORS], [same]))
  })

  it('judges every component, and advances only when all of them pass', () => {
    const both = { components: ['api', 'pwa'] }
    const api = ticks(0, FIVE)
    const pwa = ticks(0, FIVE, { component: 'pwa', candidate: { requests: 10, errors: 1 } })
    const missing = judged(played([ERRORS], api, both), [ERRORS], FIVE)
    assert.equal(missing.outcome, 'no-evidence')
    assert.match(
      said(missing, 'errors', 'pwa').text,
      /^pwa: nothing can be said about errors: there is no measurement yet/,
    )
    const judgement = judged(played([ERRORS], [...api, ...pwa], both), [ERRORS], FIVE)
    assert.equal(said(judgement, 'errors').outcome, 'pass')
    assert.equal(said(judgement, 'errors', 'pwa').outcome, 'fail')
    assert.equal(judgement.outcome, 'fail')
    assert.throws(() => played([ERRORS], pwa), /no analysis was begun for the component "pwa"/)
  })

  it('refuses to judge rules that the analysis was not begun for', () => {
    assert.throws(() => judged(played([ERRORS], ticks(0, FIVE)), [SILENCE], FIVE), /begun for other rules/)
  })
})

describe('a candidate that hangs', () => {
  const frozen = { candidate: { requests: 0, waitingOldestMs: 5001, inFlight: 9 } }

  it('[R-E01] is rolled back after three ticks without an answer while one waits longer than 5 s', () => {
    const good = ticks(0, MINUTE_MS)
    const state = played([ERRORS], [...good, ...ticks(MINUTE_MS, MINUTE_MS + 3 * TICK_MS, frozen)])
    const verdict = said(judged(state, [ERRORS], MINUTE_MS + 3 * TICK_MS), 'stalled')
    assert.deepEqual([verdict.outcome, verdict.triggered], ['fail', true])
    assert.match(
      verdict.text,
      /the candidate hangs: the oldest waiting request is 5s old and it completed none in the last 3 ticks/,
    )
    const two = played([ERRORS], [...good, ...ticks(MINUTE_MS, MINUTE_MS + 2 * TICK_MS, frozen)])
    assert.equal(said(judged(two, [ERRORS], MINUTE_MS + 2 * TICK_MS), 'stalled').triggered, false)
  })

  it('[R-E01] is not one that waits exactly 5 s, answers something, or has no traffic', () => {
    const triggered = (same: Parameters<typeof ticks>[2]) => {
      const state = played([ERRORS], ticks(0, MINUTE_MS, same))
      return said(judged(state, [ERRORS], MINUTE_MS), 'stalled').triggered
    }
    assert.equal(triggered({ candidate: { requests: 0, waitingOldestMs: 5000 } }), false)
    assert.equal(triggered({ candidate: { requests: 1, waitingOldestMs: 9000 } }), false)
    assert.equal(triggered({ ...frozen, weight: 0 }), false)
    assert.equal(triggered(frozen), true)
  })

  it('[R-E07] is inconclusive, not passed, when it had no traffic at all or none lately', () => {
    const idle = judged(played([ERRORS], ticks(0, FIVE, { candidate: {} })), [ERRORS], FIVE)
    assert.equal(idle.outcome, 'inconclusive')
    assert.deepEqual(idle.triggered, [])
    const dried = (count: number) => {
      const until = FIVE + count * TICK_MS
      const state = played([ERRORS], [...ticks(0, FIVE), ...ticks(FIVE, until, { candidate: {} })])
      return said(judged(state, [ERRORS], until), 'evidence').outcome
    }
    assert.deepEqual([dried(11), dried(12)], ['pass', 'inconclusive'])
  })
})

describe('silence', () => {
  const quiet = { candidate: { requests: 10, logLines: 0 } }
  const two = 2 * MINUTE_MS

  it('[R-E07] is a failure that demands a rollback once it lasted, and not a millisecond before', () => {
    const verdict = said(judged(played([SILENCE], ticks(0, two, quiet)), [SILENCE], two), 'logs')
    assert.deepEqual([verdict.outcome, verdict.triggered], ['fail', true])
    assert.match(verdict.text, /the candidate logged nothing for 2m \(12:00:00–12:02:00 UTC\) while it had traffic/)
    const short = [...ticks(0, two - TICK_MS, quiet), tick({ to: two - 1, lengthMs: TICK_MS - 1, ...quiet })]
    const early = said(judged(played([SILENCE], short), [SILENCE], two - 1), 'logs')
    assert.deepEqual([early.outcome, early.triggered], ['inconclusive', false])
  })

  it('[R-E07] ends with one line, and begins again after it', () => {
    const line = tick({ to: MINUTE_MS, candidate: { requests: 10, logLines: 1 } })
    const all = ticks(0, 2 * two, quiet).with(11, line)
    const at = (now: number) => {
      const state = played(
        [SILENCE],
        all.filter(({ to }) => to <= T0 + now),
      )
      const { outcome, triggered } = said(judged(state, [SILENCE], now), 'logs')
      return [outcome, triggered]
    }
    assert.deepEqual(at(MINUTE_MS - TICK_MS), ['inconclusive', false])
    assert.deepEqual(at(two), ['pass', false])
    assert.deepEqual(at(MINUTE_MS + two - TICK_MS), ['pass', false])
    assert.deepEqual(at(MINUTE_MS + two + TICK_MS), ['fail', true])
  })

  it('[R-E07] is no evidence where the platform cannot tell, and inconclusive over a gap in what it told', () => {
    const unknown = { candidate: { requests: 10, logLines: null } }
    const cannot = said(judged(played([SILENCE], ticks(0, two, unknown)), [SILENCE], two), 'logs')
    assert.equal(cannot.outcome, 'no-evidence')
    const gap = ticks(0, two, quiet).with(5, tick({ to: 6 * TICK_MS, ...unknown }))
    const verdict = said(judged(played([SILENCE], gap), [SILENCE], two), 'logs')
    assert.deepEqual([verdict.outcome, verdict.triggered], ['inconclusive', false])
  })
})

describe('rules that compare sequentially', () => {
  const ODDS: SequentialRule = { kind: 'sequential', id: 'odds', metric: 'error-rate', tolerance: 0.2, limit: 0.02 }
  const SLOW: SequentialRule = { kind: 'sequential', id: 'slow', metric: 'latency-p95', tolerance: 0.1, limit: 500 }
  const BEFORE = ticks(-FIVE, 0, { weight: 0, candidate: {}, live: { requests: 90 } })
  const rules = [ERRORS, ODDS, SLOW]

  it('[R-E03] are one comparison with one verdict, beside the other rules', () => {
    const judgement = judged(played(rules, [...BEFORE, ...ticks(0, FIVE)]), rules, FIVE)
    const verdict = said(judgement, 'odds + slow')
    assert.equal(verdict.outcome, 'pass')
    assert.equal(judgement.outcome, 'pass')
    assert.match(
      verdict.text,
      /^api: the candidate keeps its limits and is not worse than live: evidence [\d ]+ in this step, 20 are needed \(errors 0 % \(0 of 600 requests\), live 0 % \(0 of 5 400 requests\); slower than 500ms 0 % \(0 of 600 requests\), live 0 % \(0 of 5 400 requests\); evidence for a rollback 0\.\d+, 100 demand one; 12:00:00–12:05:00 UTC\)$/,
    )
  })

  it('[R-E03] demand a rollback after three ticks of total failure, and not after two', () => {
    const failing = { candidate: { requests: 10, errors: 10 } }
    const after = (count: number) => {
      const state = played(rules, [...BEFORE, ...ticks(0, count * TICK_MS, failing)])
      return said(judged(state, rules, count * TICK_MS), 'odds + slow')
    }
    assert.equal(after(2).triggered, false)
    assert.equal(after(3).triggered, true)
    assert.match(
      after(3).text,
      /^api: the candidate is worse beyond chance: more than 2 % of its requests fail; this demands a rollback \(errors 100 % \(30 of 30 requests\), live 0 % \(0 of 270 requests\)/,
    )
  })

  it('[R-E07] have no evidence where there is none, and are inconclusive below the minimum of requests', () => {
    const state = played(rules, [...BEFORE, ...ticks(0, FIVE)])
    assert.equal(said(judged(state, rules, 2 * FIVE), 'odds + slow').outcome, 'no-evidence')
    assert.equal(said(judged(state, rules, FIVE, { minRequests: 601 }), 'odds + slow').outcome, 'inconclusive')
  })

  it('are at most one for errors and one for a latency, and what the analysis was begun with', () => {
    assert.throws(
      () => played([SLOW, { ...SLOW, id: 'p99', metric: 'latency-p99' }], []),
      /rules slow and p99 both compare/,
    )
    assert.throws(() => judged(played([ERRORS], ticks(0, FIVE)), [ODDS], FIVE), /begun for other rules/)
    assert.equal(said(judged(played([SLOW], [...BEFORE, ...ticks(0, FIVE)]), [SLOW], FIVE), 'slow').outcome, 'pass')
  })
})
