import assert from 'node:assert/strict'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { csv, drawn, inSegments } from '../judge/fixture.ts'
import { fakeIo, type FakeIoOptions } from '../testing/fake-io.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { prometheusCounts } from '../composition/judge-counts.ts'
import type { Deps } from './deps.ts'
import { runCli } from './run.ts'

const LIVE = { perTick: 90, errors: 0.005, medianMs: 80 }
const GOOD = { perTick: 10, errors: 0.005, medianMs: 80 }

let folder: string
before(async () => {
  folder = await temporaryFolder('judge')
  const good = drawn(120, { candidate: GOOD, live: LIVE })
  const bad = drawn(120, { candidate: { ...GOOD, errors: 0.3 }, live: LIVE, seed: 2 })
  const bare = good.live.map((tick) => ({ ...tick, latency: null }))
  const files = {
    'good.csv': good.candidate,
    'live.csv': good.live,
    'bad.csv': bad.candidate,
    'bare.csv': bare,
    'short.csv': good.candidate.slice(0, 4),
  }
  for (const [name, ticks] of Object.entries(files)) await writeFile(join(folder, name), csv(ticks))
  const analysis = 'analysis:\n  - { metric: error-rate, max: 1%, trigger: { above: 2%, for: 1m } }\n'
  await writeFile(join(folder, 'rules.yaml'), analysis)
  const live = good.live.slice(0, 4)
  await writeFile(join(folder, 'live-short.csv'), csv(live))
})
after(() => rm(folder, { recursive: true, force: true }))

async function judge(words: string, options: FakeIoOptions = {}) {
  const io = fakeIo({ cwd: folder, ...options })
  const code = await runCli(['judge', ...words.split(' ')], io, {})
  return { code, output: io.output(), errors: io.errors() }
}

describe('judge', () => {
  it('ends with 0, 1 or 11, as a command that a gate runs', async () => {
    const good = await judge('--candidate good.csv --live live.csv')
    assert.equal(good.code, 0, good.output + good.errors)
    assert.match(good.output, /^pass: the candidate may go on\njudged 120 ticks of 5s, 12:00:00–12:10:00 UTC\n/)
    assert.match(good.output, /\nrequests {2,}1 200 {2,}10 800\n/)
    const bad = await judge('--candidate bad.csv --live live.csv --service checkout')
    assert.equal(bad.code, 1, bad.errors)
    assert.match(bad.output, /^fail: take the candidate back\n/)
    assert.match(bad.output, /it was decided then, \d+ later ticks change nothing/)
    assert.match(
      bad.output,
      /\n {2}fail {2}error-rate compared \+ latency-p95 compared\n {6}checkout: the candidate is worse/,
    )
    const short = await judge('--candidate short.csv --live live-short.csv')
    assert.equal(short.code, 11, short.errors)
    assert.match(short.output, /^inconclusive: too little evidence so far; wait, and judge again\n/)
  })

  it('gives programs everything as one JSON value', async () => {
    const { code, output } = await judge('--candidate bad.csv --live live.csv --json')
    const told = JSON.parse(output)
    assert.equal(code, 1)
    assert.equal(told.outcome, 'fail')
    assert.equal(told.rollback, true)
    assert.equal(told.from, '2026-11-30T12:00:00.000Z')
    assert.ok(told.evidence.rollback >= told.evidence.demanded.rollback)
    assert.equal(told.candidate.errorRate, told.candidate.errors / told.candidate.requests)
    assert.equal(told.verdicts.length, 3)
    assert.match(told.verdicts[0].source, /^bad\.csv, live\.csv, counts of service until/)
    assert.equal('course' in told, false)
  })

  it('names the segment that a candidate is taken back for', async () => {
    const each = { candidate: { perTick: 1, errors: 0 }, live: { perTick: 9, errors: 0 } }
    const { candidate, live } = inSegments(20, { ...each, ticks: 40, dead: 7 })
    const lines = (ticks: typeof live) =>
      ticks.flatMap(({ at: time, segments = {} }) =>
        Object.entries(segments).map(([segment, counts]) => JSON.stringify({ time, segment, ...counts })),
      )
    await writeFile(join(folder, 'routes.ndjson'), lines(candidate).join('\n'))
    await writeFile(join(folder, 'routes-live.ndjson'), lines(live).join('\n'))
    const { code, output, errors } = await judge('--candidate routes.ndjson --live routes-live.ndjson --service shop')
    assert.equal(code, 1, output + errors)
    assert.match(output, /\nsegment +candidate's errors +live's errors +evidence\nGET \/7 +\d+ \(100 %\) +0 \(0 %\) /)
    assert.match(output, /of a segment, evidence 4 000 demands a rollback; 17 more have less\n/)
    assert.match(output, /\n {6}shop GET \/7: the candidate is worse beyond chance/)
    const limits = await judge('--candidate routes.ndjson --live routes-live.ndjson --rules rules.yaml')
    assert.match(limits.errors, /segments would have no effect\nWhy: they are judged by `compare: sequential`/)
  })

  it('takes limits by option, for errors and for a quantile', async () => {
    const { output } = await judge('--candidate good.csv --live live.csv --max-errors 5% --max-latency p99=2s --json')
    const { rules } = JSON.parse(output)
    assert.deepEqual(
      rules.map(({ metric, limit }: { metric: string; limit: number }) => [metric, limit]),
      [
        ['error-rate', 0.05],
        ['latency-p99', 2000],
      ],
    )
  })

  it('takes the rules of a file, as stellwerk.yaml says them', async () => {
    const { code, output } = await judge('--candidate bad.csv --live live.csv --rules rules.yaml --json')
    assert.equal(code, 1, output)
    const { rules, evidence } = JSON.parse(output)
    assert.deepEqual(rules, [
      { kind: 'limit', id: 'error-rate', metric: 'error-rate', max: 0.01, trigger: { above: 0.02, forMs: 60_000 } },
    ])
    assert.equal(evidence, null)
  })

  it('writes a picture beside the verdict, in the language of the rest', async () => {
    const { code } = await judge('--candidate bad.csv --live live.csv --plot bad.svg --service checkout --lang de')
    assert.equal(code, 1)
    const svg = await readFile(join(folder, 'bad.svg'), 'utf8')
    assert.match(svg, /^<svg [^]*>checkout: verfehlt: den Kandidaten zurücknehmen<[^]*<\/svg>\n$/)
  })

  it('speaks German, and breaks its lines at the edge of a terminal', async () => {
    const size = { columns: 60, rows: 30 }
    const { output } = await judge('--candidate bad.csv --live live.csv --lang de', {
      isTTY: true,
      size,
      env: { NO_COLOR: '1' },
    })
    assert.match(output, /^verfehlt: den Kandidaten zurücknehmen\n/)
    assert.ok(
      output.split('\n').every(({ length }) => length < 60),
      output,
    )
  })
})

describe('judge reads a Prometheus', () => {
  const words = [
    'judge',
    '--prometheus',
    'http://prometheus:9090',
    '--candidate',
    '{slot="green"}',
    '--live',
    '{slot="blue"}',
  ]
  const asked = async (more: readonly string[], prometheusCounts: Deps['prometheusCounts']) => {
    const io = fakeIo({ env: { STELLWERK_PROMETHEUS_TOKEN: 't' } })
    return {
      code: await runCli([...words, ...more], io, { prometheusCounts }),
      errors: io.errors(),
      output: io.output(),
    }
  }

  it('asks for the usual counters, errors by their status, half an hour back', async () => {
    const queries: unknown[] = []
    const counts: Deps['prometheusCounts'] = async (query) => {
      queries.push(query)
      return drawn(120, { candidate: GOOD, live: LIVE })
    }
    const { code, output, errors } = await asked(['--requests', 'hits_total{job="web"}'], counts)
    assert.equal(code, 0, errors)
    assert.match(output, /^pass: /)
    assert.deepEqual(queries, [
      {
        url: 'http://prometheus:9090',
        requests: 'hits_total{job="web"}',
        errors: 'hits_total{job="web",status=~"5.."}',
        latency: null,
        latencyUnitMs: 1000,
        segmentBy: null,
        candidate: '{slot="green"}',
        live: '{slot="blue"}',
        toMs: null,
        rangeMs: 1_800_000,
        stepMs: 15_000,
      },
    ])
  })

  it('has no evidence where it does not answer', async () => {
    const { code, errors } = await asked(['--prometheus', 'http://127.0.0.1:1'], prometheusCounts)
    assert.equal(code, 11, errors)
    assert.match(errors, /cannot read the counts of both sides\nWhy: Prometheus at 127\.0\.0\.1:1: it does not answer/)
    assert.match(errors, /Fix: judge again when it answers/)
  })
})

describe('judge says what it cannot use', () => {
  const both = '--candidate good.csv --live live.csv'
  const wrong: readonly (readonly [words: string, said: RegExp])[] = [
    ['--candidate good.csv', /judge needs --live <file\|labels>/],
    [
      '--candidate nobody.csv --live live.csv',
      /cannot read the counts in nobody\.csv\nWhy: there is no file .*nobody\.csv\n/,
    ],
    [
      '--candidate short.csv --live live.csv',
      /116 lines cannot be used[^]*live\.csv:6: the candidate's counts end before this one/,
    ],
    [`${both} --max-errors 2`, /--max-errors "2" cannot be read\nWhy: it must be a percentage/],
    [`${both} --max-latency soon`, /--max-latency "soon" is not a duration/],
    [
      '--candidate good.csv --live bare.csv --max-latency 1s',
      /--max-latency would have no effect\nWhy: a side has no latencies/,
    ],
    [`${both} --plot bad.png`, /--plot "bad\.png" is not a name for a picture\nWhy: it is an SVG/],
    [`${both} --plot nowhere/bad.svg`, /cannot write the picture nowhere\/bad\.svg/],
    [`${both} --tick 0s`, /--tick "0s" cannot be read\nWhy: in a tick of no length nothing happens/],
    [`${both} --max-latency p0=1s`, /--max-latency "p0=1s" cannot be read\nWhy: .* p50, p95 or p99/],
    [`${both} --min-requests 0`, /--min-requests "0" cannot be read/],
    [`${both} --rules nobody.yaml`, /cannot read the rules in nobody\.yaml/],
    [`${both} --rules good.csv`, /good\.csv:1:1: expected a map that begins with `analysis:`/],
    [`${both} --rules strange.yaml`, /strange\.yaml:2:5: analysis\[0\]: memory is what a platform sees/],
    [
      `${both} --rules strange.yaml`,
      /strange\.yaml:5:5: analysis\[3\]: `max` of a comparison must be above 0% and below/,
    ],
    [`${both} --rules strange.yaml`, /strange\.yaml:4:5: analysis\[2\]: one entry compares already/],
    [
      `${both} --rules strange.yaml --max-errors 1%`,
      /--max-errors would have no effect\nWhy: --rules says all that is judged/,
    ],
    [`${both} --step 5s`, /--step would have no effect\nWhy: it is about series of a Prometheus/],
    ['--prometheus nowhere --candidate {a="b"} --live {a="c"}', /--prometheus "nowhere" is not an address/],
    ['--prometheus http://p:9090 --candidate good.csv --live {a="c"}', /--candidate "good\.csv" tells no series apart/],
    [
      '--prometheus http://p:9090 --candidate {a="b"} --live {a="c"} --requests rate(x)',
      /--requests "rate\(x\)" is not a selector/,
    ],
    ['--prometheus http://p:9090 --candidate {a="b"} --live {a="c"} --latency x_sum', /ends in _bucket/],
    [
      '--prometheus http://p:9090 --candidate {a="b"} --live {a="c"} --latency-unit seconds',
      /--latency-unit would have no effect/,
    ],
    [
      '--prometheus http://p:9090 --candidate {a="b"} --live {a="c"} --segment-by a-b',
      /--segment-by "a-b" is not a label/,
    ],
    ['--prometheus http://p:9090 --candidate {a="b"} --live {a="c"} --to noon', /--to "noon" is not a point in time/],
    ['--prometheus http://p:9090 --candidate {a="b"} --live {a="c"} --step 5ms', /--step "5ms" is too short/],
    ['--prometheus http://p:9090 --candidate {a="b"} --live {a="c"} --tick 5s', /--tick would have no effect/],
    [`${both} -e prod`, /unknown option '-e'/],
  ]
  before(() =>
    writeFile(
      join(folder, 'strange.yaml'),
      'analysis:\n  - { metric: memory, max: 1GB }\n  - { metric: latency-p95, compare: sequential }\n  - { metric: latency-p99, compare: sequential }\n  - { metric: error-rate, compare: sequential, max: 0% }\n',
    ),
  )

  for (const [words, said] of wrong)
    it(words, async () => {
      const { code, errors } = await judge(words)
      assert.equal(code, 2, errors)
      assert.match(errors, said)
    })
})
