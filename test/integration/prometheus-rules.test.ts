/**
 * Every demand on what a release is judged by (rows E), from the page that is scraped to what becomes of the rollout. All
 * of them are released at once over one Prometheus that scrapes every second; windows are seconds instead of minutes.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Slot } from '../../src/core/observed.ts'
import type { RolloutView } from '../../src/core/views.ts'
import { type Exporter, missing, type Prometheus, startPrometheus } from './prometheus-world.ts'
import { type Rollout, type Ruled, ruledRollout } from './rules-world.ts'

const skip = missing()

/** What a demand is tried with, and what has to become of the rollout: `back` names the rule and says why. */
type Case = Ruled & {
  readonly back?: RegExp
  /** Neither forwards nor back: this is said, and users stay on the first share. */
  readonly held?: RegExp
}

const healthy = (slot: Slot, requests: number, exporter: Exporter) => exporter.serve(slot, { requests })
const only = (slot: Slot, good: number, bad: number) => (slot === 'green' ? bad : good)
/** `{service="…",environment="…",slot="$slot"}` */
const OF_SLOT = '{service="$service",environment="$environment",slot="$slot"}'
const OF_SERVICE = '{service="$service",environment="$environment"}'

/** Healthy requests, and a gauge of its own: `gauge('disk', 0.5, 0.05)` falls to 0.05 with the candidate. */
function gauge(name: string, good: number, bad: number): Ruled['serve'] {
  return (slot, requests, exporter) => {
    healthy(slot, requests, exporter)
    exporter.set(`${name}{slot="${slot}"}`, only(slot, good, bad))
  }
}

/** One number of the whole service, which changes when users meet the candidate. */
function shared(name: string, good: number, bad: number): Ruled['serve'] {
  return (slot, requests, exporter) => {
    healthy(slot, requests, exporter)
    if (slot === 'green') exporter.set(name, requests > 0 ? bad : good)
  }
}

/** A counter beside the requests: `share` of them, by slot. */
function counter(name: string, good: number, bad: number): Ruled['serve'] {
  return (slot, requests, exporter) => {
    healthy(slot, requests, exporter)
    exporter.add(`${name}{slot="${slot}"}`, requests * only(slot, good, bad))
  }
}

function shareOf(counted: string): string {
  return `sum(rate(${counted}${OF_SLOT}[5s])) / sum(rate(http_requests_total${OF_SLOT}[5s]))`
}

const slow = (latencyMs: number): Ruled['serve'] => {
  return (slot, requests, exporter) => exporter.serve(slot, { requests, latencyMs: only(slot, 40, latencyMs) })
}
const failing = (good: number, bad: number): Ruled['serve'] => {
  return (slot, requests, exporter) => exporter.serve(slot, { requests, errors: requests * only(slot, good, bad) })
}
const queriesTake = (blueMs: number, greenMs: number): Ruled['serve'] => {
  return (slot, requests, exporter) => {
    healthy(slot, requests, exporter)
    exporter.observe('db_query_duration_seconds', slot, { requests, latencyMs: only(slot, blueMs, greenMs) })
  }
}
const DB_P95 = `histogram_quantile(0.95, sum by (le) (rate(db_query_duration_seconds_bucket${OF_SLOT}[5s])))`

const CASES = {
  'targets-prod': {
    analysis: '[{ metric: latency-p95, max: 300ms, trigger: { above: 300ms, for: 2s } }]',
    serve: slow(350),
    back: /^api: p95 latency of the candidate was .*ms .*slower than 300ms.*demand a rollback/,
  },
  'targets-stage': {
    environment: 'stage',
    analysis:
      '[{ metric: latency-p95, max: 400ms, trigger: { above: 400ms, for: 2s } }, { metric: latency-p50, max: 400ms }, { metric: latency-p99, max: 500ms }]',
    serve: slow(350),
  },
  'targets-p99': {
    analysis:
      '[{ metric: latency-p50, max: 100ms }, { metric: latency-p95, max: 300ms }, { metric: latency-p99, trigger: { above: 1s, for: 2s } }]',
    serve: (slot, requests, exporter) => {
      exporter.serve(slot, { requests: requests * 0.97 })
      exporter.serve(slot, { requests: requests * 0.03, latencyMs: only(slot, 40, 1900) })
    },
    back: /p99 latency of the candidate was .*slower than 1s/,
  },
  errors: {
    analysis: '[{ metric: error-rate, max: 1%, trigger: { above: 2%, for: 2s } }]',
    serve: failing(0, 0.05),
    back: /error rate of the candidate was 5 % \(.*above the 2 % that demand a rollback/,
  },
  before: {
    analysis: '[{ metric: error-rate, max: 20% }, { metric: error-rate, relativeTo: before, margin: 50%, for: 2s }]',
    serve: failing(0.05, 0.1),
    back: /error rate of the candidate was 10 % .*live before the first shift.* 5 % /,
  },
  'token-reuse': {
    analysis: `[{ metric: error-rate, max: 1% }, { metric: token-reuse, query: '${shareOf('token_reuse_total')}', unit: ratio, relativeTo: before, margin: 20%, for: 2s }]`,
    serve: counter('token_reuse_total', 0.02, 0.05),
    back: /token-reuse was .* on average .*before the first shift 2 % .*at most 20 % above what it was before/,
  },
  'tenant-cost': {
    analysis: `[{ metric: error-rate, max: 1% }, { metric: tenant-cost, query: 'max(tenant_cost${OF_SERVICE})', relativeTo: before, margin: 20%, worse: either, for: 2s }]`,
    serve: shared('tenant_cost', 10, 4),
    // A first look may still have seen 10.
    back: /tenant-cost was [4-7](?:\.\d+)? on average .*before the first shift 10 .*at most 20 % above or below/,
  },
  'push-failures': {
    analysis: `[{ metric: push-failures, query: '${shareOf('push_failures_total')}', max: 5%, trigger: { above: 5%, for: 3s } }]`,
    serve: counter('push_failures_total', 0.01, 0.1),
    back: /push-failures of the candidate was 10 % on average.*above the 5 % that demand a rollback/,
  },
  flapping: {
    analysis: '[{ metric: readiness-flapping, max: 0.1%, trigger: { above: 0.5%, for: 2s } }]',
    serve: healthy,
    // Probes are made every second since the start: one of three falls into the 100 ms.
    candidate: { readyAfterMs: 3050, flapping: { everyMs: 3000, forMs: 100 } },
    back: /share of failed readiness probes of the candidate was .*above the 0\.5 % that demand a rollback/,
  },
  'probe-flapping': {
    analysis: `[{ metric: probe-flapping, query: '1 - avg(avg_over_time(probe_success${OF_SLOT}[5s]))', max: 0.1%, trigger: { above: 0.5%, for: 3s } }]`,
    serve: (slot, requests, exporter) => {
      healthy(slot, requests, exporter)
      exporter.set(`probe_success{slot="${slot}"}`, slot === 'green' && exporter.scrapes % 3 === 0 ? 0 : 1)
    },
    back: /probe-flapping of the candidate was .*above the 0.5 % that demand a rollback/,
  },
  'db-p95': {
    analysis: `[{ metric: db-p95, query: '${DB_P95}', max: 400ms, trigger: { above: 500ms, for: 2s } }]`,
    serve: queriesTake(40, 900),
    back: /db-p95 of the candidate was .*ms on average.*above the 500ms that demand a rollback/,
  },
  'db-p95-shared': {
    analysis: `[{ metric: db-p95, query: '${DB_P95}', max: 400ms, trigger: { above: 500ms, for: 2s } }]`,
    serve: queriesTake(900, 900),
    held: /db-p95 .*live had .* in the same time, so it has a shared cause; held without a rollback/,
  },
  silence: {
    analysis: `[{ metric: info-logs, query: 'sum(increase(log_lines_total${OF_SLOT}[3s]))', silence: 3s }]`,
    serve: counter('log_lines_total', 1, 0),
    back: /info-logs was never above 0 for 3s .*silence is a failure/,
  },
  'no-data': {
    analysis: `[{ metric: token-reuse, query: 'sum(no_such_series${OF_SLOT})', max: 5 }]`,
    serve: healthy,
    held: /token-reuse is unknown: Prometheus at 127\.0\.0\.1:\d+ \(slot green\): it answered nothing: no series match/,
  },
  'zero-requests': {
    analysis: `[{ metric: share, query: 'sum(rate(a_total${OF_SLOT}[5s])) / sum(rate(b_total${OF_SLOT}[5s]))', max: 5% }]`,
    serve: (slot, requests, exporter) => {
      healthy(slot, requests, exporter)
      for (const name of ['a_total', 'b_total']) exporter.add(`${name}{slot="${slot}"}`, 0)
    },
    held: /share is unknown: .*it answered NaN, which is no finite number \(0 divided by 0/,
  },
  response: {
    analysis: '[{ metric: latency-p99, trigger: { above: 5s, for: 2s } }]',
    serve: slow(9000),
    back: /p99 latency .*slower than 5s/,
  },
  disk: {
    analysis: `[{ metric: disk-free, query: 'min(disk_free_ratio${OF_SERVICE})', min: 15%, trigger: { below: 10%, for: 2s } }]`,
    serve: shared('disk_free_ratio', 0.4, 0.07),
    back: /disk-free was 7 % on average.*below the 10 % that demand a rollback/,
  },
  'disk-before': {
    analysis: `[{ metric: disk-free, query: 'min(disk_free_ratio${OF_SERVICE})', min: 15%, trigger: { below: 10%, for: 2s } }]`,
    serve: shared('disk_free_ratio', 0.07, 0.07),
    held: /disk-free was 7 % .*before the first shift, so it was not brought by this release; held without a rollback/,
  },
  memory: {
    analysis: `[{ metric: memory-used, query: 'max(memory_used_bytes${OF_SLOT}) / 1e9', max: 70%, trigger: { above: 80%, for: 2s } }]`,
    serve: gauge('memory_used_bytes', 4e8, 8.5e8),
    back: /memory-used of the candidate was 85 % on average.*above the 80 %/,
  },
  connections: {
    analysis: `[{ metric: db-connections, query: '100 * max(pool_used${OF_SLOT}) / 20', unit: percent, trigger: { above: 90%, for: 2s } }]`,
    serve: gauge('pool_used', 5, 19),
    back: /db-connections of the candidate was 95 % on average.*above the 90 %/,
  },
  'page-load': {
    analysis: `[{ metric: page-load, query: 'max(page_load_ms${OF_SLOT})', unit: milliseconds, max: 2s, trigger: { above: 3s, for: 2s } }]`,
    serve: gauge('page_load_ms', 800, 3400),
    back: /page-load of the candidate was 3\.4s on average.*above the 3s/,
  },
  fine: {
    analysis: `
  - { metric: latency-p95, max: 300ms, trigger: { above: 500ms, for: 2s } }
  - { metric: error-rate, max: 1%, trigger: { above: 2%, for: 2s } }
  - { metric: error-rate, relativeTo: before, margin: 50%, for: 2s }
  - { metric: token-reuse, query: '${shareOf('token_reuse_total')}', unit: ratio, relativeTo: before, margin: 30%, slack: 1%, for: 2s }
  - { metric: db-p95, query: '${DB_P95}', max: 400ms, trigger: { above: 500ms, for: 2s } }
  - { metric: info-logs, query: 'sum(increase(token_reuse_total${OF_SLOT}[3s]))', silence: 3s }
  - { metric: disk-free, query: 'min(disk_free_ratio${OF_SERVICE})', min: 15%, trigger: { below: 10%, for: 2s } }`,
    serve: (slot, requests, exporter) => {
      counter('token_reuse_total', 0.02, 0.02)(slot, requests, exporter)
      exporter.observe('db_query_duration_seconds', slot, { requests, latencyMs: 40 })
      exporter.set('disk_free_ratio', 0.4)
    },
  },
} satisfies Readonly<Record<string, Case>>

describe('a rollout that a real Prometheus judges', { skip, concurrency: true, timeout: 120_000 }, () => {
  let prometheus: Prometheus
  const rollouts = new Map<string, Rollout>()
  before(async () => {
    const labelled = []
    for (const [service, ruled] of Object.entries<Case>(CASES)) {
      const rollout = await ruledRollout(service, ruled)
      rollouts.set(service, rollout)
      const labels = { service, environment: ruled.environment ?? 'prod' }
      labelled.push({ address: rollout.exporter.address, labels })
    }
    prometheus = await startPrometheus({ instances: [], labelled })
  })
  after(async () => {
    for (const rollout of rollouts.values()) await rollout.stop()
    await prometheus.stop()
  })

  const judged = (service: keyof typeof CASES) => async () => {
    const { back, held }: Case = CASES[service]
    const rollout = rollouts.get(service)!
    const id = await rollout.release(prometheus.url)
    if (held !== undefined) return holds(rollout, id, held)
    const end = await rollout.viewUntil(id, 'an end', ({ final }) => final)
    const weights = rollout.outside.router.history.map(({ green }) => green)
    if (back === undefined) {
      assert.deepEqual([end.phase, end.exitCode], ['finalized', 0], end.reason ?? '')
      return assert.deepEqual(weights, [0, 50, 100])
    }
    assert.deepEqual([end.phase, end.exitCode], ['rolled-back', 5], end.reason ?? '')
    assert.match(end.reason ?? '', back)
    assert.deepEqual(weights, [0, 50, 0])
  }

  it('[R-E01] a p95 of 400 ms is above the 300 ms of prod and goes back', judged('targets-prod'))
  it(
    '[R-E01] the same p95 is within the 400 ms of stage, as p50 and p99 are within theirs, and goes on',
    judged('targets-stage'),
  )
  it('[R-E01] a p99 above its limit goes back although p50 and p95 are fine', judged('targets-p99'))
  it('[R-E02] 5 % of 5xx are above 2 % for the window and go back', judged('errors'))
  it('[R-E03] an error rate half as high again as before goes back, though within the limit', judged('before'))
  it('[R-E04] token reuse that rises by more than 20 % above before goes back', judged('token-reuse'))
  it('[R-E04] cost per tenant that has to stay unchanged goes back when it falls, too', judged('tenant-cost'))
  it('[R-E04] push failures above 5 % of the window go back', judged('push-failures'))
  it('[R-E05] an instance whose readiness comes and goes goes back, as the platform sees it', judged('flapping'))
  it('[R-E05] and as a probe that Prometheus scrapes sees it', judged('probe-flapping'))
  it('[R-E06] a p95 of the database above 500 ms goes back', judged('db-p95'))
  it('[R-E06] a database that is slow for both sides holds the release without going back', judged('db-p95-shared'))
  it('[R-E07] a candidate of whose log lines Prometheus counts no new one goes back', judged('silence'))
  it('[R-E07] a query that no series matches lets nothing advance and takes nothing back', judged('no-data'))
  it(
    '[R-E07] a share of no requests is NaN, which lets nothing advance and takes nothing back',
    judged('zero-requests'),
  )
  it('[R-E08] responses that take longer than 5 s go back', judged('response'))
  it('[R-E08] less than 10 % of free disk goes back', judged('disk'))
  it('[R-E08] a disk that was as full before holds the release: going back would not free it', judged('disk-before'))
  it('[R-E08] more than 80 % of memory goes back', judged('memory'))
  it('[R-E08] more than 90 % of the database connections of the pool go back', judged('connections'))
  it('[R-E08] pages that take longer than 3 s to load go back', judged('page-load'))
  it(
    '[R-E01] [R-E02] [R-E03] [R-E04] [R-E06] [R-E07] [R-E08] with all of these rules at once a good release goes on to the end',
    judged('fine'),
  )
})

/** Longer than the hold lasts: it says why, users stay where they are, and nothing goes back. */
async function holds(rollout: Rollout, id: string, like: RegExp): Promise<void> {
  const says = ({ verdicts }: RolloutView) =>
    verdicts.some(({ text, outcome }) => like.test(text) && outcome !== 'pass')
  const shown = await rollout.viewUntil(id, `a verdict like ${like}`, says)
  const until = (shown.waiting?.earliest ?? Date.now()) + 3000
  const late = await rollout.viewUntil(id, 'the end of the hold', () => Date.now() > until)
  assert.deepEqual([late.phase, late.candidate.weight], ['holding', 50], late.reason ?? '')
  assert.ok(says(late))
  assert.deepEqual(rollout.outside.router.weights(), { blue: 50, green: 50 })
}
