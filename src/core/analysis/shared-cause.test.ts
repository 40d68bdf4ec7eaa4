/** What live suffers from as well does not count against the candidate, neither while it lasts nor after it has ended. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { judged, MINUTE_MS, played, said, ticks, type TickShort } from './fixture.ts'
import type { OwnRule } from './own/rule.ts'
import type { LimitRule, Rule } from './rules.ts'

const M = MINUTE_MS
const ERRORS: LimitRule = { kind: 'limit', id: 'errors', metric: 'error-rate', max: 0.01, trigger: null }
const FAST: LimitRule = { ...ERRORS, id: 'fast', metric: 'latency-p95', max: 64 }
const OUTAGE: Omit<TickShort, 'to'> = {
  live: { requests: 90, errors: 9 },
  candidate: { requests: 10, errors: 1 },
}
const SLOW: Omit<TickShort, 'to'> = {
  live: { requests: 90, latency: { 10: 90 } },
  candidate: { requests: 10, latency: { 10: 10 } },
}
const CALM: Omit<TickShort, 'to'> = {}
const BAD: Omit<TickShort, 'to'> = { candidate: { requests: 10, errors: 1 } }

type Part = readonly [until: number, Omit<TickShort, 'to'>]

/** What a rule says after parts of a step, each until so many ms after its begin. */
function after(rule: Rule, ...parts: readonly Part[]) {
  const all = parts.flatMap(([until, same], index) => ticks(parts[index - 1]?.[0] ?? 0, until, same))
  const judgement = judged(played([rule], all), [rule], parts.at(-1)![0])
  return { ...said(judgement, rule.id), shared: judgement.sharedCause.length > 0 }
}

describe('a limit that live breaks as well', () => {
  for (const [rule, trouble] of [
    [ERRORS, OUTAGE],
    [FAST, SLOW],
  ] as const) {
    it(`[${rule === ERRORS ? 'R-E02' : 'R-E01'}] holds and calls a person while that lasts (${rule.metric})`, () => {
      const verdict = after(rule, [2 * M, CALM], [4 * M, trouble])
      assert.deepEqual([verdict.outcome, verdict.shared], ['fail', true])
      assert.match(verdict.text, /live is above it now: a shared cause .*; held without a rollback/)
    })

    it(`is judged by the rest of the step once it has ended, and passes with enough of it (${rule.metric})`, () => {
      const early = after(rule, [2 * M, CALM], [6 * M, trouble], [7 * M, CALM])
      assert.deepEqual([early.outcome, early.shared], ['inconclusive', false])
      assert.match(early.text, /known for 2m \d+s of 5m$/)
      const verdict = after(rule, [2 * M, CALM], [6 * M, trouble], [12 * M, CALM])
      assert.equal(verdict.outcome, 'pass', verdict.text)
      assert.match(verdict.text, /; left out are 4m \d+s in which live was above the .* too, a shared cause \(/)
      assert.match(verdict.text, /\((48|480) of 500 requests of the candidate were bad then\)$/)
    })
  }

  it('fails all the same when the candidate breaks it in the rest of the time', () => {
    const verdict = after(ERRORS, [2 * M, CALM], [6 * M, OUTAGE], [12 * M, BAD])
    assert.deepEqual([verdict.outcome, verdict.shared], ['fail', false])
    assert.match(verdict.text, /; without the 4m \d+s in which live was above it too, /)
    assert.deepEqual(after(ERRORS, [12 * M, BAD]).outcome, 'fail')
  })

  it('is no shared cause where the candidate had broken it before', () => {
    const verdict = after(ERRORS, [4 * M, BAD], [6 * M, OUTAGE])
    assert.deepEqual([verdict.outcome, verdict.shared], ['fail', false])
  })
})

describe('a limit that the candidate breaks far more than live', () => {
  const MORE: Omit<TickShort, 'to'> = { ...OUTAGE, candidate: { requests: 10, errors: 5 } }

  it('[R-E02] is no shared cause, neither while live suffers nor afterwards', () => {
    for (const parts of [
      [[6 * M, MORE]],
      [
        [6 * M, MORE],
        [12 * M, CALM],
      ],
    ] as const) {
      const verdict = after(ERRORS, [2 * M, CALM], ...parts)
      assert.deepEqual([verdict.outcome, verdict.shared], ['fail', false])
      assert.match(verdict.text, /; while live suffered \(\d+ of [\d ]+ requests\) it suffered more than twice as much/)
    }
  })
})

describe('a trigger whose window a shared cause is leaving', () => {
  const rule: LimitRule = { ...ERRORS, max: null, trigger: { above: 0.02, forMs: 5 * M } }
  /** Both failed alike; by chance the candidate's last errors came a little later. */
  const last: Omit<TickShort, 'to'> = { live: { requests: 90, errors: 1 }, candidate: { requests: 10, errors: 2 } }

  it('takes nothing back', () => {
    const outage = { ...OUTAGE, live: { requests: 90, errors: 8 } }
    const verdict = after(rule, [4 * M, CALM], [5 * M, outage], [5 * M + 5000, last], [9 * M, CALM])
    assert.deepEqual([verdict.outcome, verdict.triggered, verdict.shared], ['fail', false, true], verdict.text)
    assert.match(verdict.text, /live was above it until 12:05:\d+ UTC, a shared cause/)
  })

  it('takes back what goes on failing alone', () => {
    const verdict = after(rule, [4 * M, CALM], [5 * M, OUTAGE], [9 * M, BAD])
    assert.equal(verdict.triggered, true, verdict.text)
    assert.match(verdict.text, /; since live kept the limit again /)
  })
})

describe('a sequential comparison of errors', () => {
  const rule: Rule = {
    kind: 'sequential',
    id: 'worse',
    metric: 'error-rate',
    tolerance: 0.2,
    limit: 0.02,
  }

  it('[R-E03] accepts a step in which live suffered as well for a while, once that has ended', () => {
    const verdict = after(rule, [2 * M, CALM], [5 * M, OUTAGE], [15 * M, CALM])
    assert.equal(verdict.outcome, 'pass', verdict.text)
  })
})

describe("a limit of the service's own that live breaks as well", () => {
  const demand = { kind: 'limit', max: 5, min: null, trigger: null } as const
  const common = { kind: 'own', perSlot: true, unit: 'number', component: null, maxAgeMs: null } as const
  const rule: OwnRule = { ...common, id: 'reuse', metric: 'token-reuse', query: 'q', demand }
  const own = (value: number): Omit<TickShort, 'to'> => ({
    live: { requests: 90, own: { reuse: { value } } },
    candidate: { requests: 10, own: { reuse: { value } } },
  })

  it('[R-E04] holds and calls a person while that lasts, and is judged by the rest afterwards', () => {
    const during = after(rule, [2 * M, own(1)], [6 * M, own(50)])
    assert.deepEqual([during.outcome, during.shared], ['fail', true])
    const verdict = after(rule, [2 * M, own(1)], [6 * M, own(50)], [12 * M, own(1)])
    assert.equal(verdict.outcome, 'pass', verdict.text)
    assert.match(verdict.text, /left out are 4m in which live was so too, a shared cause/)
  })
})
