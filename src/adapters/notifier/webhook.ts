/** A JSON message by HTTP POST; `webhook-id` is the order's key, so a receiver can tell a repetition. */
import type { z } from 'zod'
import type { Message } from '../../core/rollout/commands.ts'
import type { Notifier } from '../../ports/notifier.ts'
import { failure, ok, type Order, type Result } from '../../ports/result.ts'
import type { Secrets } from '../../ports/secrets.ts'
import { WebhookOptions } from '../../spec/adapter-options.ts'

export type WebhookDeps = { readonly fetch: typeof fetch; readonly secrets: Secrets }

const TIMEOUT_MS = 10_000

export const webhook = {
  kind: 'webhook',
  options: WebhookOptions,
  create({ url }: z.output<typeof WebhookOptions>, deps: WebhookDeps): Notifier {
    return {
      deliver: async (message, order) => {
        const address = await addressOf(url, deps.secrets, order.signal)
        return address.ok ? deliver(address.value, deps, message, order) : address
      },
    }
  },
} as const

/** Read when a message is sent, so that an address that was changed is the one used. */
async function addressOf(
  url: z.output<typeof WebhookOptions>['url'],
  secrets: Secrets,
  signal: AbortSignal,
): Promise<Result<string>> {
  if (typeof url === 'string') return ok(url)
  const read = await secrets.read(url, signal)
  if (!read.ok) return failure(read.kind, `the address of the webhook: ${read.message}`)
  const isWeb = /^https?:$/.test(URL.parse(read.value.trim())?.protocol ?? '')
  const where = url.kind === 'env' ? url.name : url.path
  return isWeb
    ? ok(read.value.trim())
    : failure('permanent', `the secret in ${where} is no http(s) address of a webhook`)
}

type Receipt = { readonly receipt: string }

async function deliver(
  url: string,
  deps: WebhookDeps,
  message: Message,
  { key, signal }: Order,
): Promise<Result<Receipt>> {
  const host = new URL(url).host
  try {
    const answer = await deps.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'webhook-id': key },
      body: JSON.stringify(message),
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    })
    await answer.body?.cancel()
    return judge(answer.status, host)
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : ''
    return failure(
      'transient',
      `${host} did not take the message: ${error instanceof Error ? error.message : String(error)}${cause}`,
    )
  }
}

/** 408, 425, 429 and 5xx may pass; any other refusal is for this message for ever. */
function judge(status: number, host: string): Result<Receipt> {
  if (status >= 200 && status < 300) return ok({ receipt: `${host} ${status}` })
  const mayPass = status >= 500 || [408, 425, 429].includes(status)
  return failure(mayPass ? 'transient' : 'permanent', `${host} refused the message with ${status}`)
}
