/** Both sides out of a Prometheus: which series, and of what time. */
import { say, verbatim } from '../../core/say.ts'
import type { PrometheusCounts } from '../../composition/judge-counts.ts'
import { parseDuration } from '../duration.ts'
import { type OptionSpec, usageError } from '../verb.ts'

export const PROMETHEUS_OPTIONS = {
  prometheus: {
    flags: '--prometheus <url>',
    description: say`Read the counts of this Prometheus; --candidate and --live are then what tells their series apart, {slot="green"}`,
  },
  requests: {
    flags: '--requests <selector>',
    description: say`With --prometheus: counter of all requests; default http_requests_total`,
  },
  errors: {
    flags: '--errors <selector>',
    description: say`With --prometheus: counter of failed ones; default the requests with status=~"5.."`,
  },
  latency: {
    flags: '--latency <selector>',
    description: say`With --prometheus: buckets of a classic histogram of response times, in seconds; without it only errors are judged`,
  },
  latencyUnit: {
    flags: '--latency-unit <unit>',
    description: say`With --latency: unit of its edges; default seconds`,
    choices: ['seconds', 'milliseconds'],
  },
  segmentBy: {
    flags: '--segment-by <label>',
    description: say`With --prometheus: judge each value of this label by itself as well, for example route`,
  },
  range: { flags: '--range <duration>', description: say`With --prometheus: how far back to look; default 30m` },
  to: {
    flags: '--to <time>',
    description: say`With --prometheus: the end, for example 2026-11-30T12:00:00Z; default now`,
  },
  step: {
    flags: '--step <duration>',
    description: say`With --prometheus: length of a tick, not below the scrape interval; default 15s`,
  },
} as const satisfies Record<string, OptionSpec>

export type PrometheusOptions = { readonly [K in keyof typeof PROMETHEUS_OPTIONS]: string | undefined }
type Given = PrometheusOptions & { readonly candidate: string; readonly live: string }

const MATCHER = String.raw`[A-Za-z_]\w*\s*(?:=~|!~|!=|=)\s*"(?:[^"\\\n]|\\[^\n])*"`
const MATCHERS = String.raw`\{\s*(?:${MATCHER}(?:\s*,\s*${MATCHER})*\s*,?)?\s*\}`
const SELECTOR = new RegExp(String.raw`^[A-Za-z_:][\w:]*(?:${MATCHERS})?$`)
const SIDE = new RegExp(String.raw`^\{\s*${MATCHER}(?:\s*,\s*${MATCHER})*\s*,?\s*\}$`)

/** Null where files are judged; an option that is for a Prometheus only is refused then. */
export function prometheusQuery(given: Given): PrometheusCounts | null {
  if (given.prometheus === undefined) {
    const [idle] = Object.entries(PROMETHEUS_OPTIONS).filter(
      ([key]) => given[key as keyof PrometheusOptions] !== undefined,
    )
    if (idle !== undefined) throw withoutEffect(idle[1].flags)
    return null
  }
  if (given.latency === undefined && given.latencyUnit !== undefined) throw withoutEffect('--latency-unit <unit>')
  const requests = selector(given.requests ?? 'http_requests_total', '--requests')
  return {
    url: urlOf(given.prometheus),
    requests,
    errors: selector(given.errors ?? failedOf(requests), '--errors'),
    latency: given.latency === undefined ? null : buckets(given.latency),
    latencyUnitMs: given.latencyUnit === 'milliseconds' ? 1 : 1000,
    segmentBy: given.segmentBy === undefined ? null : label(given.segmentBy),
    candidate: side(given.candidate, '--candidate'),
    live: side(given.live, '--live'),
    toMs: given.to === undefined ? null : timeOf(given.to),
    rangeMs: longer(given.range ?? '30m', '--range'),
    stepMs: longer(given.step ?? '15s', '--step'),
  }
}

/** The same counter, of answers with 5xx. */
function failedOf(requests: string): string {
  const failed = 'status=~"5.."'
  return requests.endsWith('}')
    ? requests.replace(/,?\s*\}$/, `,${failed}}`).replace('{,', '{')
    : `${requests}{${failed}}`
}

function withoutEffect(flags: string): Error {
  const [option = ''] = flags.split(' ')
  return usageError(
    say`${option} would have no effect`,
    say`it is about series of a Prometheus, and none is read`,
    say`give --prometheus URL as well, or leave it out`,
  )
}

function urlOf(text: string): string {
  if (/^https?:\/\/[^\s/@?#]+(\/[^\s?#]*)?$/.test(text) && URL.canParse(text)) return text
  throw usageError(
    say`--prometheus "${text}" is not an address`,
    say`it must be an http(s) URL without user name, password and query; secrets come by STELLWERK_PROMETHEUS_TOKEN or STELLWERK_PROMETHEUS_LOGIN`,
    verbatim('--prometheus http://prometheus:9090'),
  )
}

function selector(text: string, option: string): string {
  if (SELECTOR.test(text)) return text
  throw usageError(
    say`${option} "${text}" is not a selector`,
    say`it must be the name of a counter and its labels; functions such as rate() are not applied to it`,
    verbatim(`${option} 'http_requests_total{job="api"}'`),
  )
}

function buckets(text: string): string {
  const name = selector(text, '--latency')
  if (/^[\w:]*_bucket(\{|$)/.test(name)) return name
  throw usageError(
    say`--latency "${text}" is not a histogram`,
    say`the name of a classic histogram's buckets ends in _bucket`,
    verbatim('--latency http_request_duration_seconds_bucket'),
  )
}

function label(text: string): string {
  if (/^[A-Za-z_]\w{0,127}$/.test(text) && text !== 'le') return text
  throw usageError(
    say`--segment-by "${text}" is not a label`,
    say`it must be the name of a label that the requests have`,
    verbatim('--segment-by route'),
  )
}

function side(text: string, option: string): string {
  if (SIDE.test(text)) return text
  throw usageError(
    say`${option} "${text}" tells no series apart`,
    say`with --prometheus it must be labels in braces`,
    verbatim(`${option} '{slot="green"}'`),
  )
}

function timeOf(text: string): number {
  const ms = /T.*(Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isFinite(ms)) return ms
  throw usageError(
    say`--to "${text}" is not a point in time`,
    say`it must be a date and time with its zone`,
    verbatim('--to 2026-11-30T12:00:00Z'),
  )
}

function longer(text: string, option: string): number {
  const ms = parseDuration(text, option)
  if (ms >= 1000) return ms
  throw usageError(say`${option} "${text}" is too short`, say`it must be at least 1s`, verbatim(`${option} 15s`))
}
