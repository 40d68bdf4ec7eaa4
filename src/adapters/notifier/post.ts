/** What notifiers that speak HTTP share: where to, and what the answer means. */
import { z } from 'zod'
import { type SecretReference, secretText } from '../../core/plan.ts'
import { foreignLine } from '../../core/foreign-text.ts'
import type { Instant } from '../../core/time.ts'
import type { AdapterContext, HttpAnswer } from '../../ports/adapter.ts'
import { failure, ok, type Result } from '../../ports/result.ts'
import type { Secrets } from '../../ports/secrets.ts'

/** `secret`: as `{ secret: NAME }` stands in a plan, the reference that the spec has for the name. */
export const Planned = {
  secret: z.object({ kind: z.string() }).catchall(z.json()),
} as const

/** As Standard Webhooks has it: 15 to 30 s. */
const TIME_LIMIT_MS = 15_000
const SIZE_LIMIT = 1_000_000
/** Of what a channel says to a refusal, characters. */
const REASON_MAX = 200

/** Never says what the secret holds, only what is wrong with it. */
export async function addressOf(
  url: SecretReference | string,
  secrets: Secrets,
  signal: AbortSignal,
): Promise<Result<URL>> {
  const read = typeof url === 'string' ? ok(url) : await secrets.read(url, signal)
  if (!read.ok) return read
  const address = URL.parse(read.value.trim())
  const isUsable = address !== null && /^https?:$/.test(address.protocol) && address.username + address.password === ''
  if (isUsable) return ok(address)
  const where = typeof url === 'string' ? 'its address' : `its secret (${secretText(url)})`
  return failure('permanent', `${where} is no http(s) URL without user name and password`)
}

/** A secret without the blanks and line breaks around it; `what` and `isValid` say what it has to be. */
export async function keyOf(
  reference: SecretReference,
  { secrets, what, isValid }: { readonly secrets: Secrets; readonly what: string; readonly isValid: RegExp },
  signal: AbortSignal,
): Promise<Result<string>> {
  const read = await secrets.read(reference, signal)
  if (!read.ok) return read
  const key = read.value.trim()
  return isValid.test(key) ? ok(key) : failure('permanent', `its secret (${secretText(reference)}) is no ${what}`)
}

export type Posted = {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly signal: AbortSignal
}

type Out = Pick<AdapterContext, 'http' | 'redact' | 'clock'>
type Taken = Result<{ readonly receipt: string }>

/** Sends it, and judges the answer by its status alone. */
export async function post({ http, redact, clock }: Out, address: URL, posted: Posted): Promise<Taken> {
  const { host } = address
  const answer = await http(address, {
    method: 'POST',
    ...posted,
    timeLimitMs: TIME_LIMIT_MS,
    sizeLimit: SIZE_LIMIT,
  })
  if (answer.ok) return judged(answer.value, { host, redact, now: clock.now() })
  return failure(answer.kind, `${host} did not take the message: ${answer.message}`)
}

export function postJson(
  out: Out,
  address: URL,
  { body, signal }: { body: unknown; signal: AbortSignal },
): Promise<Taken> {
  const headers = { 'content-type': 'application/json' }
  return post(out, address, { headers, body: JSON.stringify(body), signal })
}

/** 408, 425, 429 and 5xx may pass; any other refusal is for this message for ever. */
export function judged({ status, headers, text }: HttpAnswer, { host, redact, now }: Judging): Taken {
  if (status >= 200 && status < 300) return ok({ receipt: `${host} ${status}` })
  const mayPass = status >= 500 || [408, 425, 429].includes(status)
  const reason = text.trimStart().startsWith('<') ? '' : foreignLine(redact(text), REASON_MAX).trim()
  const why = reason === '' ? '' : `: ${reason}`
  const refused = failure(mayPass ? 'transient' : 'permanent', `${host} refused the message with ${status}${why}`)
  const wait = [429, 503].includes(status) ? retryAfterMs(headers.get('retry-after'), now) : null
  return wait === null ? refused : { ...refused, retryAfterMs: wait }
}

type Judging = { readonly host: string; readonly redact: (text: string) => string; readonly now: Instant }

/** `Retry-After` of RFC 9110: seconds, or a moment in GMT. Null where it is absent, unreadable or over. */
export function retryAfterMs(value: string | null, now: Instant): number | null {
  const text = value?.trim() ?? ''
  const waitMs = /^\d{1,9}$/.test(text)
    ? Number(text) * 1000
    : text.endsWith(' GMT')
      ? Date.parse(text) - now
      : Number.NaN
  return waitMs > 0 ? waitMs : null
}
