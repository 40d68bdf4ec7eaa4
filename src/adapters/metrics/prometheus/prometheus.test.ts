import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { failure, ok, type Result } from '../../../ports/result.ts'
import type { MetricsSnapshot } from '../../../core/observed.ts'
import type { AdapterContext } from '../../../ports/adapter.ts'
import type { Secrets } from '../../../ports/secrets.ts'
import { fakeRouter } from '../../../testing/fake-router.ts'
import { adapterContext } from '../../../testing/adapter-context.ts'
import { restrictedHttp } from '../../http.ts'
import type { Json } from '../../../core/json.ts'
import { options as schema } from './options.ts'
import { prometheus } from './prometheus.ts'
import { instant } from '../../../core/time.ts'
import { fakeMetrics } from '../../../testing/fake-metrics.ts'
import { adapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'
import { adapterContract } from '../../../testing/adapter-contract.ts'

const NOW_S = 1795251436.5
const TARGET = { service: 'shop', environment: 'prod', component: 'api' }
const APP = {
  requests: 'http_requests_total',
  errors: 'http_requests_total{status=~"5.."}',
  latency: 'http_request_duration_seconds_bucket',
}

type Row = readonly [part: string, labels: Readonly<Record<string, string>>, value: string]
type Sent = { readonly form: URLSearchParams; readonly headers: Headers; readonly url: string }

const TIME = success('scalar', [NOW_S, String(NOW_S)])
const BLUE = { slot: 'blue', job: 'app', instance: 'a:1' }
const GREEN = { slot: 'green', job: 'app', instance: 'b:1' }

/** As Prometheus 2.42 answered it; two instances, one per slot. */
const ROWS: readonly Row[] = [
  ['requests.now', { slot: 'blue' }, '1000'],
  ['requests.now', { slot: 'green' }, '110'],
  ['requests.base', { slot: 'blue' }, '400'],
  ['errors.now', { slot: 'green' }, '3'],
  ['latency.now', { slot: 'blue', le: '0.3' }, '990'],
  ['latency.now', { slot: 'blue', le: '+Inf' }, '1000'],
  ['latency.base', { slot: 'blue', le: '0.3' }, '400'],
  ['latency.base', { slot: 'blue', le: '+Inf' }, '400'],
  ['latency.now', { slot: 'green', le: '0.3' }, '100'],
  ['latency.now', { slot: 'green', le: '+Inf' }, '110'],
  ['targets.known', BLUE, '2'],
  ['targets.known', GREEN, '2'],
  ['targets.fresh', BLUE, '2'],
  ['targets.fresh', GREEN, '2'],
  ['latency.fresh', { slot: 'blue' }, '2'],
  ['latency.fresh', { slot: 'green' }, '2'],
  ['label.status', {}, '4'],
]

function success(resultType: string, result: unknown, more: object = {}): string {
  return JSON.stringify({ status: 'success', data: { resultType, result }, ...more })
}

function vector(rows: readonly Row[]): string {
  const result = rows.map(([part, labels, value]) => ({
    metric: { ...labels, stellwerk_part: part },
    value: [NOW_S, value],
  }))
  return success('vector', result)
}

type Stub = {
  readonly answers: readonly (string | Response | Error)[]
  readonly options?: Readonly<Record<string, unknown>>
  readonly now?: number
}

async function collected({
  answers,
  options = {},
  now = NOW_S * 1000,
}: Stub): Promise<{ result: Result<MetricsSnapshot>; sent: Sent[] }> {
  const sent: Sent[] = []
  const secrets: Secrets = {
    read: async ({ kind }) => (kind === 'env' ? ok('hunter22') : failure('permanent', 'x does not exist')),
  }
  const context = contextAt(now, {
    secrets,
    fetch: async (url, init) => {
      sent.push({ url: String(url), form: init!.body as URLSearchParams, headers: new Headers(init!.headers) })
      const answer = answers[sent.length - 1] ?? new Error(`nothing to answer query ${sent.length}`)
      if (answer instanceof Error) throw answer
      return typeof answer === 'string' ? new Response(answer) : answer
    },
  })
  const source = await prometheus.create(read({ ...APP, ...options }), context)
  return { result: await source.collect(AbortSignal.timeout(10_000)), sent }
}

type Outside = Partial<AdapterContext> & { readonly fetch?: typeof fetch }

function contextAt(now: number, { fetch: own = fetch, ...rest }: Outside): AdapterContext {
  const clock = { now: () => instant(now), sleepUntil: async () => undefined }
  return adapterContext({ target: TARGET, clock, http: restrictedHttp({ mayReach: () => true, fetch: own }), ...rest })
}

/** `auth` as it stands in a plan, with the reference that `secrets` has for the name. */
function read({ auth, ...options }: Readonly<Record<string, unknown>>) {
  const planned = schema.parse({ kind: 'prometheus', url: 'http://prom:9090/base/', ...options })
  return { ...planned, ...(auth === undefined ? {} : { auth: auth as Json }) }
}

async function message(stub: Stub): Promise<string> {
  const { result } = await collected(stub)
  assert.ok(!result.ok, 'a failure')
  assert.match(result.message, /^Prometheus at prom:9090: /)
  return `${result.kind}: ${result.message.slice('Prometheus at prom:9090: '.length)}`
}

const without = (...parts: readonly string[]) => ROWS.filter(([part]) => !parts.includes(part))
const withRow = (...rows: readonly Row[]) => [...without(...rows.map(([part]) => part)), ...rows]

describe('the metrics source prometheus', () => {
  it('answers what was counted since the epoch began, per slot', async () => {
    const { result, sent } = await collected({ answers: [TIME, vector(ROWS)] })
    assert.ok(result.ok, result.ok ? '' : result.message)
    const { blue, green } = result.value.slots
    assert.deepEqual([blue.requests, blue.errors, green.requests, green.errors], [600, 0, 110, 3])
    assert.deepEqual(Object.values(blue.latency.counts), [590, 10])
    assert.equal(result.value.at, NOW_S * 1000)
    assert.equal(result.value.epoch, new Date(Math.floor(NOW_S / 3600) * 3_600_000).toISOString())
    assert.deepEqual(
      sent.map(({ url }) => url),
      Array(2).fill('http://prom:9090/base/api/v1/query'),
    )
    assert.deepEqual(
      sent.map(({ form }) => form.get('time')),
      [null, String(NOW_S)],
    )
    assert.ok(sent[1]!.form.get('query')!.includes('http_requests_total{slot=~"blue|green"}'))
    assert.doesNotMatch(sent[1]!.form.get('query')!, /\b(rate|increase|irate|delta)\(/)
  })

  it('reads the samples of restarted targets, and adds what they had lost', async () => {
    const rows = [...ROWS, ['requests.resets', { job: 'app', instance: 'b:1' }, '1'] as const]
    const values = [
      [NOW_S - 2, '50'],
      [NOW_S - 1, '7'],
      [NOW_S, '9'],
    ]
    const lost = success('matrix', [{ metric: { ...GREEN, __name__: 'http_requests_total' }, values }])
    const { result, sent } = await collected({ answers: [TIME, vector(rows), lost] })
    assert.equal(result.ok && result.value.slots.green.requests, 160)
    assert.match(
      sent[2]!.form.get('query')!,
      /^http_requests_total\{slot=~"blue\|green",job="app",instance="b:1"\}\[\d+ms\]$/,
    )
    const between = await message({ answers: [TIME, vector(rows), success('matrix', [])] })
    assert.match(between, /^transient: b:1 was scraped between two looks/)
  })

  it('reads gauges, the age of waiting requests in seconds', async () => {
    const rows: Row[] = [...ROWS]
    for (const slot of ['blue', 'green']) rows.push(['inFlight', { slot }, '4'], ['waitingOldest', { slot }, '1.5'])
    const { result } = await collected({
      answers: [TIME, vector(rows)],
      options: { inFlight: 'a', waitingOldest: 'b' },
    })
    assert.deepEqual(
      result.ok && [result.value.slots.green.inFlight, result.value.slots.green.waitingOldestMs],
      [4, 1500],
    )
  })

  it('says what is missing, and never answers zeros for it', async () => {
    const cases: readonly (readonly [readonly Row[], RegExp])[] = [
      [[], /^transient: no series match http_requests_total\{slot=~"blue\|green"\}: is it scraped/],
      [without('targets.fresh'), /has no sample of the last 45 s \(3 scrape intervals\)/],
      [
        ROWS.filter(([part, { slot }]) => part !== 'targets.fresh' || slot === 'blue'),
        /slot="green" \(slot green\) has a sample of the last 45 s/,
      ],
      [
        ROWS.filter(([part, { slot }]) => !part.startsWith('targets') || slot === 'blue'),
        /there are no series .*absentSlot: idle/,
      ],
      [without('latency.fresh'), /slot blue has no sample of http_request_duration_seconds_bucket/],
      [without('label.status'), /has the label "status" by which http_requests_total\{status=~"5\.\."/],
      [withRow(['latency.now', { slot: 'green', le: '0.3' }, '5']), /permanent: .* of slot (blue|green) .*le="\+Inf"/],
      [withRow(['latency.now', { slot: 'green', le: 'x' }, '5']), /the label "le" is missing or no number/],
      [
        withRow(['errors.now', { slot: 'green' }, '111']),
        /permanent: slot green has more errors \(111\) than requests \(110\)/,
      ],
      [withRow(['requests.base', { slot: 'blue' }, '1001']), /transient: slot blue has fewer requests \(-1\)/],
      [withRow(['requests.now', { slot: 'green' }, 'NaN']), /no finite number for .*requests\.now.*NaN/],
      [withRow(['requests.now', { slot: 'green' }, '+Inf']), /no finite number/],
      [withRow(['requests.now', { slot: 'green' }, '']), /no finite number/],
    ]
    for (const [rows, like] of cases) assert.match(await message({ answers: [TIME, vector(rows)] }), like)
  })

  it('one instance that is down is not hidden by the others, unless nobody scrapes it any more', async () => {
    const other = { ...GREEN, instance: 'c:1' }
    const rows: Row[] = [...ROWS, ['targets.known', other, '2']]
    assert.ok((await collected({ answers: [TIME, vector(rows)] })).result.ok)
    rows.push(['targets.down', { job: 'app', instance: 'c:1' }, '0'])
    assert.match(await message({ answers: [TIME, vector(rows)] }), /\{job="app",instance="c:1"\} of slot green is down/)
  })

  it('a slot without series is idle only where the spec says so', async () => {
    const rows = ROWS.filter(([, { slot }]) => slot !== 'green')
    const { result } = await collected({ answers: [TIME, vector(rows)], options: { absentSlot: 'idle' } })
    assert.deepEqual(result.ok && [result.value.slots.green.requests, result.value.slots.blue.requests], [0, 600])
  })

  it('refuses what is no answer to the question, and answers that warn', async () => {
    const cases: readonly (readonly [string | Response | Error, RegExp])[] = [
      [success('matrix', []), /permanent: it answered a matrix where a vector was asked for/],
      [success('vector', [], { warnings: ['remote store is away'] }), /transient: it warns.*remote store is away/],
      [
        success('vector', [{ metric: GREEN, histogram: [NOW_S, {}] }]),
        /native histogram: have the classic buckets scraped/,
      ],
      [success('vector', [7]), /no finite number/],
      ['<html>', /no JSON object but "<html>"/],
      ['[]', /no JSON object/],
      [JSON.stringify({ status: 'error', errorType: 'bad_data', error: 'parse error' }), /bad_data: parse error/],
      [new Response('oh no', { status: 500 }), /transient: it answered 500: oh no/],
      [new Response('{"error":"query timed out"}', { status: 503 }), /transient: it answered 503: query timed out/],
      [new Response('', { status: 401 }), /permanent: it answered 401 \(look at `metrics\.auth`\)/],
      [new Response('', { status: 404 }), /permanent: it answered 404 \(look at `metrics\.url`\)/],
      [new Response('{"error":"unknown function"}', { status: 400 }), /permanent: it answered 400: unknown function/],
      [new Response('x'.repeat(20_000)), /larger than maxBytes \(10000 bytes\)/],
      [new DOMException('', 'TimeoutError'), /transient: it did not answer within 5000 ms/],
    ]
    for (const [answer, like] of cases) {
      assert.match(await message({ answers: [TIME, answer], options: { maxBytes: '10kB' } }), like)
    }
  })

  it('refuses a clock that is far from ours, either way, and no time at all', async () => {
    const of = (now: number) => message({ answers: [TIME, vector(ROWS)], now })
    assert.match(await of(NOW_S * 1000 - 31_000), /its clock is 31 s ahead of ours/)
    assert.match(await of(NOW_S * 1000 + 120_000), /its clock is 120 s behind ours/)
    assert.ok((await collected({ answers: [TIME, vector(ROWS)], now: NOW_S * 1000 + 29_000 })).result.ok)
    const { result } = await collected({ answers: [success('scalar', [NOW_S, 'NaN'])] })
    assert.ok(!result.ok && /NaN.* as its time/.test(result.message))
  })

  it('lets itself in by token or password, and never says either', async () => {
    const secret = { kind: 'env', name: 'TOKEN' }
    const refusal = () => new Response('{"error":"hunter22 is wrong"}', { status: 401 })
    for (const [auth, header] of [
      [{ bearer: secret }, 'Bearer hunter22'],
      [{ basic: { user: 'me', password: secret } }, `Basic ${Buffer.from('me:hunter22').toString('base64')}`],
    ] as const) {
      const { result, sent } = await collected({ answers: [refusal()], options: { auth } })
      assert.equal(sent[0]!.headers.get('authorization'), header)
      assert.ok(!result.ok && /401.*\[redacted\] is wrong/.test(result.message) && !result.message.includes('hunter22'))
    }
    const absent = { auth: { bearer: { kind: 'file', path: 'x' } } }
    assert.match(await message({ answers: [], options: absent }), /permanent: no way in: x does not exist/)
  })

  it('a server that is not there or never answers is a failure in time', async () => {
    const sockets: Socket[] = []
    const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const url = `http://127.0.0.1:${port}`
    const context = contextAt(Date.now(), { secrets: { read: async () => ok('') } })
    const source = await prometheus.create(read({ url, timeout: '100ms' }), context)
    const late = await source.collect(new AbortController().signal)
    assert.ok(!late.ok && /did not answer within 100 ms/.test(late.message), JSON.stringify(late))
    silent.close()
    for (const socket of sockets) socket.destroy()
    await once(silent, 'close')
    const gone = await source.collect(new AbortController().signal)
    assert.ok(
      !gone.ok && gone.kind === 'transient' && /does not answer: .*ECONNREFUSED/.test(gone.message),
      JSON.stringify(gone),
    )
  })
})

describe('the metrics source prometheus beside a router that counts', () => {
  const QUERY = { id: 'reuse', query: 'sum(reuse)', perSlot: false, maxAgeMs: null }
  const answer = async (fetched: readonly (string | Error)[]) => {
    const fake = fakeMetrics({ seed: 1, now: () => instant(NOW_S * 1000) })
    fake.add('green', { requests: 5, errors: 1, latencyMs: 20 })
    let sent = 0
    const router = { ...fakeRouter(), counts: (signal: AbortSignal) => fake.collect(signal) }
    const context = contextAt(NOW_S * 1000, {
      router: async () => router,
      fetch: async (_, init) => {
        const isFresh = (init!.body as URLSearchParams).get('query')!.includes('fresh.0')
        const text = isFresh ? vector([]) : fetched[sent++]
        if (text === undefined || text instanceof Error) throw text ?? new Error('nothing to answer')
        return new Response(text)
      },
    })
    const source = await prometheus.create(read({ counts: 'router' }), context)
    const result = await source.collect(AbortSignal.timeout(5000), [QUERY])
    assert.ok(result.ok, JSON.stringify(result))
    return { ...result.value, fake, source }
  }

  it("[R-E04] takes the router's counts and asks only the queries of the spec's own", async () => {
    const { slots, own } = await answer([TIME, success('scalar', [NOW_S, '4'])])
    assert.deepEqual([slots.green.requests, slots.green.errors], [5, 1])
    assert.deepEqual(own, { reuse: { blue: { value: 4 }, green: { value: 4 } } })
  })

  it('[R-E07] keeps the counts while Prometheus is away, and says what is unknown meanwhile', async () => {
    const { slots, own, fake, source } = await answer([new Error('connect ECONNREFUSED')])
    assert.equal(slots.green.requests, 5)
    assert.deepEqual(own?.['reuse']?.green, {
      unknown: 'Prometheus at prom:9090: it does not answer: connect ECONNREFUSED',
    })
    fake.fail(failure('transient', 'the router is away'))
    assert.deepEqual(await source.collect(AbortSignal.timeout(5000)), failure('transient', 'the router is away'))
  })
})

describe('the options of prometheus', () => {
  it("are the embedded router's own metrics where no others are named", () => {
    const { requests, errors, latency, inFlight, waitingOldest, scrapeIntervalMs, timeoutMs, maxBytes } = read({})
    for (const series of [requests, errors, latency, inFlight, waitingOldest]) {
      assert.match(series!, /^stellwerk_router_\w+\{route="\$service:\$environment:\$component"\}$/)
    }
    assert.deepEqual([scrapeIntervalMs, timeoutMs, maxBytes], [15_000, 5000, 10_000_000])
    const own = read(APP)
    assert.deepEqual([own.inFlight, own.waitingOldest], [null, null])
  })

  it('refuse functions, half a set, native histograms and URLs with a password', () => {
    for (const [wrong, like] of [
      [{ ...APP, requests: 'rate(http_requests_total[1m])' }, /a metric name or selector/],
      [{ ...APP, requests: 'http_requests_total{a="b' }, /a metric name or selector/],
      [{ ...APP, latency: 'http_request_duration_seconds' }, /ends in _bucket/],
      [{ requests: 'a' }, /belong together: errors and latency are missing/],
      [{ requests: 'a', errors: 'b' }, /latency is missing/],
      [{ url: 'http://me:secret@prom:9090' }, /without user name/],
      [{ slot: { green: 'blue' } }, /tell the slots apart/],
      [{ scrapeInterval: '0s' }, /from 100ms to 5m/],
      [{ ...APP, counts: 'router' }, /`counts: router` reads no requests, no errors, no latency of Prometheus/],
    ] as const) {
      const { success, error } = schema.safeParse({ kind: 'prometheus', url: 'http://p', ...wrong })
      assert.ok(!success)
      assert.match(error.message, like)
    }
  })
})

const CHAT = { secret: 'CHAT' }
const COUNTING = {
  url: 'http://p',
  requests: 'requests_total',
  errors: 'errors_total',
  latency: 'latency_bucket',
  waitingOldest: 'oldest',
}
const BASIC = { ...COUNTING, auth: { basic: { user: 'a', password: CHAT } } }

adapterKeys({
  port: 'metrics',
  kind: 'prometheus',
  written: COUNTING,
  keys: {
    url: ['http://q'],
    counts: ['router', { url: 'http://p' }],
    requests: ['other_total'],
    errors: ['other_total'],
    latency: ['other_bucket'],
    latencyUnit: ['milliseconds'],
    inFlight: ['in_flight'],
    waitingOldest: ['other'],
    'slot.label': ['colour'],
    'slot.blue': ['b'],
    'slot.green': ['g'],
    absentSlot: ['idle'],
    segmentLabel: ['route'],
    scrapeInterval: ['10s'],
    timeout: ['4s'],
    maxBytes: ['20MB'],
    'auth.bearer.secret': ['OTHER', { ...COUNTING, auth: { bearer: CHAT } }],
    'auth.basic.user': ['b', BASIC],
    'auth.basic.password.secret': ['OTHER', BASIC],
  },
})

adapterContract({
  adapter: prometheus,
  written: { url: 'http://prometheus:9090', auth: { bearer: { secret: 'TOKEN' } }, scrapeInterval: '5s' },
  asPlanned: (options) => ({ ...options, auth: { bearer: { kind: 'env', name: 'TOKEN' } } }),
  context: adapterContext(),
})
