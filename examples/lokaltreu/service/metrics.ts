/**
 * Prometheus text exposition, by hand: three instruments are less than a client library. Label values come from our own
 * route table and status codes only, so the number of series is bounded.
 */
export interface Counter {
  add(labels?: Readonly<Record<string, string>>, by?: number): void
  render(): string[]
}

export interface Histogram {
  observe(seconds: number): void
  render(): string[]
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5]

/** A labelled counter has no series until its first `add`; one without labels starts at 0, so that silence is visible. */
export function counter(name: string, help: string, labelled = false): Counter {
  const values = new Map<string, number>(labelled ? [] : [['', 0]])
  return {
    add(labels = {}, by = 1) {
      const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value}"`)
      const key = pairs.length > 0 ? `{${pairs.join(',')}}` : ''
      values.set(key, (values.get(key) ?? 0) + by)
    },
    render: () => [
      ...head(name, help, 'counter'),
      ...[...values].map(([labels, value]) => `${name}${labels} ${value}`),
    ],
  }
}

export function histogram(name: string, help: string): Histogram {
  const counts = SECONDS.map(() => 0)
  let count = 0
  let sum = 0
  return {
    observe(seconds) {
      count += 1
      sum += seconds
      for (const [index, le] of SECONDS.entries()) if (seconds <= le) counts[index] = (counts[index] ?? 0) + 1
    },
    render: () => [
      ...head(name, help, 'histogram'),
      ...SECONDS.map((le, index) => `${name}_bucket{le="${le}"} ${counts[index]}`),
      `${name}_bucket{le="+Inf"} ${count}`,
      `${name}_sum ${sum}`,
      `${name}_count ${count}`,
    ],
  }
}

export type Metrics = ReturnType<typeof createMetrics>

export function createMetrics() {
  return {
    requests: counter('lokaltreu_requests_total', 'Requests answered.', true),
    errors: counter('lokaltreu_errors_total', 'Requests answered with 5xx.'),
    tokenReuse: counter('lokaltreu_token_reuse_total', 'Stamp codes presented a second time.'),
    invalidTokens: counter('lokaltreu_invalid_tokens_total', 'Bearer tokens nobody issued.'),
    deviceProofFailures: counter('lokaltreu_device_proof_failures_total', 'Tills that failed their device proof.'),
    costCents: counter('lokaltreu_cost_cents_total', 'What others charge for what tenants do, in cents.'),
    requestSeconds: histogram('lokaltreu_request_duration_seconds', 'Time to answer a /v1 request.'),
    databaseSeconds: histogram('lokaltreu_database_duration_seconds', 'Time of one database query.'),
  }
}

/** The whole `/metrics` page. */
export function renderMetrics(metrics: Metrics, rssBytes: number): string {
  const name = 'process_resident_memory_bytes'
  const memory = [...head(name, 'Resident memory of this process.', 'gauge'), `${name} ${rssBytes}`]
  return `${[...Object.values(metrics).flatMap((metric) => metric.render()), ...memory].join('\n')}\n`
}

function head(name: string, help: string, type: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`]
}
