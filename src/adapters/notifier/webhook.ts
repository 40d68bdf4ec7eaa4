/** A JSON message by HTTP POST; `webhook-id` is the order's key, so a receiver can tell a repetition. */
import type { Message } from '../../core/rollout/commands.ts'
import type { SecretReference } from '../../core/plan.ts'
import type { Notifier } from '../../ports/notifier.ts'
import { failure, ok, type Order, type Result } from '../../ports/result.ts'
import type { Secrets } from '../../ports/secrets.ts'
import { WebhookOptions } from '../../spec/adapter-options.ts'
import { timeLimit } from '../../timers.ts'

export type WebhookDeps = { readonly fetch: typeof fetch; readonly secrets: Secrets }

/** As it stands in a plan: where the address is read. Plans of 0.1.0 have the address itself. */
export type PlannedWebhook = { readonly kind: 'webhook'; readonly url: SecretReference | string }

const TIMEOUT_MS = 10_000

export const webhook = {
  kind: 'webhook',
  options: WebhookOptions,
  create({ url }: PlannedWebhook, deps: WebhookDeps): Notifier {
    return {
      deliver: async (message, order) => {
        const address = await addressOf(url, deps, order.signal)
        return address.ok ? deliver(address.value, deps, message, order) : address
      },
    }
  },
} as const

type Receipt = { readonly receipt: string }

/** Never says what the secret holds, only what is wrong with it. */
async function addressOf(
  url: PlannedWebhook['url'],
  { secrets }: WebhookDeps,
  signal: AbortSignal,
): Promise<Result<URL>> {
  const read = typeof url === 'string' ? ok(url) : await secrets.read(url, signal)
  if (!read.ok) return read
  const address = URL.parse(read.value.trim())
  const isUsable = address !== null && /^https?:$/.test(address.protocol) && address.username + address.password === ''
  if (isUsable) return ok(address)
  const where = typeof url === 'string' ? 'its address' : `its secret (${url.kind === 'env' ? url.name : url.path})`
  return failure('permanent', `${where} is no http(s) URL without user name and password`)
}

async function deliver(
  address: URL,
  deps: WebhookDeps,
  message: Message,
  { key, signal }: Order,
): Promise<Result<Receipt>> {
  const { host } = address
  try {
    const answer = await deps.fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'webhook-id': key },
      body: JSON.stringify(message),
      redirect: 'error',
      signal: AbortSignal.any([signal, timeLimit(TIMEOUT_MS)]),
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
