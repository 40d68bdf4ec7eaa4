/** `metrics: { kind: prometheus }`: where Prometheus is and which of its series count what. */
import { expected, foundWrong, joined } from '../../../stellwerk-yaml/expected.ts'
import { say } from '../../../core/say.ts'
import { z } from 'zod'
import { Deadline, Duration } from '../../../stellwerk-yaml/duration.ts'
import { SecretByName } from '../../../stellwerk-yaml/secret-options.ts'
import { Size } from '../../../stellwerk-yaml/scalars.ts'

const URL_TEXT = expected(say`an http(s) URL without user name, password and query, such as http://prometheus:9090`)
const SELECTOR = expected(say`a metric name or selector such as http_requests_total{job="api",status=~"5.."}`)
const LABEL = expected(say`a label name`)
const VALUE = expected(say`a label value on one line`)

const MATCHER = String.raw`[A-Za-z_]\w*\s*(?:=~|!~|!=|=)\s*"(?:[^"\\\n]|\\[^\n])*"`
const MATCHERS = String.raw`\{\s*(?:${MATCHER}(?:\s*,\s*${MATCHER})*\s*,?)?\s*\}`
/** One name and its matchers: `name{a="b"}`. No functions, for the counters themselves are read, never a rate of them. */
const Selector = z
  .string(SELECTOR)
  .max(2048)
  .regex(new RegExp(String.raw`^[A-Za-z_:][\w:]*(?:${MATCHERS})?$`), SELECTOR)
const BucketSelector = Selector.regex(
  /^[\w:]*_bucket(\{|$)/,
  'a selector of a classic histogram, its name ends in _bucket',
)
const LabelValue = z.string(VALUE).regex(/^[^\n\r\0]{1,256}$/, VALUE)

const ROUTE = '{route="$service:$environment:$component"}'
/** What the embedded router's own `/metrics` page says of a component. */
const ROUTER_SERIES = {
  requests: `stellwerk_router_requests_total${ROUTE}`,
  errors: `stellwerk_router_errors_total${ROUTE}`,
  latency: `stellwerk_router_request_duration_seconds_bucket${ROUTE}`,
  inFlight: `stellwerk_router_in_flight${ROUTE}`,
  waitingOldest: `stellwerk_router_waiting_oldest_seconds${ROUTE}`,
} as const

const Slots = z
  .strictObject({
    label: z
      .string(LABEL)
      .regex(/^[A-Za-z_]\w{0,127}$/, LABEL)
      .prefault('slot')
      .meta({ description: 'Label that tells the slots apart; an instance knows its own as `STELLWERK_SLOT`.' }),
    blue: LabelValue.prefault('blue').meta({ description: 'Its value for the slot blue.' }),
    green: LabelValue.prefault('green').meta({ description: 'Its value for the slot green.' }),
  })
  .refine(({ blue, green }) => blue !== green, expected(say`two values that tell the slots apart`))

const Auth = z.union([
  z.strictObject({ bearer: SecretByName.meta({ description: 'Token sent as `Authorization: Bearer`.' }) }),
  z.strictObject({
    basic: z
      .strictObject({
        user: z
          .string('a user name')
          .regex(/^[^:\0\n\r]{1,256}$/, expected(say`a user name without colon`))
          .meta({ description: 'User name.' }),
        password: SecretByName.meta({ description: 'The password.' }),
      })
      .meta({ description: 'User name and password.' }),
  }),
])

export const options = z
  .strictObject({
    kind: z.literal('prometheus').meta({ description: 'Counters that a Prometheus scrapes.', source: 'R-E01' }),
    url: z
      .string(URL_TEXT)
      .regex(/^https?:\/\/[^\s/@?#]+(\/[^\s?#]*)?$/, URL_TEXT)
      .refine((text) => URL.canParse(text), URL_TEXT)
      .max(2048)
      .meta({ description: `Where it answers: ${URL_TEXT}.` }),
    counts: z
      .enum(['prometheus', 'router'])
      .prefault('prometheus')
      .meta({
        description:
          'Who counts requests, errors and latencies. `router`: the embedded router by itself; Prometheus is then asked ' +
          "only the queries of the spec's own.",
        source: 'R-E04',
      }),
    requests: Selector.optional().meta({
      description:
        'Counter of requests with an outcome. `$service`, `$environment` and `$component` are filled in. Without ' +
        "`requests`, `errors` and `latency` the embedded router's own metrics are read.",
    }),
    errors: Selector.optional().meta({ description: 'Counter of those that failed.', source: 'R-E02' }),
    latency: BucketSelector.optional().meta({
      description: 'Buckets of a classic histogram of response times. Put an edge at every limit.',
      source: 'R-E01',
    }),
    latencyUnit: z.enum(['seconds', 'milliseconds']).prefault('seconds').meta({ description: 'Unit of its edges.' }),
    inFlight: Selector.optional().meta({ description: 'Gauge of requests in flight.' }),
    waitingOldest: Selector.optional().meta({
      description: 'Gauge of the age of the oldest request without an answer, in seconds: shows a slot that hangs.',
    }),
    segmentLabel: z
      .string(LABEL)
      .regex(/^[A-Za-z_]\w{0,127}$/, LABEL)
      .optional()
      .meta({
        description:
          'Label of `requests`, `errors` and `latency` that tells routes apart, such as `route`: each of its values is judged by itself as well.',
        source: 'R-E03',
      }),
    slot: Slots.prefault({}).meta({ description: 'How series say which slot they count.' }),
    absentSlot: z
      .enum(['failure', 'idle'])
      .prefault('failure')
      .meta({
        description:
          'What a slot without series means: nothing can be told, or nothing runs there (for counters kept by the ' +
          'instances themselves, which come and go with them).',
        source: 'R-E07',
      }),
    scrapeInterval: Duration.refine((ms) => ms >= 100 && ms <= 300_000, expected(say`a duration from 100ms to 5m`))
      .prefault('15s')
      .meta({ description: 'How often it is scraped; samples older than three of these are no evidence.' }),
    timeout: Deadline.refine((ms) => ms <= 60_000, expected(say`a duration of at most 1m`))
      .prefault('5s')
      .meta({ description: 'For one query.' }),
    maxBytes: Size.refine((bytes) => bytes >= 10_000 && bytes <= 100_000_000, expected(say`a size from 10kB to 100MB`))
      .prefault('10MB')
      .meta({ description: 'Largest answer that is read.' }),
    auth: Auth.optional().meta({ description: 'How to authenticate.' }),
  })
  .superRefine(({ counts, requests, errors, latency, inFlight, waitingOldest, segmentLabel }, context) => {
    const given = { requests, errors, latency }
    const all = Object.entries({ ...given, inFlight, waitingOldest, segmentLabel })
    const idle = all.flatMap(([key, value]) => (value === undefined ? [] : [key]))
    if (counts === 'router' && idle.length > 0) {
      const keys = joined(idle, (left, right) => say`${left}, no ${right}`)
      return context.addIssue(foundWrong(say`\`counts: router\` reads no ${keys} of Prometheus`))
    }
    const missing = Object.entries(given).flatMap(([key, value]) => (value === undefined ? [key] : []))
    if (missing.length === 3 && segmentLabel !== undefined)
      return context.addIssue(
        foundWrong(say`\`segmentLabel\` belongs to \`requests\`, \`errors\` and \`latency\` of the service's own`),
      )
    if (missing.length === 0 || missing.length === 3) return
    const keys = joined(missing, (left, right) => say`${left} and ${right}`)
    const what = missing.length === 1 ? say`${keys} is missing` : say`${keys} are missing`
    context.addIssue(foundWrong(say`\`requests\`, \`errors\` and \`latency\` belong together: ${what}`))
  })
  .transform(({ scrapeInterval, timeout, latencyUnit, auth, segmentLabel, ...rest }) => {
    const own = rest.requests === undefined ? ROUTER_SERIES : { inFlight: null, waitingOldest: null }
    const { requests, errors, latency, inFlight, waitingOldest } = { ...own, ...given(rest) }
    return {
      ...rest,
      requests: requests!,
      errors: errors!,
      latency: latency!,
      inFlight,
      waitingOldest,
      latencyUnitMs: latencyUnit === 'seconds' ? 1000 : 1,
      scrapeIntervalMs: scrapeInterval,
      timeoutMs: timeout,
      auth: auth ?? null,
      ...(segmentLabel === undefined ? {} : { segmentLabel }),
    }
  })

const Secret = z.object({ kind: z.string() }).catchall(z.json())

/** As they stand in a plan: every default filled in, units in the names. */
export const planned = z.object({
  kind: z.literal('prometheus'),
  url: z.string(),
  counts: z.enum(['prometheus', 'router']).prefault('prometheus'),
  requests: z.string(),
  errors: z.string(),
  latency: z.string(),
  inFlight: z.string().nullable(),
  waitingOldest: z.string().nullable(),
  slot: z.object({ label: z.string(), blue: z.string(), green: z.string() }),
  absentSlot: z.enum(['failure', 'idle']),
  segmentLabel: z.string().optional(),
  latencyUnitMs: z.number(),
  scrapeIntervalMs: z.number(),
  timeoutMs: z.number(),
  maxBytes: z.number(),
  auth: z
    .union([z.object({ bearer: Secret }), z.object({ basic: z.object({ user: z.string(), password: Secret }) })])
    .nullable(),
})
export type PrometheusOptions = z.output<typeof planned>

type Series = { [S in keyof typeof ROUTER_SERIES]?: string | undefined }

/** What is written in the file, without the keys that are not. */
function given({ requests, errors, latency, inFlight, waitingOldest }: Series): { [S in keyof Series]?: string } {
  const all = Object.entries({ requests, errors, latency, inFlight, waitingOldest })
  return Object.fromEntries(all.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])))
}
