/** Queries of the spec's own, ways in, native histograms and the doctor's questions, against a real Prometheus. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { inquire } from '../../src/adapters/metrics/prometheus/inquire.ts'
import { options, planned } from '../../src/adapters/metrics/prometheus/options.ts'
import { sourceOf as makeSource } from '../../src/adapters/metrics/prometheus/prometheus.ts'
import type { OwnAnswer } from '../../src/core/observed.ts'
import type { MetricsSource, OwnQuery } from '../../src/ports/metrics-source.ts'
import { runCli } from '../../src/cli/run.ts'
import { prometheusCounts } from '../../src/composition/judge-counts.ts'
import { failure, ok } from '../../src/ports/result.ts'
import { fakeIo } from '../../src/testing/fake-io.ts'
import { prometheusContext } from './prometheus-context.ts'
import { until } from '../../src/testing/until.ts'
import { type NativeExporter, startNativeExporter } from './native-exporter.ts'
import { APP, Exporter, look, missing, type Prometheus, startPrometheus, TARGET } from './prometheus-world.ts'

const skip = missing()

/** "hunter22", as `htpasswd -B` would write it. */
const WEB = {
  file: 'basic_auth_users: { stellwerk: $2b$04$P8FGJZry4ImvXa4fVk8pvuaBAv5OErAGTOsZlk59DFjBoOb/o3s9S }\n',
  authorization: `Basic ${Buffer.from('stellwerk:hunter22').toString('base64')}`,
}
const PASSWORD = { kind: 'env', name: 'PASSWORD' } as const
const BASIC = { auth: { basic: { user: 'stellwerk', password: PASSWORD } } }

describe('a real Prometheus that asks who one is', { skip }, () => {
  let prometheus: Prometheus
  let exporter: Exporter
  let native: NativeExporter
  before(async () => {
    exporter = await Exporter.start()
    native = await startNativeExporter('native_duration_seconds')
    for (const slot of ['blue', 'green'] as const) exporter.serve(slot, { requests: 10 })
    exporter.set('reuse{slot="blue"}', 2)
    exporter.set('reuse{slot="green"}', 7)
    exporter.set('nothing_divided', 0)
    prometheus = await startPrometheus({
      instances: [exporter.address, native.address],
      options: ['--enable-feature=native-histograms'],
      web: WEB,
    })
  })
  after(async () => {
    exporter.close()
    native.close()
    await prometheus.stop()
  })

  /** `auth` as a plan holds it, for in the spec it names a secret; the rest as the spec writes it. */
  const optionsOf = ({ auth, ...more }: { readonly auth?: object }) =>
    planned.parse({ ...options.parse({ ...APP, url: prometheus.url, ...more }), ...(auth && { auth }) })
  const contextOf = (secret: string) =>
    prometheusContext({
      target: TARGET,
      secrets: { read: async () => (secret === '' ? failure('permanent', 'PASSWORD is not set') : ok(secret)) },
    })
  const sourceOf = (
    queries: Readonly<Record<string, string>>,
    more: object = BASIC,
    secret = 'hunter22',
  ): MetricsSource => {
    const source = makeSource(optionsOf(more), contextOf(secret))
    const asked = Object.entries(queries).map(([id, query]) => queryOf(id, query))
    return { ...source, collect: (signal) => source.collect(signal, asked) }
  }
  type Answers = Readonly<Record<string, Readonly<Record<'blue' | 'green', OwnAnswer>>>>
  const answersOf = (source: MetricsSource, holds: (own: Answers) => boolean = () => true): Promise<Answers> =>
    until('the answers', async () => {
      const { own } = await look(source)
      assert.ok(own)
      if (holds(own)) return own
      throw new Error(JSON.stringify(own))
    })

  it('lets nobody in without the right password, and says so without saying it', async () => {
    for (const [more, secret, like] of [
      [{}, 'hunter22', /it answered 401 \(look at `metrics\.auth`\)/],
      [BASIC, 'wrong-password', /it answered 401 \(look at `metrics\.auth`\)/],
      [BASIC, '', /no way in: PASSWORD is not set/],
    ] as const) {
      const refused = await sourceOf({}, more, secret).collect(AbortSignal.timeout(5000))
      assert.ok(!refused.ok && refused.kind === 'permanent' && like.test(refused.message), JSON.stringify(refused))
      assert.ok(!refused.message.includes('wrong-password'))
    }
  })

  it('is judged by `stellwerk judge`: a healthy candidate, one that fails, and selectors that nothing matches', async () => {
    for (let second = 0; second < 9; second++) {
      for (const [side, requests, errors] of [
        ['live', 200, 1],
        ['good', 50, 0],
        ['bad', 50, 40],
      ] as const) {
        exporter.add(`judged_total{side="${side}",status="200"}`, requests - errors)
        if (second > 0 && errors > 0) exporter.add(`judged_total{side="${side}",status="500"}`, errors)
        for (const le of ['0.05', '0.3', '+Inf'])
          exporter.add(`judged_seconds_bucket{side="${side}",le="${le}"}`, requests)
      }
      const { scrapes } = exporter
      await until('the next scrape', async () => exporter.scrapes > scrapes)
    }
    const judge = async (candidate: string, more: readonly string[] = [], login = 'stellwerk:hunter22') => {
      const env = { STELLWERK_PROMETHEUS_LOGIN: login }
      const io = fakeIo({ env })
      const sides = ['--candidate', `{side="${candidate}"}`, '--live', '{side="live"}']
      const series = ['--requests', 'judged_total', '--latency', 'judged_seconds_bucket']
      const time = ['--range', '20s', '--step', '1s', '--warm-up', '0s']
      const words = ['judge', '--prometheus', prometheus.url, ...sides, ...series, ...time, ...more]
      return { code: await runCli(words, io, { prometheusCounts }), output: io.output(), errors: io.errors() }
    }
    const good = await judge('good', ['--json'])
    assert.equal(good.code, 0, good.output + good.errors)
    const { candidate, live, evidence } = JSON.parse(good.output)
    assert.ok(candidate.requests >= 250 && candidate.errors === 0 && candidate.p95 <= 50, good.output)
    assert.equal(live.requests % 200, 0)
    assert.ok(evidence.accept >= 20)
    const bad = await judge('bad')
    assert.equal(bad.code, 1, bad.output + bad.errors)
    assert.match(bad.output, /^fail: take the candidate back\n/)
    const route = await judge('bad', ['--segment-by', 'status', '--json'])
    assert.deepEqual(
      JSON.parse(route.output)
        .segments.map(({ name }: { readonly name: string }) => name)
        .toSorted(),
      ['200', '500'],
    )
    const tenant = await judge('bad', ['--segment-by', 'tenant'])
    assert.match(tenant.errors, /no series of judged_total\{side="live"\} has the label "tenant"/)
    const nobody = await judge('nobody')
    assert.equal(nobody.code, 2)
    assert.match(nobody.errors, /no series match judged_total\{side="nobody"\} in this time/)
    const stranger = await judge('good', [], 'stellwerk:wrong-password')
    assert.equal(stranger.code, 2)
    assert.match(
      stranger.errors,
      /it answered 401: .*\nFix: set STELLWERK_PROMETHEUS_TOKEN, or STELLWERK_PROMETHEUS_LOGIN\n/,
    )
    assert.ok(!stranger.errors.includes('wrong-password'))
    const rare = await judge('good', ['--step', '1s', '--range', '8h'])
    assert.match(rare.errors, /that are more than 20000 ticks/)
  })

  it('[R-E04] answers each slot by itself, the service as a whole, and scalars', async () => {
    const own = await answersOf(
      sourceOf({ slots: 'sum(reuse{slot="$slot"})', all: 'sum(reuse)', scalar: 'scalar(max(reuse)) * 2' }),
    )
    assert.deepEqual(own, {
      slots: { blue: { value: 2 }, green: { value: 7 } },
      all: { blue: { value: 9 }, green: { value: 9 } },
      scalar: { blue: { value: 14 }, green: { value: 14 } },
    })
  })

  it('[R-E07] says of each that is no number why, and answers the others', async () => {
    const own = await answersOf(
      sourceOf({
        fine: 'sum(reuse)',
        none: 'sum(no_such_series)',
        many: 'reuse',
        nan: 'nothing_divided / nothing_divided',
        inf: '1 / nothing_divided',
        wrong: 'sum(reuse) by',
        text: '"words"',
        range: 'reuse[5m]',
      }),
    )
    const said = Object.fromEntries(
      Object.entries(own).map(([id, { green }]) => [id, 'value' in green ? 'fine' : green.unknown]),
    )
    const where = /^Prometheus at 127\.0\.0\.1:\d+: /
    assert.equal(said['fine'], 'fine')
    for (const [id, like] of Object.entries({
      none: /it answered nothing: no series match$/,
      many: /it answered 2 series \(.*slot="blue".*, …\) where one number is wanted: sum\(\) them/,
      nan: /it answered NaN, which is no finite number \(0 divided by 0/,
      inf: /it answered \+Inf, which is no finite number/,
      wrong: /it answered 400: .*parse error/,
      text: /it answered a string where a number was asked for/,
      range: /it answered a matrix where a number was asked for/,
    })) {
      assert.match(said[id] ?? '', where)
      assert.match(said[id] ?? '', like)
    }
  })

  it('[R-E07] an answer larger than allowed, and one that is not there in time', async () => {
    for (let n = 0; n < 300; n++) exporter.set(`filler{n="${n}"}`, n)
    await answersOf(sourceOf({ filled: 'count(filler)' }), ({ filled }) => 'value' in filled!.green)
    const all = await answersOf(sourceOf({ all: 'filler' }, { ...BASIC, maxBytes: '10kB' }))
    assert.match(JSON.stringify(all), /its answer is larger than maxBytes \(10000 bytes\)/)
    const hurried = await sourceOf({}, { ...BASIC, timeout: '1ms' }).collect(AbortSignal.timeout(5000))
    assert.ok(!hurried.ok && hurried.kind === 'transient', JSON.stringify(hurried))
    assert.match(hurried.message, /did not answer within 1 ms/)
  })

  it('native histograms: quantiles of them are numbers, they themselves are none, and no counts', async () => {
    native.serve(100)
    const [quantile, bare] = [
      'histogram_quantile(0.95, sum(rate(native_duration_seconds{slot="$slot"}[5s])))',
      'native_duration_seconds{slot="$slot"}',
    ]
    const serving = setInterval(() => native.serve(100), 300)
    try {
      const own = await answersOf(sourceOf({ quantile, bare }), (own) => 'value' in own['quantile']!.green)
      const { green } = own['quantile']!
      assert.ok('value' in green && green.value > 0.9 && green.value <= 1, JSON.stringify(green))
      assert.match(JSON.stringify(own['bare']), /is a histogram, not a number: take its histogram_quantile\(\)/)
    } finally {
      clearInterval(serving)
    }
    const counts = sourceOf({}, { ...BASIC, latency: 'native_duration_seconds_bucket' })
    const none = await counts.collect(AbortSignal.timeout(5000))
    assert.ok(!none.ok && /has no sample of native_duration_seconds_bucket/.test(none.message), JSON.stringify(none))
  })

  it('[R-E07] a number whose scrapes stopped is unknown, though Prometheus still answers it', async () => {
    const query = { rate: 'sum(rate(reuse{slot="$slot"}[1m]))', gauge: 'sum(last_over_time(reuse{slot="$slot"}[1m]))' }
    const known = await answersOf(sourceOf(query), (own) => 'value' in own['rate']!.green)
    assert.deepEqual(known['gauge']?.green, { value: 7 })
    exporter.set('reuse{slot="green"}', null)
    const stale = await answersOf(
      sourceOf(query),
      (own) => 'unknown' in own['rate']!.green && 'unknown' in own['gauge']!.green,
    )
    assert.match(JSON.stringify(stale['gauge']), /slot green\): reuse\{slot=.*green.*\} has no sample of the last 3 s/)
    const patient = sourceOf(query)
    const still = await look(patient)
    assert.ok(still.own?.['gauge']?.blue && 'value' in still.own['gauge'].blue, 'the other slot is still known')
  })

  it('the doctor is told how often it scrapes, and which query it does not understand', async () => {
    const ask = (more: object, queries: Readonly<Record<string, string>>, tickMs = 1000) =>
      inquire(optionsOf({ ...BASIC, ...more }), contextOf('hunter22'), {
        tickMs,
        queries: Object.entries(queries).map(([id, query]) => queryOf(id, query)),
      })
    const [fine, ...others] = await ask({}, { all: 'sum(reuse)', wrong: 'sum(reuse) by', none: 'sum(no_such_series)' })
    assert.deepEqual([fine?.outcome, others.map(({ outcome }) => outcome)], ['ok', ['ok', 'bad', 'warning']])
    assert.match(fine?.detail ?? '', /scrapes every 1s; metrics\.scrapeInterval is 1s, rollout\.tick 1s/)
    assert.match(others[1]?.detail ?? '', /"wrong": .*answered 400/)
    assert.match(others[2]?.detail ?? '', /"none" answers nothing usable/)
    const [early] = await ask({ scrapeInterval: '200ms' }, {})
    assert.deepEqual([early?.outcome, early?.fix], ['bad', 'metrics: { scrapeInterval: 1s }'])
    const [hasty] = await ask({}, {}, 500)
    assert.deepEqual([hasty?.outcome, hasty?.fix], ['warning', 'rollout: { tick: 1s }'])
    const [gone] = await ask({ url: 'http://127.0.0.1:9' }, {})
    assert.deepEqual([gone?.outcome, gone?.fix], ['bad', 'look at `metrics.url`; without it no release advances'])
  })
})

function queryOf(id: string, query: string): OwnQuery {
  return { id, query, perSlot: query.includes('$slot'), maxAgeMs: null }
}
