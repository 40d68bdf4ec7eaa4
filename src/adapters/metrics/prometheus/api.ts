/** Queries of Prometheus's HTTP API, in a time and a size that are bounded. */
import { failure, ok, type Failure, type Result } from '../../../ports/result.ts'
import type { Secrets } from '../../../ports/secrets.ts'
import type { AdapterContext, Http } from '../../../ports/adapter.ts'
import type { PrometheusOptions } from './options.ts'
import { redactor } from '../../command/redact.ts'
import { errorOf, resultOf, type Wanted } from './answer.ts'
import { timeLimit } from '../../../timers.ts'

export type ApiDeps = Pick<AdapterContext, 'secrets' | 'http'>

/** What it takes to ask. */
export type Access = Pick<PrometheusOptions, 'url' | 'auth' | 'timeoutMs' | 'maxBytes'>

export type Ask = {
  readonly query: string
  /** Seconds since 1970, on Prometheus's clock; its own now when absent. */
  readonly time?: number
  readonly type: Wanted
}

export type Api = {
  readonly ask: (ask: Ask) => Promise<Result<readonly unknown[]>>
  /** What stands at another path of the API, `/api/v1/targets`, as text. */
  readonly read: (path: string) => Promise<Result<string>>
}

/** Reads the secret once; everything asked shares one deadline. */
export async function openApi(options: Access, deps: ApiDeps, signal: AbortSignal): Promise<Result<Api>> {
  const wayIn = await authorization(options.auth, deps.secrets, signal)
  if (!wayIn.ok) return failure(wayIn.kind, `${where(options)}: no way in: ${wayIn.message}`)
  const { headers, hidden } = wayIn.value
  const redact = redactor(hidden)
  const deadline = timeLimit(options.timeoutMs)
  const say = (failed: Failure) => failure(failed.kind, redact(`${where(options)}: ${failed.message}`))
  return ok({
    ask: async (ask) => {
      const form = formOf(ask, options)
      const body = await send(options, { path: '/api/v1/query', form, headers, http: deps.http, signal, deadline })
      if (!body.ok) return say(body)
      const result = resultOf(body.value, ask.type)
      return result.ok ? result : say(result)
    },
    read: async (path) => {
      const body = await send(options, { path, form: null, headers, http: deps.http, signal, deadline })
      return body.ok ? body : say(body)
    },
  })
}

/** `Prometheus at prometheus:9090` */
export function where({ url }: Pick<PrometheusOptions, 'url'>): string {
  return `Prometheus at ${new URL(url).host}`
}

type WayIn = { readonly headers: Readonly<Record<string, string>>; readonly hidden: readonly string[] }

async function authorization(
  auth: PrometheusOptions['auth'],
  secrets: Secrets,
  signal: AbortSignal,
): Promise<Result<WayIn>> {
  if (auth === null) return ok({ headers: {}, hidden: [] })
  const secret = await secrets.read('bearer' in auth ? auth.bearer : auth.basic.password, signal)
  if (!secret.ok) return secret
  if (/[\r\n\0]/.test(secret.value) || secret.value === '') {
    return failure('permanent', 'the secret is empty or has more than one line')
  }
  const pair = 'bearer' in auth ? null : Buffer.from(`${auth.basic.user}:${secret.value}`).toString('base64')
  const value = pair === null ? `Bearer ${secret.value}` : `Basic ${pair}`
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) return failure('permanent', 'the token holds what no header may hold')
  return ok({ headers: { authorization: value }, hidden: [secret.value, value, ...(pair === null ? [] : [pair])] })
}

function formOf({ query, time }: Ask, { timeoutMs }: Access): URLSearchParams {
  const form = new URLSearchParams({ query, timeout: `${timeoutMs}ms` })
  if (time !== undefined) form.set('time', String(time))
  return form
}

type Sent = {
  readonly path: string
  /** Null to read only. */
  readonly form: URLSearchParams | null
  readonly headers: Readonly<Record<string, string>>
  readonly http: Http
  readonly signal: AbortSignal
  /** Of the whole look. */
  readonly deadline: AbortSignal
}

async function send(
  { url, timeoutMs, maxBytes }: Access,
  { path, form, headers, http, signal, deadline }: Sent,
): Promise<Result<string>> {
  const answer = await http(`${url.replace(/\/+$/, '')}${path}`, {
    ...(form === null ? { method: 'GET' } : { method: 'POST', body: form }),
    headers: { ...headers, accept: 'application/json' },
    timeLimitMs: timeoutMs,
    sizeLimit: maxBytes,
    signal: AbortSignal.any([signal, deadline]),
  })
  if (answer.ok) {
    const { status, text } = answer.value
    return status >= 200 && status < 300 ? ok(text) : refused(status, errorOf(text))
  }
  if (answer.why === 'large')
    return failure('permanent', `its answer is larger than maxBytes (${maxBytes} bytes): narrow the selectors`)
  if (answer.why === 'late' || deadline.aborted) return failure('transient', `it did not answer within ${timeoutMs} ms`)
  if (answer.why === 'aborted') return failure('transient', 'the look at it was cut short')
  return answer
}

/** What an overloaded or starting server says may pass; 4xx stays until somebody changes something. */
function refused(status: number, said: string): Failure {
  const hint =
    status === 401 || status === 403 ? ' (look at `metrics.auth`)' : status === 404 ? ' (look at `metrics.url`)' : ''
  const mayPass = status >= 500 || [408, 425, 429].includes(status)
  return failure(mayPass ? 'transient' : 'permanent', `it answered ${status}${hint}${said === '' ? '' : `: ${said}`}`)
}
