/** What must hold for every stream of counts, found by trying to break it. The oracle reads outcomes only. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { fakeMetrics, HEALTHY } from '../../testing/fake-metrics.ts'
import { mergeHistograms } from '../histogram.ts'
import { after } from '../time.ts'
import { difference } from './difference.ts'
import { judged, MINUTE_MS, OCTAVES, played, role, T0, TICK_MS, tick, ticks } from './fixture.ts'
import { foldTick } from './fold.ts'
import type { Rule } from './rules.ts'
import type { MetricsTick, RoleCountsDelta } from './state.ts'

const WINDOW = 2 * MINUTE_MS
const RULES: readonly Rule[] = [
  { kind: 'limit', id: 'errors', metric: 'error-rate', max: 0.1, trigger: { above: 0.2, forMs: WINDOW } },
  { kind: 'limit', id: 'p95', metric: 'latency-p95', max: 512, trigger: { above: 1024, forMs: WINDOW } },
  { kind: 'relative', id: 'vs-live', metric: 'error-rate', to: 'live', margin: 0.5, forMs: WINDOW },
  { kind: 'relative', id: 'p99-vs-live', metric: 'latency-p99', to: 'live', margin: 0.5, forMs: WINDOW },
  { kind: 'relative', id: 'vs-before', metric: 'error-rate', to: 'before', margin: 0.5, forMs: WINDOW },
  { kind: 'limit', id: 'flapping', metric: 'readiness-flapping', max: 0.01, trigger: { above: 0.1, forMs: WINDOW } },
  { kind: 'limit', id: 'memory', metric: 'memory', max: 2 ** 30, trigger: { above: 2 ** 31, forMs: WINDOW } },
  { kind: 'silence', id: 'logs', metric: 'info-logs', silenceMs: WINDOW },
]
const BEFORE = ticks(-MINUTE_MS, 0, { weight: 0, candidate: {}, live: { requests: 90, errors: 1 } })
const NOT_A_COUNT = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1]

describe('every judgement', () => {
  it('[R-E07] passes a healthy candidate, so that the properties below are not about nothing', () => {
    const state = played(RULES, [...BEFORE, ...ticks(0, WINDOW)])
    const judgement = judged(state, RULES, WINDOW, { requiredMs: WINDOW })
    assert.deepEqual(
      judgement.verdicts.filter(({ outcome }) => outcome !== 'pass'),
      [],
    )
    assert.equal(judgement.outcome, 'pass')
  })

  it('[R-E07] never passes where the newest counts are not counts', () => {
    const members = [
      'requests',
      'errors',
      'waitingOldestMs',
      'inFlight',
      'latency',
      'logLines',
      'memoryBytes',
      'probes',
    ] as const
    const poison = fc.record({
      member: fc.constantFrom(...members),
      value: fc.constantFrom(...NOT_A_COUNT),
      side: fc.constantFrom('live' as const, 'candidate' as const),
      from: fc.integer({ min: 0, max: 23 }),
    })
    fc.assert(
      fc.property(poison, ({ member, value, side, from }) => {
        if (side === 'live' && ['logLines', 'memoryBytes', 'probes'].includes(member)) return
        const all = ticks(0, WINDOW).map((good, index) =>
          index < from ? good : { ...good, [side]: poisoned(good[side], member, value) },
        )
        const judgement = judged(played(RULES, [...BEFORE, ...all]), RULES, WINDOW, { requiredMs: 0, minRequests: 0 })
        assert.notEqual(judgement.outcome, 'pass')
        assert.deepEqual(judgement.triggered, [])
      }),
    )
  })

  it('[R-E07] never passes where counts are missing, stale or zero, and never rolls back on that', () => {
    const holes = fc.record({ missing: fc.integer({ min: 1, max: 24 }), late: fc.integer({ min: 0, max: 10 ** 9 }) })
    fc.assert(
      fc.property(holes, ({ missing, late }) => {
        const seen = ticks(0, WINDOW).slice(0, 24 - missing)
        const now = WINDOW - missing * TICK_MS + 3 * TICK_MS + 1 + late
        const stale = judged(played(RULES, [...BEFORE, ...seen]), RULES, now, { requiredMs: 0 })
        assert.deepEqual([stale.outcome, stale.triggered], ['no-evidence', []])
      }),
    )
    const empty = { readiness: { probes: 0, failures: 0 }, logLines: 0 }
    for (const candidate of [{}, empty, { ...empty, memoryBytes: null }]) {
      const state = played(RULES, [...BEFORE, ...ticks(0, MINUTE_MS, { candidate })])
      const judgement = judged(state, RULES, MINUTE_MS, { requiredMs: 0, minRequests: 0 })
      assert.notEqual(judgement.outcome, 'pass')
      assert.deepEqual(judgement.triggered, [])
    }
  })

  it('[R-E02] never turns from fail to pass because there were more errors', () => {
    fc.assert(
      fc.property(stream(), fc.array(fc.nat(5), { minLength: 24, maxLength: 24 }), (all, more) => {
        const worse = all.map((some, index) => {
          const errors = Math.min(some.candidate.requests, some.candidate.errors + (more[index] ?? 0))
          return { ...some, candidate: { ...some.candidate, errors } }
        })
        const [less, greater] = [all, worse].map((some) =>
          judged(played(RULES, [...BEFORE, ...some]), RULES, WINDOW, { requiredMs: WINDOW }),
        )
        for (const [index, verdict] of less!.verdicts.entries()) {
          if (verdict.outcome === 'fail') assert.equal(greater!.verdicts[index]?.outcome, 'fail', verdict.text)
        }
      }),
    )
  })

  it('[R-E03] is the same for the summed counts of two routers, in either order, as for one that saw everything', () => {
    fc.assert(
      fc.property(stream(), stream(), (left, right) => {
        const one = left.map((some, index) => summed(some, right[index]!))
        const other = right.map((some, index) => summed(some, left[index]!))
        assert.deepEqual(verdictsOf(one), verdictsOf(other))
      }),
      { numRuns: 30 },
    )
  })

  it('[R-E03] is the same when ticks are cut in two, apart from when they end', () => {
    fc.assert(
      fc.property(stream(), (streamed) => {
        // What live suffers from as well is left out by whole ticks, so there it does make a difference.
        const all = streamed.map((some) => ({ ...some, live: role({ requests: some.live.requests }) }))
        const halves = all.flatMap(halved)
        const [whole, cut] = [all, halves].map((some) =>
          judged(played(RULES, [...BEFORE, ...some]), RULES, WINDOW, { requiredMs: WINDOW }),
        )
        const counted = ({ rule, outcome, actual }: { rule: string; outcome: string; actual: string }) => ({
          rule,
          outcome,
          actual,
        })
        const about = (verdicts: typeof whole) =>
          verdicts!.verdicts.filter(({ rule }) => !/stalled|memory/.test(rule)).map(counted)
        assert.deepEqual(about(cut), about(whole))
        assert.deepEqual(
          cut!.triggered.map(({ rule }) => rule),
          whole!.triggered.map(({ rule }) => rule),
        )
      }),
    )
  })

  it('goes on from stored state as if it had never been stored', () => {
    fc.assert(
      fc.property(stream(), fc.integer({ min: 0, max: 24 }), (all, at) => {
        const straight = played(RULES, all)
        const stored = JSON.parse(JSON.stringify(played(RULES, all.slice(0, at))))
        assert.deepEqual(all.slice(at).reduce(foldTick, stored), straight)
      }),
      { numRuns: 30 },
    )
  })
})

describe('the state of an analysis', () => {
  for (const rps of [20, 2000]) {
    it(`stays within 24 KiB for a window of 5 minutes at ${rps} requests/s, however long it runs`, async (test) => {
      const rules: readonly Rule[] = [
        {
          kind: 'limit',
          id: 'errors',
          metric: 'error-rate',
          max: 0.01,
          trigger: { above: 0.02, forMs: 5 * MINUTE_MS },
        },
        { kind: 'limit', id: 'p95', metric: 'latency-p95', max: 300, trigger: { above: 500, forMs: 5 * MINUTE_MS } },
        { kind: 'relative', id: 'vs-live', metric: 'error-rate', to: 'live', margin: 0.5, forMs: 5 * MINUTE_MS },
      ]
      const all = await simulated(rps, 360)
      let largest = 0
      let state = played(rules, [])
      for (const some of all) {
        state = foldTick(state, some)
        largest = Math.max(largest, JSON.stringify(state).length)
      }
      const last = all.at(-1)!.to - T0
      assert.equal(judged(state, rules, last).outcome === 'no-evidence', false)
      test.diagnostic(`largest state at ${rps} requests/s: ${largest} bytes`)
      assert.ok(largest <= 24 * 1024, `${largest} bytes`)
    })
  }
})

/** Half an hour of ticks, 5 s each, as a router with 2 % buckets counts them. */
async function simulated(rps: number, count: number): Promise<readonly MetricsTick[]> {
  let now = T0
  const traffic = {
    rps,
    weights: { blue: 90, green: 10 },
    blue: { ...HEALTHY, sigma: 1 },
    green: { ...HEALTHY, sigma: 1 },
  }
  const source = fakeMetrics({ seed: 5, now: () => now, traffic })
  const look = async () => {
    const result = await source.collect(AbortSignal.timeout(1000))
    assert.ok(result.ok)
    return result.value
  }
  const all: MetricsTick[] = []
  for (let earlier = await look(); all.length < count; ) {
    now = after(now, TICK_MS)
    const later = await look()
    const live = difference(earlier.slots.blue, later.slots.blue, true)!
    const candidate = difference(earlier.slots.green, later.slots.green, true)!
    const platform = { readiness: { probes: 5, failures: 0 }, logLines: 3, memoryBytes: 2 ** 27 }
    const restarted = { live: false, candidate: false }
    const counts = {
      judged: 'green' as const,
      restarted,
      live: { ...live, ...platform },
      candidate: { ...candidate, ...platform },
    }
    all.push({ component: 'api', epoch: 'e', from: earlier.at, to: later.at, weight: 10, ...counts })
    earlier = later
  }
  return all
}

/** Two minutes of ticks with all sorts of counts. */
function stream() {
  const some = fc.record({
    fast: fc.integer({ min: 1, max: 40 }),
    slow: fc.nat(3),
    live: fc.integer({ min: 1, max: 60 }),
    errors: fc.nat(4),
    liveErrors: fc.nat(4),
  })
  return fc.array(some, { minLength: 24, maxLength: 24 }).map((all) =>
    all.map(({ fast, slow, live, errors, liveErrors }, index) =>
      tick({
        to: (index + 1) * TICK_MS,
        candidate: { requests: fast + slow, errors: Math.min(errors, fast), latency: { 6: fast, 10: slow } },
        live: { requests: live, errors: Math.min(liveErrors, live) },
      }),
    ),
  )
}

function poisoned(good: RoleCountsDelta, member: string, value: number): RoleCountsDelta {
  if (member === 'probes') return { ...good, readiness: { probes: value, failures: 0 } }
  return { ...good, [member]: member === 'latency' ? { ...OCTAVES, counts: { 6: value } } : value }
}

function verdictsOf(all: readonly MetricsTick[]) {
  return judged(played(RULES, [...BEFORE, ...all]), RULES, WINDOW, { requiredMs: WINDOW })
}

function summed(left: MetricsTick, right: MetricsTick): MetricsTick {
  return { ...left, live: added(left.live, right.live), candidate: added(left.candidate, right.candidate) }
}

function added(left: RoleCountsDelta, right: RoleCountsDelta): RoleCountsDelta {
  return {
    ...left,
    requests: left.requests + right.requests,
    errors: left.errors + right.errors,
    latency: mergeHistograms(left.latency, right.latency),
  }
}

/** The first half holds the odd ones; together they are the tick. */
function halved(whole: MetricsTick): readonly MetricsTick[] {
  const middle = after(whole.from, TICK_MS / 2)
  const part = (some: RoleCountsDelta, cut: (count: number) => number) => {
    const counts = Object.fromEntries(
      Object.entries(some.latency.counts).map(([bucket, count]) => [bucket, cut(count)]),
    )
    const { probes, failures } = some.readiness!
    return role({
      requests: cut(some.requests),
      errors: cut(some.errors),
      latency: counts,
      logLines: cut(some.logLines!),
      readiness: { probes: cut(probes), failures: cut(failures) },
    })
  }
  const half = (cut: (count: number) => number) => ({
    live: part(whole.live, cut),
    candidate: part(whole.candidate, cut),
  })
  return [
    { ...whole, ...half((count) => Math.ceil(count / 2)), to: middle },
    { ...whole, ...half((count) => Math.floor(count / 2)), from: middle },
  ]
}
