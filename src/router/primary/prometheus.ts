/** The Prometheus text page (exposition format 0.0.4). */
import { BASE, bucketOf, type Histogram } from '../histogram.ts'
import { SLOTS } from '../pick.ts'
import type { SegmentCounts } from '../protocol.ts'
import type { HealthView, MetricsView, SlotMetrics } from '../view.ts'
import type { DesiredRoute } from '../desired-route.ts'

export type RouteMetrics = { readonly key: string; readonly desired: DesiredRoute; readonly metrics: MetricsView }

/** Bucket borders in seconds: the usual limits, exact to the 2 % of the histogram below. */
const LE_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 3, 5, 10, 30, 60]

type Series = {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
  readonly value: (slot: SlotMetrics, weight: number) => number
}

const SERIES: readonly Series[] = [
  { name: 'requests_total', type: 'counter', help: 'Requests with an outcome.', value: (slot) => slot.requests },
  {
    name: 'errors_total',
    type: 'counter',
    help: '5xx, 502/504 of the router, past the deadline.',
    value: (slot) => slot.errors,
  },
  {
    name: 'completions_total',
    type: 'counter',
    help: 'Responses carried to their end.',
    value: (slot) => slot.completions,
  },
  {
    name: 'client_aborts_total',
    type: 'counter',
    help: 'Clients that went away first.',
    value: (slot) => slot.clientAborts,
  },
  {
    name: 'connect_failures_total',
    type: 'counter',
    help: 'Connections refused.',
    value: (slot) => slot.connectFailures,
  },
  { name: 'retries_total', type: 'counter', help: 'Requests sent again.', value: (slot) => slot.retries },
  { name: 'in_flight', type: 'gauge', help: 'Requests in flight.', value: (slot) => slot.inFlight },
  {
    name: 'waiting_oldest_seconds',
    type: 'gauge',
    help: 'Age of the oldest request without headers.',
    value: (slot) => slot.waitingOldestMs / 1000,
  },
  { name: 'weight', type: 'gauge', help: 'Percent of new sessions.', value: (_slot, weight) => weight },
]

export function prometheusText(routes: readonly RouteMetrics[], faults: HealthView['faults']): string {
  const lines = SERIES.flatMap(({ name, type, help, value }) => [
    `# HELP stellwerk_router_${name} ${help}`,
    `# TYPE stellwerk_router_${name} ${type}`,
    ...each(routes, (labels, slot, weight) => [`stellwerk_router_${name}{${labels}} ${value(slot, weight)}`]),
  ])
  const duration = 'stellwerk_router_request_duration_seconds'
  lines.push(
    `# HELP ${duration} Time the service let the client wait for response headers.`,
    `# TYPE ${duration} histogram`,
  )
  lines.push(...each(routes, (labels, slot) => histogram(duration, labels, slot)))
  lines.push(...segmentLines(routes), ...faultLines(faults))
  return `${lines.join('\n')}\n`
}

/** Fewer borders than of the whole: there are twenty segments of each slot. */
const SEGMENT_LE_S = [0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5]

/** The same by segment: a method and a pattern of paths that is counted by itself. */
function segmentLines(routes: readonly RouteMetrics[]): readonly string[] {
  const name = 'stellwerk_router_segment'
  const of = (line: (labels: string, counts: SegmentCounts) => readonly string[]) =>
    each(routes, (labels, { segments }) =>
      Object.entries(segments).flatMap(([segment, counts]) => line(`${labels},segment="${escaped(segment)}"`, counts)),
    )
  const duration = `${name}_request_duration_seconds`
  return [
    `# HELP ${name}_requests_total Requests with an outcome, by method and pattern of paths.`,
    `# TYPE ${name}_requests_total counter`,
    ...of((labels, { requests }) => [`${name}_requests_total{${labels}} ${requests}`]),
    `# HELP ${name}_errors_total 5xx, 502/504 of the router, past the deadline.`,
    `# TYPE ${name}_errors_total counter`,
    ...of((labels, { errors }) => [`${name}_errors_total{${labels}} ${errors}`]),
    `# HELP ${duration} Time the service let the client wait for response headers, borders to 17 %.`,
    `# TYPE ${duration} histogram`,
    ...of((labels, { latency, requests }) => [
      ...SEGMENT_LE_S.map((le) => `${duration}_bucket{${labels},le="${le}"} ${atMost(latency, le * 1000)}`),
      `${duration}_bucket{${labels},le="+Inf"} ${requests}`,
      `${duration}_count{${labels}} ${requests}`,
    ]),
  ]
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')
}

/** To be alarmed by: each uncaught one is a mistake of the router's. */
function faultLines(faults: HealthView['faults']): readonly string[] {
  const name = 'stellwerk_router_faults_total'
  const series = Object.entries(faults).map(([kind, count]) => `${name}{kind="${kind}"} ${count}`)
  return [`# HELP ${name} Faults of the router itself, counted against no slot.`, `# TYPE ${name} counter`, ...series]
}

function each(
  routes: readonly RouteMetrics[],
  line: (labels: string, slot: SlotMetrics, weight: number) => string[],
): string[] {
  return routes.flatMap(({ key, desired, metrics }) =>
    SLOTS.flatMap((name) => line(`route="${key}",slot="${name}"`, metrics.slots[name], desired.slots[name].weight)),
  )
}

function histogram(name: string, labels: string, { latency, latencySumMs, requests }: SlotMetrics): string[] {
  const buckets = LE_S.map((le) => `${name}_bucket{${labels},le="${le}"} ${atMost(latency, le * 1000)}`)
  const rest = [`${name}_bucket{${labels},le="+Inf"} ${requests}`, `${name}_sum{${labels}} ${latencySumMs / 1000}`]
  return [...buckets, ...rest, `${name}_count{${labels}} ${requests}`]
}

function atMost({ base, counts }: Histogram, ms: number): number {
  // Edges are the same in wider buckets: what lies in the one that holds the border counts as at most that.
  const limit = Math.ceil(bucketOf(ms) / Math.round(Math.log(base) / Math.log(BASE)))
  return Object.entries(counts).reduce((sum, [bucket, count]) => (Number(bucket) <= limit ? sum + count : sum), 0)
}
