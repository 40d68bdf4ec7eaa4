/**
 * Law L3, source by source and answer by answer: whatever is wrong with what a metrics source says, nothing advances,
 * nothing goes back on it, and the verdict says what was wrong and where. Each table begins with a good answer that does
 * advance, so that "held" is not about nothing.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { options, planned } from '../../src/adapters/metrics/prometheus/options.ts'
import { sourceOf } from '../../src/adapters/metrics/prometheus/prometheus.ts'
import { systemClock } from '../../src/composition/clock.ts'
import { counts } from '../../src/adapters/router/embedded/counts.ts'
import type { OwnRule } from '../../src/core/analysis/own/rule.ts'
import type { Rule } from '../../src/core/analysis/rules.ts'
import { instant, type Instant } from '../../src/core/time.ts'
import type { MetricsSource } from '../../src/ports/metrics-source.ts'
import { failure, ok } from '../../src/ports/result.ts'
import { connect, type RouterClient } from '../../src/router/client.ts'
import { prometheusContext } from './prometheus-context.ts'
import { fakeMetrics } from '../../src/testing/fake-metrics.ts'
import { BLUE, fresh, good, GREEN, ownIs, rows, success, vector, view } from './metrics-lies.ts'
import { holding, type Lie, type Liar, routerFolder, startLiar, watched } from './metrics-world.ts'

const LIMIT: Rule = {
  kind: 'limit',
  id: 'errors',
  metric: 'error-rate',
  max: 0.01,
  trigger: { above: 0.02, forMs: 3000 },
}
const OWN: OwnRule = {
  kind: 'own',
  id: 'reuse',
  metric: 'token-reuse',
  query: 'sum(reuse{slot="$slot"})',
  perSlot: true,
  unit: 'number',
  component: null,
  maxAgeMs: null,
  demand: { kind: 'limit', max: 5, min: null, trigger: { when: 'above', limit: 9, forMs: 3000 } },
}
const TARGET = { service: 'shop', environment: 'prod', component: 'api' }
/** Longer than the hold, and less than after which a person is asked. */
const LOOKS = 14

type Played = { readonly source: MetricsSource; readonly before: (now: Instant, look: number) => void }

async function advances(rules: readonly Rule[], { source, before }: Played): Promise<void> {
  const { events, verdicts } = await watched({ state: holding(rules), source, looks: LOOKS, before })
  assert.ok(events.includes('StepFinished'), verdicts.map(({ text }) => text).join('\n'))
}

async function holds(rules: readonly Rule[], { source, before }: Played, like: RegExp): Promise<void> {
  const { events, verdicts } = await watched({ state: holding(rules), source, looks: LOOKS, before })
  const said = verdicts.map(({ rule, outcome, text }) => `${rule} ${outcome}: ${text}`).join('\n')
  assert.ok(!events.includes('StepFinished'), `it advanced:\n${said}`)
  assert.ok(!events.includes('RollbackTriggered'), `it went back:\n${said}`)
  const blamed = verdicts.filter(({ text }) => like.test(text))
  assert.ok(blamed.length > 0, `no verdict like ${like}:\n${said}`)
  for (const { outcome } of blamed) assert.ok(outcome === 'no-evidence' || outcome === 'inconclusive', said)
}

function countedBy(find: () => Promise<RouterClient>, now: () => number): MetricsSource {
  const clock = { ...systemClock, now: () => instant(now()) }
  return { name: 'router', collect: (signal) => counts(find, { target: TARGET, clock }, { signal }) }
}

/** What any HTTP server may answer instead of the truth. */
const ON_THE_WIRE: Readonly<Record<string, readonly [Lie, RegExp]>> = {
  'a connection that is closed': ['closed', /does not answer: .*(closed|reset|hang up)|fetch failed/],
  'no answer in time': ['silence', /did not answer within 400 ms|aborted|timeout/],
  'HTTP 500': [{ status: 500, body: '{"error":"oh no"}' }, /answered 500/],
  'HTTP 503 without JSON': [{ status: 503, body: '<h1>starting</h1>' }, /answered 503/],
  'HTTP 401': [{ status: 401, body: '{}' }, /answered 401/],
  'HTTP 403': [{ status: 403, body: '{}' }, /answered 403/],
  'HTTP 404': [{ status: 404, body: '{}' }, /answered 404/],
  'an empty body': [{ body: '' }, /no JSON/],
  'a page of HTML': [{ body: '<html>sign in</html>' }, /no JSON.*<html>sign in/],
  null: [{ body: 'null' }, /no JSON object|cannot be used: its answer/],
  'a list': [{ body: '[]' }, /no JSON object|cannot be used: its answer/],
  'an object that says nothing': [{ body: '{}' }, /refused the query|cannot be used: epoch/],
  'JSON that ends in the middle': [{ body: '{"status":"success","data":{"resu' }, /no JSON/],
  'a body that is cut off': [{ body: '{"status":"success"', cut: true }, /does not answer|terminated|closed|aborted/],
}
const huge = (bytes: number): Lie => ({ body: `{"filler":"${'x'.repeat(bytes)}"}` })

describe('Prometheus answers', () => {
  let liar: Liar
  before(async () => {
    liar = await startLiar()
  })
  after(() => liar.stop())

  type Answers = { readonly time?: (now: number) => string; readonly counts?: (look: number, now: number) => Lie }
  const played = ({ time, counts = good }: Answers, own: (now: number) => Lie = ownIs('3')): Played => {
    let clock = 0
    const given = options.parse({
      kind: 'prometheus',
      url: liar.url,
      requests: 'requests_total',
      errors: 'errors_total',
      latency: 'duration_seconds_bucket',
      scrapeInterval: '1s',
      timeout: '400ms',
      maxBytes: '100kB',
    })
    const now = () => instant(clock)
    const context = prometheusContext({ target: TARGET, clock: { ...systemClock, now } })
    const inner = sourceOf(planned.parse(given), context)
    const source: MetricsSource = { ...inner, collect: (signal) => inner.collect(signal, [OWN]) }
    const before = (now: Instant, look: number) => {
      clock = now
      const ours = now / 1000
      liar.answer = (form) => {
        const query = form.get('query') ?? ''
        if (query === 'time()') return { body: success('scalar', [ours, time?.(ours) ?? String(ours)]) }
        if (query.includes('requests.now')) return counts(look, ours)
        return query.startsWith('sum(reuse') ? own(ours) : fresh(ours, ['known.0', 'fresh.0'])
      }
    }
    return { source, before }
  }

  it('good ones, and the release advances', () => advances([LIMIT, OWN], played({})))

  for (const [title, [lie, like]] of Object.entries(ON_THE_WIRE)) {
    it(`[R-E07] ${title}`, () =>
      holds([LIMIT], played({ counts: () => lie }), new RegExp(`127\\.0\\.0\\.1:\\d+: .*(${like.source})`)))
  }

  const REPLACED: Readonly<Record<string, readonly [(look: number, now: number) => Lie, RegExp]>> = {
    'an empty vector': [() => vector([]), /no series match requests_total/],
    NaN: [
      (look, now) => vector(rows(look, now).with(0, ['requests.now', GREEN, 'NaN'])),
      /no finite number for .*slot="green".*NaN/,
    ],
    '+Inf': [
      (look, now) => vector(rows(look, now).with(0, ['requests.now', GREEN, '+Inf'])),
      /no finite number for .*\+Inf/,
    ],
    '-Inf': [
      (look, now) => vector(rows(look, now).with(0, ['requests.now', GREEN, '-Inf'])),
      /no finite number for .*-Inf/,
    ],
    'stale samples': [
      (look, now) => vector(rows(look, now).filter(([part]) => part !== 'targets.fresh')),
      /requests_total\{.*\} has no sample of the last 3 s/,
    ],
    'a scalar': [
      (_, now) => ({ body: success('scalar', [now, '3']) }),
      /answered a scalar where a vector was asked for/,
    ],
    'a string': [(_, now) => ({ body: success('string', [now, '3']) }), /answered a string where a vector/],
    'a matrix': [() => ({ body: success('matrix', []) }), /answered a matrix where a vector/],
    'native histograms': [
      (_, now) => ({ body: success('vector', [{ metric: GREEN, histogram: [now, {}] }]) }),
      /is a native histogram/,
    ],
    'a warning': [
      () => ({ body: success('vector', [], { warnings: ['a store is away'] }) }),
      /it warns.*a store is away/,
    ],
    'too much': [() => huge(120_000), /larger than maxBytes/],
    'fewer requests than errors': [
      (look, now) => vector([...rows(look, now), ['errors.now', GREEN, '1e9']]),
      /more errors .* than requests/,
    ],
    'zero requests': [(_, now) => vector(rows(0, now)), /0 requests of the candidate|no request/],
  }
  for (const [title, [counts, like]] of Object.entries(REPLACED)) {
    it(`[R-E07] ${title}`, () => holds([LIMIT], played({ counts }), like))
  }

  it('[R-E07] a clock far ahead of ours, or behind it', async () => {
    await holds(
      [LIMIT],
      played({ time: (now) => String(now + 31) }),
      /its clock is 31 s ahead of ours: set both by NTP/,
    )
    await holds([LIMIT], played({ time: (now) => String(now - 31) }), /its clock is 31 s behind ours/)
    await holds([LIMIT], played({ time: () => 'NaN' }), /NaN.* as its time/)
  })

  it('a clock that is a little ahead or behind does no harm', async () => {
    await advances([LIMIT, OWN], played({ time: (now) => String(now + 29) }))
    await advances([LIMIT, OWN], played({ time: (now) => String(now - 29) }))
  })

  it('[R-E07] the same moment again and again: it stands still, or something before it has a cache', async () => {
    let stood: readonly [look: number, now: number] | null = null
    const counts = (look: number, now: number) => good(...(stood ??= [look, now]))
    await holds([LIMIT], played({ time: () => '1000', counts }), STANDS_STILL)
  })

  const OWN_LIES: Readonly<Record<string, readonly [(now: number) => Lie, RegExp]>> = {
    'an empty vector': [() => vector([]), /it answered nothing: no series match/],
    NaN: [(now) => ownIs('NaN')(now), /it answered NaN, which is no finite number/],
    '+Inf': [(now) => ownIs('+Inf')(now), /it answered \+Inf, which is no finite number/],
    '-Inf': [(now) => ownIs('-Inf')(now), /it answered -Inf, which is no finite number/],
    'a string': [(now) => ({ body: success('string', [now, 'x']) }), /answered a string where a number/],
    'a matrix': [() => ({ body: success('matrix', []) }), /answered a matrix where a number/],
    'several series': [
      (now) => ({
        body: success(
          'vector',
          [GREEN, BLUE].map((metric) => ({ metric, value: [now, '1'] })),
        ),
      }),
      /answered 2 series .*where one number is wanted/,
    ],
    'a histogram': [
      (now) => ({ body: success('vector', [{ metric: GREEN, histogram: [now, {}] }]) }),
      /is a histogram, not a number: take its histogram_quantile/,
    ],
    'a refusal': [
      () => ({ status: 400, body: '{"status":"error","error":"parse error: unexpected )"}' }),
      /answered 400: parse error: unexpected \)/,
    ],
    'HTTP 500': [() => ({ status: 500, body: 'oh no' }), /answered 500: oh no/],
    'HTTP 403': [() => ({ status: 403, body: '' }), /answered 403 \(look at `metrics\.auth`\)/],
    'no answer in time': [() => 'silence', /did not answer within 400 ms/],
    'too much': [() => huge(120_000), /larger than maxBytes/],
    'JSON that ends in the middle': [() => ({ body: '{"status":"succ' }), /no JSON object/],
  }
  for (const [title, [own, like]] of Object.entries(OWN_LIES)) {
    const where = /token-reuse is unknown: Prometheus at 127\.0\.0\.1:\d+ \(slot green\): /
    it(`[R-E04] [R-E07] to a query of the spec's own: ${title}`, () =>
      holds([LIMIT, OWN], played({}, own), new RegExp(`${where.source}.*${like.source}`)))
  }

  it("[R-E04] [R-E07] to a query of the spec's own: stale samples", async () => {
    const { source, before } = played({})
    const stale = (now: Instant, look: number) => {
      before(now, look)
      const honest = liar.answer
      liar.answer = (form, path) => {
        const query = form.get('query') ?? ''
        return query.includes('fresh.0') ? fresh(now / 1000, ['known.0']) : honest(form, path)
      }
    }
    await holds([LIMIT, OWN], { source, before: stale }, /reuse\{slot="green"\} has no sample of the last 3 s/)
  })
})

describe('the embedded router answers', () => {
  let liar: Liar
  let folder: ReturnType<typeof routerFolder>
  before(async () => {
    liar = await startLiar()
    folder = routerFolder(liar.url)
  })
  after(async () => {
    folder.remove()
    await liar.stop()
  })

  const played = (answer: (look: number, now: number) => Lie = view()): Played => {
    let clock = 0
    const source = countedBy(
      () => connect(folder.dir),
      () => clock,
    )
    const before = (now: Instant, look: number) => {
      clock = now
      liar.answer = () => answer(look, now)
    }
    return { source, before }
  }

  it('good ones, and the release advances', () => advances([LIMIT], played()))

  for (const [title, [lie, like]] of Object.entries(ON_THE_WIRE)) {
    it(`[R-E07] ${title}`, () =>
      holds(
        [LIMIT],
        played(() => lie),
        new RegExp(`router: .*(${like.source})`),
      ))
  }

  it('[R-E07] no router at all', async () => {
    const source = countedBy(
      () => connect('/nowhere'),
      () => 0,
    )
    await holds([LIMIT], { source, before: () => {} }, /the router does not come up: No router is running in \/nowhere/)
  })

  for (const [title, [change, like]] of Object.entries({
    NaN: [{ requests: null }, /slots\.green\.requests: .*expected number/],
    Infinity: [{ errors: 1e308 * 10 }, /slots\.green\.errors/],
    '-1': [{ requests: -1 }, /slots\.green\.requests/],
    'text for a number': [{ requests: '12' }, /slots\.green\.requests: .*expected number/],
    'no histogram': [{ latency: undefined }, /slots\.green\.latency/],
    'buckets that there are not': [{ latency: { base: 1.02, unitMs: 0.1, counts: { x: 1 } } }, /has no bucket "x"/],
    'a histogram without a scale': [{ latency: { base: 1, unitMs: 0.1, counts: {} } }, /base is 1, must be/],
  } as const)) {
    it(`[R-E07] ${title}`, () => holds([LIMIT], played(view(change)), like))
  }

  it('[R-E07] zero requests, too much, and a slot that is missing', async () => {
    await holds(
      [LIMIT],
      played((_, now) => view()(0, now)),
      /0 requests of the candidate|no request/,
    )
    await holds(
      [LIMIT],
      played(() => huge(11_000_000)),
      /larger than 10000000 bytes/,
    )
    await holds(
      [LIMIT],
      played((_, now) => ({ body: JSON.stringify({ epoch: 'e', at: now, slots: {} }) })),
      /slots\.blue/,
    )
  })

  it('[R-E07] an answer of another time: out of a cache, or of a clock that was set', async () => {
    await holds(
      [LIMIT],
      played((look, now) => view()(look, now - 31_000)),
      /its answer is of 31 s before our time/,
    )
    await holds(
      [LIMIT],
      played((look, now) => view()(look, now + 31_000)),
      /its answer is of 31 s ahead of our time/,
    )
    await advances(
      [LIMIT],
      played((look, now) => view()(look, now - 29_000)),
    )
  })

  it('[R-E07] counts that stand still, with the time at which they were counted', async () => {
    let stood: Lie | null = null
    await holds(
      [LIMIT],
      played((look, now) => (stood ??= view()(look, now))),
      STANDS_STILL,
    )
  })

  it('[R-E07] an older answer than the last one, out of a cache', async () => {
    let cached: Lie | null = null
    const lagging = played((look, now) => (look < 5 ? view()(look, now) : (cached ??= view()(2, now - 3000))))
    await holds([LIMIT], lagging, STANDS_STILL)
  })
})

describe('the fake answers', () => {
  const played = (): Played & { readonly fake: ReturnType<typeof fakeMetrics> } => {
    let clock = instant(0)
    const quiet = { errorRate: 0, medianMs: 20, sigma: 0.3, frozen: false }
    const traffic = { rps: 100, weights: { blue: 50, green: 50 }, blue: quiet, green: quiet }
    const fake = fakeMetrics({ seed: 3, now: () => clock, traffic })
    return { fake, source: fake, before: (now) => void (clock = now) }
  }

  it('good ones, and the release advances', () => advances([LIMIT], played()))

  it('[R-E07] failures of every kind', async () => {
    for (const kind of ['transient', 'permanent', 'unknown'] as const) {
      const { fake, source, before } = played()
      fake.fail(failure(kind, `${kind} trouble at the source`))
      await holds([LIMIT], { source, before }, new RegExp(`${kind} trouble at the source`))
    }
  })

  it('[R-E07] what is no count', async () => {
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const { fake, source, before } = played()
      fake.add('green', { requests: wrong, errors: 0, latencyMs: 20 })
      await holds([LIMIT], { source, before }, /fake metrics of seed 3: slot green: requests is (NaN|-?Infinity)/)
    }
  })

  it('[R-E07] nothing: no requests, or none that is answered', async () => {
    const idle = played()
    idle.fake.change({ rps: 0 })
    await holds([LIMIT], idle, /0 requests of the candidate|no request/)
    const thrown: MetricsSource = { name: 'thrower', collect: () => Promise.reject(new Error('a bug in the source')) }
    await holds([LIMIT], { source: thrown, before: () => {} }, /a bug in the source/)
    const { source, before } = played()
    let stood: ReturnType<MetricsSource['collect']> | null = null
    const frozen: MetricsSource = { name: 'frozen', collect: (signal) => (stood ??= source.collect(signal)) }
    await holds([LIMIT], { source: frozen, before }, STANDS_STILL)
  })

  it('[R-E07] what was measured long ago, or is yet to come', async () => {
    for (const [shiftMs, like] of [
      [-31_000, /stale: its counts are of 31s before our time \(at most 30s\)/],
      [31_000, /stale: its counts are of 31s ahead of our time/],
      [Number.NaN, /its answer makes no sense: at is NaN/],
    ] as const) {
      const { source, before } = played()
      const shifted: MetricsSource = {
        name: 'shifted',
        async collect(signal) {
          const answer = await source.collect(signal)
          return answer.ok ? ok({ ...answer.value, at: instant(answer.value.at + shiftMs) }) : answer
        },
      }
      await holds([LIMIT], { source: shifted, before }, like)
    }
  })
})

/** Not "no traffic": that would be a finding about the candidate. */
const STANDS_STILL = /the newest measurement is .* old .*: stale: it answered what it had measured at .* already/
