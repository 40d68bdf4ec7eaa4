/**
 * One question to a registry until it is answered: redirects are followed, and whoever asks to be left alone is left alone
 * for a while. Another host never gets the header by which the registry knows us: blobs lie at clouds that log their requests.
 */
import type { Http, HttpAnswer } from '../../../ports/adapter.ts'
import { failure, type Failure, type Result } from '../../../ports/result.ts'

export type Wire = {
  readonly http: Http
  /** Waits so many milliseconds; rejects when the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
  readonly now: () => number
}

export type Question = {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: URLSearchParams
  readonly signal: AbortSignal
}

/** For one exchange; the distribution specification lets no manifest be larger than 4 MiB. */
const TIME_LIMIT_MS = 30_000
const SIZE_LIMIT = 4 * 1024 * 1024
const REDIRECTS_MAX = 5
const ATTEMPTS_MAX = 3
/** Longest that a registry is waited for; whoever wants longer is told to come back. */
const WAIT_MAX_MS = 30_000
/** Where a busy registry says nothing of it. */
const PAUSE_MS = 1000

export async function ask(wire: Wire, question: Question): Promise<Result<HttpAnswer>> {
  for (let attempt = 1; ; attempt++) {
    const answer = await followed(wire.http, question)
    if (answer.ok && !isBusy(answer.value)) return answer
    if (!answer.ok && answer.kind !== 'transient') return answer
    const asked = answer.ok ? retryAfterMs(answer.value.headers, wire.now()) : null
    const pauseMs = asked ?? PAUSE_MS
    if (attempt === ATTEMPTS_MAX || pauseMs > WAIT_MAX_MS)
      return answer.ok ? busy(question, answer.value, asked) : answer
    await wire.wait(pauseMs, question.signal)
  }
}

async function followed(http: Http, { url, headers, body, signal }: Question): Promise<Result<HttpAnswer>> {
  let at = url
  let known = headers
  for (let hop = 0; hop <= REDIRECTS_MAX; hop++) {
    const request = { headers: known, timeLimitMs: TIME_LIMIT_MS, sizeLimit: SIZE_LIMIT, signal }
    const answer = await http(at, body ? { ...request, method: 'POST', body } : { ...request, method: 'GET' })
    if (!answer.ok) return { ...answer, message: `${at.host}: ${answer.message}` }
    if (![301, 302, 303, 307, 308].includes(answer.value.status)) return answer
    const next = URL.parse(answer.value.headers.get('location') ?? '', at.href)
    const refused = whyNotThere(at, next, body !== undefined)
    if (next === null || refused !== null) return failure('permanent', `${at.host}: ${refused}`)
    if (next.origin !== at.origin) known = withoutAuthorization(known)
    at = next
  }
  return failure('permanent', `${url.host}: it redirects more than ${REDIRECTS_MAX} times`)
}

function whyNotThere(from: URL, to: URL | null, hasBody: boolean): string | null {
  if (to === null || !/^https?:$/.test(to.protocol)) return 'it redirects to what is no address'
  if (from.protocol === 'https:' && to.protocol === 'http:') return `it redirects to ${to.host} without TLS`
  return hasBody ? `it redirects to ${to.host}, and a credential is sent nowhere else` : null
}

function withoutAuthorization(headers: Question['headers']): Question['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'authorization'))
}

function isBusy({ status }: HttpAnswer): boolean {
  return status === 429 || status === 502 || status === 503 || status === 504
}

/** Seconds or a date (RFC 9110 §10.2.3); null where it is neither. */
function retryAfterMs(headers: Headers, now: number): number | null {
  const text = headers.get('retry-after')?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const at = Date.parse(text)
  return text === '' || Number.isNaN(at) ? null : Math.max(0, at - now)
}

function busy({ url }: Question, { status }: HttpAnswer, asked: number | null): Failure {
  const message =
    status === 429
      ? `${url.host} answers 429: it was asked too often. Asked with a login, most registries allow more`
      : `${url.host} answers ${status}`
  const later = asked === null ? '' : `; it wants to be asked again in ${Math.ceil(asked / 1000)} s`
  return { ...failure('transient', `${message}${later}`), ...(asked !== null && { retryAfterMs: asked }) }
}
