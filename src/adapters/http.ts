/** The one way in which adapters speak HTTP: to their own hosts alone, with limits on time and size, no redirects. */
import type { Http, HttpAnswer, HttpFailure, HttpRequest } from '../ports/adapter.ts'
import { timeLimit } from '../timers.ts'

export type Reachable = {
  /** Whether the adapter's own options, or a secret that it read, name this host: `prometheus:9090`. */
  readonly mayReach: (host: string) => boolean
  readonly fetch: typeof fetch
}

export function restrictedHttp({ mayReach, fetch }: Reachable): Http {
  return async (url, request) => {
    const address = typeof url === 'string' ? URL.parse(url) : url
    if (address === null || !/^https?:$/.test(address.protocol)) return refused('elsewhere', 'it is no http(s) URL')
    const { host } = address
    if (!mayReach(host)) return refused('elsewhere', `${host} is no host that its options name`)
    const late = timeLimit(request.timeLimitMs)
    return exchange(fetch, address, request, late)
  }
}

async function exchange(
  fetch: Reachable['fetch'],
  address: URL,
  request: HttpRequest,
  late: AbortSignal,
): Promise<{ readonly ok: true; readonly value: HttpAnswer } | HttpFailure> {
  const { method, headers, body, sizeLimit, signal, timeLimitMs } = request
  try {
    const answer = await fetch(address, {
      method,
      ...(headers && { headers }),
      ...(body !== undefined && { body }),
      redirect: 'manual',
      signal: AbortSignal.any([signal, late]),
    })
    const text = await bounded(answer, sizeLimit)
    if (text === null) return refused('large', `its answer is larger than ${sizeLimit} bytes`)
    return { ok: true, value: { status: answer.status, headers: answer.headers, text } }
  } catch (error) {
    if (late.aborted || isNamed(error, 'TimeoutError'))
      return refused('late', `it did not answer within ${timeLimitMs} ms`)
    if (signal.aborted) return refused('aborted', 'it was cut short')
    return refused('unreachable', `it does not answer: ${causeText(error)}`)
  }
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name
}

const KINDS = {
  elsewhere: 'permanent',
  large: 'permanent',
  late: 'unknown',
  aborted: 'unknown',
  unreachable: 'transient',
} as const

function refused(why: HttpFailure['why'], message: string): HttpFailure {
  return { ok: false, kind: KINDS[why], why, message }
}

/** The text, or null as soon as it is too large; what is left of it is not read. */
async function bounded(answer: Response, sizeLimit: number): Promise<string | null> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of answer.body ?? []) {
    size += chunk.length
    if (size > sizeLimit) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** `fetch failed` says nothing; a name with several addresses fails with one error for all of them. */
function causeText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause: unknown = error.cause
  if (!(cause instanceof Error)) return error.message
  const { code } = cause as NodeJS.ErrnoException
  return cause.message || code || cause.name
}
