/**
 * Every text that the analysis can say, held against what a person at 3 a.m. needs of it: what was measured, when, the counts
 * of both sides, the values, the limit, the rule, the source. And every kind of bad data against law L3.
 */
import type { MetricsTick } from './state.ts'
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Instant, after } from '../time.ts'
import type { Verdict } from '../verdict.ts'
import { MINUTE_MS, played, T0, type TickShort, tick, ticks } from './fixture.ts'
import { type Judgement, judge } from './judge.ts'
import type { Rule } from './rules.ts'

const FIVE = 5 * MINUTE_MS
const MIB = 2 ** 20
const SOURCES = { api: { counts: 'router 127.0.0.1:8080', queries: 'router', platform: 'platform process' } }

type Row = {
  readonly rule: Rule
  readonly bad: Partial<TickShort>
  /** What a text on its counts must hold, beside the span of time. */
  readonly says: readonly RegExp[]
  readonly source: RegExp
}

const COUNTS = /^router 127\.0\.0\.1:8080, counts of api until \d\d:\d\d:\d\d UTC$/
const PLATFORM = /^platform process, what it saw of api until \d\d:\d\d:\d\d UTC$/
const SLOW = { live: { requests: 90 }, candidate: { requests: 50, latency: { 6: 30, 11: 20 } } }
const ERRING = { live: { requests: 90, errors: 1 }, candidate: { requests: 50, errors: 10 } }

const TABLE: readonly Row[] = [
  {
    rule: { kind: 'limit', id: 'error-rate', metric: 'error-rate', max: 0.01, trigger: { above: 0.02, forMs: FIVE } },
    bad: ERRING,
    says: [/error rate of the candidate/, /\d+ of [\d ]+ requests/, /live had .*\d+ of [\d ]+ requests/, /[12] %/],
    source: COUNTS,
  },
  {
    rule: { kind: 'limit', id: 'p95', metric: 'latency-p95', max: 300, trigger: { above: 500, forMs: FIVE } },
    bad: SLOW,
    says: [/p95 latency of the candidate was/, /% of [\d ]+ requests slower than/, /live had \d+ms/, /(300|500)ms/],
    source: COUNTS,
  },
  {
    rule: { kind: 'limit', id: 'memory', metric: 'memory', max: 256 * MIB, trigger: { above: 512 * MIB, forMs: FIVE } },
    bad: { candidate: { requests: 50, memoryBytes: 600 * MIB } },
    says: [/memory of the candidate was/, /of \d+ looks/, /(256|512) MiB/],
    source: PLATFORM,
  },
  {
    rule: {
      kind: 'limit',
      id: 'flapping',
      metric: 'readiness-flapping',
      max: 0.001,
      trigger: { above: 0.005, forMs: FIVE },
    },
    bad: { candidate: { requests: 50, readiness: { probes: 5, failures: 2 } } },
    says: [/share of failed readiness probes of the candidate/, /\d+ of \d+ probes/, /0\.[15] %/],
    source: PLATFORM,
  },
  {
    rule: { kind: 'relative', id: 'to live', metric: 'error-rate', to: 'live', margin: 0.5, forMs: FIVE },
    bad: ERRING,
    says: [/error rate of the candidate/, /that of live .* \(\d+ of [\d ]+ requests\)/, /50 % above/],
    source: COUNTS,
  },
  {
    rule: { kind: 'relative', id: 'to before', metric: 'error-rate', to: 'before', margin: 0.5, forMs: FIVE },
    bad: ERRING,
    says: [/error rate of the candidate/, /that of live before the first shift, .* of [\d ]+ requests/, /50 % above/],
    source: COUNTS,
  },
  {
    rule: { kind: 'relative', id: 'p95 to live', metric: 'latency-p95', to: 'live', margin: 0.2, forMs: FIVE },
    bad: SLOW,
    says: [/p95 latency of the candidate/, /that of live .* \d+ms \([\d ]+ requests\)/, /20 % above/],
    source: COUNTS,
  },
  {
    rule: { kind: 'silence', id: 'logs', metric: 'info-logs', silenceMs: FIVE },
    bad: { candidate: { requests: 50, logLines: 0 } },
    says: [/the candidate logged/],
    source: PLATFORM,
  },
  {
    rule: { kind: 'sequential', id: 'errors compared', metric: 'error-rate', tolerance: 0.2, limit: 0.02 },
    bad: ERRING,
    says: [/errors .* of [\d ]+ requests\), live .* of [\d ]+ requests\)/, /evidence/, /\b100 demand one/],
    source: COUNTS,
  },
  {
    rule: { kind: 'sequential', id: 'p95 compared', metric: 'latency-p95', tolerance: 0.1, limit: 500 },
    bad: SLOW,
    says: [/slower than 500ms .* of [\d ]+ requests\), live .* of [\d ]+ requests\)/, /\b100 demand one/],
    source: COUNTS,
  },
]

const GOOD: Partial<TickShort> = { live: { requests: 90, errors: 1 }, candidate: { requests: 50 } }
const BEFORE = ticks(-FIVE, 0, { weight: 0, live: { requests: 100, errors: 1 }, candidate: { requests: 0 } })

function judgedAt(rules: readonly Rule[], all: readonly MetricsTick[], now: number): Judgement {
  const context = { now: after(T0, now) as Instant, requiredMs: FIVE, sources: SOURCES }
  return judge(played(rules, all, { weight: 36 }), { rules, minRequests: 200 }, context)
}

function through(to: number, short: Partial<TickShort>): readonly MetricsTick[] {
  return [...BEFORE, ...ticks(0, to, { ...short, weight: 36 })]
}

function of({ verdicts }: Judgement, { id }: Rule): Verdict {
  const verdict = verdicts.find(({ rule }) => rule === `${id} (api)`)
  assert.ok(verdict, `no verdict of ${id}`)
  return verdict
}

const PERSON = /NaN|undefined|null|Infinity|\[object|\d\.\d{4,}/

function isComplete(verdict: Verdict, { source }: Row): void {
  assert.match(verdict.text, /^api: [^.]/)
  assert.doesNotMatch(`${verdict.text} ${verdict.expected} ${verdict.actual}`, PERSON)
  assert.ok(verdict.expected.length > 5 && verdict.actual.length > 2, JSON.stringify(verdict))
  assert.match(verdict.source, source)
  assert.ok(Number.isFinite(verdict.observedAt))
}

describe('every verdict on counts', () => {
  for (const row of TABLE) {
    for (const [name, short] of [
      ['good', GOOD],
      ['bad', row.bad],
    ] as const) {
      it(`[R-F08] of ${row.rule.id} on a ${name} candidate says what, when, how many of both sides, the limit, the source`, () => {
        const judgement = judgedAt([row.rule], through(6 * MINUTE_MS, { ...GOOD, ...short }), 6 * MINUTE_MS)
        const verdict = of(judgement, row.rule)
        assert.equal(verdict.outcome, name === 'good' ? 'pass' : 'fail', verdict.text)
        assert.equal(judgement.triggered.includes(verdict), name === 'bad', verdict.text)
        isComplete(verdict, row)
        for (const part of [...row.says, /\d\d:\d\d:\d\d–\d\d:\d\d:\d\d UTC/]) assert.match(verdict.text, part)
      })
    }
  }

  it('[R-F08] says of a breach that has not lasted how long it did, and of one that has that it did', () => {
    for (const { rule, bad } of TABLE.filter(({ rule }) => rule.kind === 'limit' || rule.kind === 'relative')) {
      const early = of(judgedAt([rule], through(2 * MINUTE_MS, { ...GOOD, ...bad }), 2 * MINUTE_MS), rule)
      assert.match(early.text, /when it lasts 5m[;,] observed without a gap for 2m so far/)
      const late = of(judgedAt([rule], through(FIVE, { ...GOOD, ...bad }), FIVE), rule)
      assert.match(late.text, /as it did|for 5m now/)
    }
  })
})

type Bad = {
  readonly name: string
  readonly all: readonly MetricsTick[]
  readonly now: number
  readonly spares?: RegExp
}

const END = 6 * MINUTE_MS
const FINE = through(END, GOOD)
const newest = (candidate: object, change: object = {}) =>
  ({
    ...tick({ to: END + 5000, weight: 36 }),
    ...change,
    candidate: { ...tick({ to: END + 5000 }).candidate, ...candidate },
  }) as MetricsTick
const after5s = (name: string, candidate: object, change: object = {}): Bad => {
  return { name, all: [...FINE, newest(candidate, change)], now: END + 5000 }
}
/** What the platform saw is no count of requests, and stays good without any. */
const OF_PLATFORM = /^(memory|flapping|logs) /

const BAD: readonly Bad[] = [
  { name: 'nothing at all', all: [], now: END },
  { name: 'only what was before the step', all: BEFORE, now: END, spares: /^$/ },
  { name: 'a source that is down (or times out, or answers 500): no tick for 16 s', all: FINE, now: END + 16_000 },
  { name: 'measurements from the future: a clock that is ahead', all: FINE, now: END - 16_000 },
  {
    name: 'no requests of anybody',
    all: through(END, { live: { requests: 0 }, candidate: { requests: 0 } }),
    now: END,
    spares: OF_PLATFORM,
  },
  {
    name: 'no requests of the candidate',
    all: through(END, { live: { requests: 90 }, candidate: { requests: 0 } }),
    now: END,
    spares: OF_PLATFORM,
  },
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, '12', null, undefined].flatMap((value) => [
    after5s(`${String(value)} (${typeof value}) requests`, { requests: value }),
    after5s(`${String(value)} (${typeof value}) errors`, { errors: value }),
    after5s(`latencies of which there are ${String(value)} (${typeof value})`, {
      latency: { base: 2, unitMs: 1, counts: { 6: value } },
    }),
  ]),
  after5s('a histogram without a scale', { latency: { base: Number.NaN, unitMs: 1, counts: { 6: 1 } } }),
  after5s('a tick that ends before it begins', {}, { from: after(T0, END + 10_000) }),
  after5s('a weight that is none', {}, { weight: Number.NaN }),
]

describe('bad data', () => {
  for (const { name, all, now, spares } of BAD) {
    it(`[R-E07] is never a pass: ${name}`, () => {
      const rules = TABLE.map(({ rule }) => rule)
      const judgement = judgedAt(rules, all, now)
      assert.notEqual(judgement.outcome, 'pass')
      assert.deepEqual(judgement.triggered, [], 'nor a reason to go back')
      for (const { rule, outcome, text, expected } of judgement.verdicts) {
        if (spares?.test(rule) !== true) assert.notEqual(outcome, 'pass', `${rule}: ${text}`)
        assert.ok(expected.length > 5)
      }
    })
  }

  it('[R-E07] is never a pass where requests are counted without latencies, nor where the platform cannot tell', () => {
    const rules = TABLE.map(({ rule }) => rule)
    const untimed = judgedAt(rules, through(END, { ...GOOD, candidate: { requests: 50, latency: {} } }), END)
    const latencies = untimed.verdicts.filter(({ rule }) => rule.includes('p95'))
    assert.deepEqual(new Set(latencies.map(({ outcome }) => outcome)), new Set(['no-evidence']))
    const unseen = { readiness: null, logLines: null, memoryBytes: null }
    const blind = judgedAt(rules, through(END, { ...GOOD, candidate: { requests: 50, ...unseen } }), END)
    const platform = blind.verdicts.filter(({ rule }) => OF_PLATFORM.test(rule))
    assert.deepEqual(
      platform.map(({ outcome }) => outcome),
      ['no-evidence', 'no-evidence', 'no-evidence'],
    )
  })

  it('[R-E07] says why in the verdict, with what it would have been held against', () => {
    const { verdicts } = judgedAt(
      TABLE.map(({ rule }) => rule),
      FINE,
      END + 16_000,
    )
    for (const { text, actual, expected } of verdicts) {
      assert.match(text, /the newest measurement is 16s old \(at most 15s may pass, 3 ticks\)$/)
      assert.match(actual, /^no evidence: the newest measurement is 16s old/)
      assert.doesNotMatch(expected, /^fresh counts$/)
    }
  })
})
