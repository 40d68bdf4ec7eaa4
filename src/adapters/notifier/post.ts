/** What notifiers that speak HTTP share: where to, and what the answer means. */
import { z } from 'zod'
import { type SecretReference, secretText } from '../../core/plan.ts'
import type { Http, HttpAnswer } from '../../ports/adapter.ts'
import { failure, ok, type Result } from '../../ports/result.ts'
import type { Secrets } from '../../ports/secrets.ts'

/** `secret`: as `{ secret: NAME }` stands in a plan, the reference that the spec has for the name. */
export const Planned = {
  secret: z.object({ kind: z.string() }).catchall(z.json()) as z.ZodType<SecretReference>,
} as const

const TIME_LIMIT_MS = 10_000
const SIZE_LIMIT = 1_000_000

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

export type Posted = {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly signal: AbortSignal
}

/** Sends it, and judges the answer by its status alone. */
export async function post(http: Http, address: URL, posted: Posted): Promise<Result<{ readonly receipt: string }>> {
  const { host } = address
  const answer = await http(address, {
    method: 'POST',
    ...posted,
    timeLimitMs: TIME_LIMIT_MS,
    sizeLimit: SIZE_LIMIT,
  })
  if (answer.ok) return judged(answer.value, host)
  return failure(answer.kind, `${host} did not take the message: ${answer.message}`)
}

/** 408, 425, 429 and 5xx may pass; any other refusal is for this message for ever. */
export function judged({ status }: HttpAnswer, host: string): Result<{ readonly receipt: string }> {
  if (status >= 200 && status < 300) return ok({ receipt: `${host} ${status}` })
  const mayPass = status >= 500 || [408, 425, 429].includes(status)
  return failure(mayPass ? 'transient' : 'permanent', `${host} refused the message with ${status}`)
}
