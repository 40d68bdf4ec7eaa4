import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { judged, MINUTE_MS, played, said, TICK_MS, ticks, tick, type TickShort } from '../fixture.ts'
import { foldFirstOwn, foldSilent } from '../fold.ts'
import type { OwnAnswer } from '../../observed.ts'
import type { OwnDemand, OwnRule } from './rule.ts'

const FOR = 2 * MINUTE_MS

function ruleOf(demand: OwnDemand, more: Partial<OwnRule> = {}): OwnRule {
  const rest = { query: 'q', perSlot: true, unit: 'ratio', component: null, maxAgeMs: null } as const
  return { kind: 'own', id: 'reuse', metric: 'token-reuse', ...rest, ...more, demand }
}

const value = (number: number): OwnAnswer => ({ value: number })
type Numbers = { readonly candidate?: OwnAnswer; readonly live?: OwnAnswer }

/** Both sides healthy but for the own number. */
function same({ candidate, live }: Numbers, weight = 10): Omit<TickShort, 'to'> {
  return {
    weight,
    candidate: { requests: weight === 0 ? 0 : 10, ...(candidate && { own: { reuse: candidate } }) },
    live: { requests: 90, ...(live && { own: { reuse: live } }) },
  }
}

const before = (number: number) => ticks(-MINUTE_MS, 0, same({ live: value(number), candidate: value(number) }, 0))

function verdictOf(rule: OwnRule, all: ReturnType<typeof ticks>, now = FOR) {
  return said(judged(played([rule], all), [rule], now, { requiredMs: FOR, minRequests: 1 }), 'reuse')
}

const LIMIT: OwnDemand = { kind: 'limit', max: 0.05, min: null, trigger: { when: 'above', limit: 0.1, forMs: FOR } }
const RISE: OwnDemand = { kind: 'relative', to: 'before', margin: 0.2, slack: 0, worse: 'higher', forMs: FOR }

describe('a limit of an own number', () => {
  it('[R-E04] passes within it, holds above `max`, and rolls back above the trigger for a whole window', () => {
    const of = (number: number, until = FOR) =>
      verdictOf(ruleOf(LIMIT), ticks(0, until, same({ candidate: value(number) })), until)
    assert.equal(of(0.05).outcome, 'pass')
    assert.deepEqual([of(0.07).outcome, of(0.07).triggered], ['fail', false])
    assert.match(
      of(0.07).text,
      /token-reuse of the candidate was 7 % on average and 7 % last .*above the 5 % it may have/,
    )
    assert.deepEqual([of(0.12).outcome, of(0.12).triggered], ['fail', true])
    assert.match(of(0.12).text, /above the 10 % that demand a rollback when it lasts 2m/)
    const early = of(0.12, MINUTE_MS)
    assert.deepEqual([early.outcome, early.triggered], ['fail', false])
    assert.match(early.text, /observed without a gap for 1m so far/)
    assert.equal(of(0.05, MINUTE_MS).outcome, 'inconclusive')
  })

  it('needs every look of the window beyond, and lets one outlier pass', () => {
    const outlier = tick({ ...same({ candidate: value(0.06) }), to: TICK_MS })
    const rest = ticks(TICK_MS, FOR, same({ candidate: value(0.01) }))
    assert.equal(verdictOf(ruleOf(LIMIT), [outlier, ...rest]).outcome, 'pass')
    const lately = [
      ...ticks(0, FOR - TICK_MS, same({ candidate: value(0.01) })),
      tick({ ...same({ candidate: value(0.06) }), to: FOR }),
    ]
    assert.equal(verdictOf(ruleOf(LIMIT), lately).outcome, 'fail')
    const dip = [
      ...ticks(0, MINUTE_MS, same({ candidate: value(0.5) })),
      ...ticks(MINUTE_MS, FOR, same({ candidate: value(0.09) })),
    ]
    assert.deepEqual([verdictOf(ruleOf(LIMIT), dip).outcome, verdictOf(ruleOf(LIMIT), dip).triggered], ['fail', false])
  })

  it('[R-E08] below is the other way round', () => {
    const demand: OwnDemand = {
      kind: 'limit',
      max: null,
      min: 0.15,
      trigger: { when: 'below', limit: 0.1, forMs: FOR },
    }
    const of = (number: number) => verdictOf(ruleOf(demand), ticks(0, FOR, same({ candidate: value(number) })))
    assert.deepEqual([of(0.2).outcome, of(0.12).outcome, of(0.12).triggered], ['pass', 'fail', false])
    assert.deepEqual([of(0.09).outcome, of(0.09).triggered], ['fail', true])
    assert.match(of(0.09).text, /below the 10 % that demand a rollback/)
  })

  it('does not roll back what was so before, or is so of live: it holds and calls a person', () => {
    const high = ticks(0, FOR, same({ candidate: value(0.3), live: value(0.02) }))
    const was = verdictOf(ruleOf(LIMIT), [...before(0.3), ...high])
    assert.deepEqual([was.outcome, was.triggered], ['fail', false])
    assert.match(
      was.text,
      /30 % before the first shift, so it was not brought by this release; held without a rollback/,
    )
    const both = verdictOf(ruleOf(LIMIT), ticks(0, FOR, same({ candidate: value(0.3), live: value(0.2) })))
    assert.deepEqual([both.outcome, both.triggered], ['fail', false])
    assert.match(both.text, /live had 20 % in the same time/)
    const wide = verdictOf(
      ruleOf(LIMIT, { perSlot: false }),
      ticks(0, FOR, same({ candidate: value(0.3), live: value(0.3) })),
    )
    assert.ok(wide.triggered, 'a service-wide number has no live of its own')
  })
})

describe('a comparison of an own number', () => {
  const of = (demand: OwnDemand, was: number, is: number, live = was) =>
    verdictOf(ruleOf(demand), [...before(was), ...ticks(0, FOR, same({ candidate: value(is), live: value(live) }))])

  it('[R-E04] rolls back a rise above before by more than the margin, and not a fall', () => {
    assert.equal(of(RISE, 0.1, 0.12).outcome, 'pass')
    const risen = of(RISE, 0.1, 0.125)
    assert.deepEqual([risen.outcome, risen.triggered], ['fail', true])
    assert.match(
      risen.text,
      /token-reuse was 12.5 % on average .*before the first shift 10 % \(12 looks\), but at most 20 % above/,
    )
    assert.equal(of(RISE, 0.1, 0.01).outcome, 'pass')
  })

  it('[R-E04] unchanged means either way, lower where that is worse', () => {
    assert.ok(of({ ...RISE, worse: 'either' }, 0.1, 0.07).triggered)
    assert.ok(of({ ...RISE, worse: 'lower' }, 0.1, 0.07).triggered)
    assert.equal(of({ ...RISE, worse: 'lower' }, 0.1, 0.5).outcome, 'pass')
  })

  it('slack is what a difference may be where the other side is near 0', () => {
    assert.ok(of(RISE, 0, 0.001).triggered)
    assert.equal(of({ ...RISE, slack: 0.002 }, 0, 0.001).outcome, 'pass')
  })

  it('with live looks at the same time, and at live before it lost its traffic afterwards', () => {
    const rule = ruleOf({ ...RISE, to: 'live' })
    const shared = ticks(0, FOR, same({ candidate: value(0.1), live: value(0.1) }))
    assert.equal(verdictOf(rule, shared).outcome, 'pass')
    const all = ticks(FOR, 2 * FOR, {
      ...same({ candidate: value(0.2), live: value(0.9) }, 100),
      live: { requests: 0 },
    })
    const later = judged(played([rule], [...shared, ...all], { weight: 100 }), [rule], 2 * FOR, { minRequests: 1 })
    assert.match(said(later, 'reuse').text, /that of live before the candidate had all traffic 10 %/)
    assert.ok(said(later, 'reuse').triggered)
  })

  it('takes nothing back for what is over: the newest third of the window has to show it as well', () => {
    const rule = ruleOf({ ...RISE, to: 'live' })
    const until = (end: number) => [
      ...ticks(0, end, same({ candidate: value(0.9), live: value(0.1) })),
      ...ticks(end, FOR, same({ candidate: value(0.1), live: value(0.1) })),
    ]
    assert.equal(verdictOf(rule, until(FOR)).triggered, true)
    const over = verdictOf(rule, until(FOR / 2))
    assert.deepEqual([over.outcome, over.triggered], ['inconclusive', false])
    assert.match(
      over.text,
      /its newest part .* is within it, 10 % against 10 %: nothing is taken back for what is over/,
    )
  })

  it('without the other side it is inconclusive; the first look at the source is one', () => {
    const now = ticks(0, FOR, same({ candidate: value(0.5) }))
    assert.deepEqual(
      [verdictOf(ruleOf(RISE), now).outcome, verdictOf(ruleOf(RISE), now).triggered],
      ['inconclusive', false],
    )
    const begun = foldFirstOwn(played([ruleOf(RISE)], []), 'api', { reuse: value(0.4) })
    assert.equal(begun.components['api']?.ownBefore['reuse']?.looks, 1)
  })
})

describe('silence of an own number', () => {
  it('[R-E07] nothing above 0 for the whole window rolls back; once is enough to be heard', () => {
    const rule = ruleOf({ kind: 'silence', silenceMs: FOR }, { unit: 'number' })
    const quiet = ticks(0, FOR, same({ candidate: value(0) }))
    assert.ok(verdictOf(rule, quiet).triggered)
    assert.match(verdictOf(rule, quiet).text, /never above 0 for 2m .*silence is a failure/)
    assert.equal(verdictOf(rule, quiet.slice(0, 5), 5 * TICK_MS).outcome, 'inconclusive')
    assert.equal(
      verdictOf(rule, [tick({ ...same({ candidate: value(1) }), to: TICK_MS }), ...quiet.slice(1)]).outcome,
      'pass',
    )
  })
})

describe('an own number that is not known', () => {
  const DEMANDS: readonly OwnDemand[] = [LIMIT, RISE, { ...RISE, to: 'live' }, { kind: 'silence', silenceMs: FOR }]
  const BAD: readonly (readonly [OwnAnswer | undefined, RegExp])[] = [
    [{ unknown: 'Prometheus at p:9090: it answered nothing' }, /Prometheus at p:9090: it answered nothing/],
    [value(Number.NaN), /it answered NaN/],
    [value(Number.POSITIVE_INFINITY), /it answered Infinity/],
    [undefined, /answered nothing to its query/],
  ]

  it('[R-E07] is never a pass and never a rollback, and the verdict says why', () => {
    for (const demand of DEMANDS) {
      for (const [bad, like] of BAD) {
        const good = ticks(0, FOR - TICK_MS, same({ candidate: value(0.9), live: value(0.01) }))
        const last = tick({ ...same({ ...(bad && { candidate: bad }), live: value(0.01) }), to: FOR })
        const verdict = verdictOf(ruleOf(demand), [...before(0.01), ...good, last])
        assert.deepEqual([verdict.outcome, verdict.triggered], ['no-evidence', false])
        assert.match(verdict.text, like)
      }
    }
  })

  it('[R-E07] in the middle of a window keeps its trigger from being complete', () => {
    const all = ticks(0, FOR, same({ candidate: value(0.9) })).map((each, index) =>
      index === 10 ? { ...each, candidate: { ...each.candidate, own: { reuse: { unknown: 'away' } } } } : each,
    )
    const verdict = verdictOf(ruleOf(LIMIT), all)
    assert.deepEqual([verdict.outcome, verdict.triggered], ['fail', false])
    assert.match(verdict.text, /observed without a gap for 1m 55s so far/)
  })

  it('is judged only with the component it belongs to', () => {
    const rule = ruleOf(LIMIT, { component: 'web' })
    const judgement = judged(played([rule], ticks(0, FOR)), [rule], FOR)
    assert.ok(judgement.verdicts.every(({ rule }) => !rule.startsWith('reuse')))
  })
})

describe('a source that does not answer', () => {
  it('[R-E07] is named by every verdict as soon as the last measurement is too old', () => {
    const rule = ruleOf(LIMIT)
    const state = foldSilent(
      played([rule], ticks(0, FOR, same({ candidate: value(0) }))),
      'api',
      'Prometheus at p: it answered 500',
    )
    assert.equal(
      said(judged(state, [rule], FOR + 3 * TICK_MS, { requiredMs: 0, minRequests: 1 }), 'reuse').outcome,
      'pass',
    )
    for (const verdict of judged(state, [rule], FOR + 3 * TICK_MS + 1).verdicts) {
      assert.equal(verdict.outcome, 'no-evidence')
      assert.match(verdict.text, /the newest measurement is 15s old .*: Prometheus at p: it answered 500/)
    }
    const never = foldSilent(played([rule], []), 'api', 'Prometheus at p: it answered 500')
    assert.match(said(judged(never, [rule], 0), 'reuse').text, /there is no measurement yet: Prometheus at p/)
  })
})
