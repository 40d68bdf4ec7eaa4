/**
 * A JSON message by HTTP POST, as Standard Webhooks 1.0.0 has it: `webhook-id` is the order's key, so that a receiver can
 * tell a repetition; with `signature` it can also tell who sent it.
 */
import { z } from 'zod'
import { type SecretReference, secretText } from '../../../core/plan.ts'
import type { AdapterContext } from '../../../ports/adapter.ts'
import { NOTHING_OUTSIDE } from '../../../ports/description.ts'
import type { Notification } from '../../../ports/notifier.ts'
import { failure, ok, type Result } from '../../../ports/result.ts'
import { SecretByName } from '../../../stellwerk-yaml/secret-options.ts'
import { notifier } from '../../kit.ts'
import { addressOf, keyOf, Planned, post } from '../post.ts'
import { signature, SIGNING_SECRETS, type Signed } from './signature.ts'

const options = z.strictObject({
  kind: z.literal('webhook').meta({ description: 'A JSON message by HTTP POST, as Standard Webhooks has it.' }),
  url: SecretByName.meta({
    description:
      'Where to: an http(s) URL, by the name of the secret that holds it, since whoever knows it can send there.',
  }),
  signature: SecretByName.optional().meta({
    description:
      'Signs every message (`webhook-signature`) with this secret: `whsec_` and 24 to 64 bytes in base64; two of them, separated by a space, while one replaces the other.',
  }),
})

export const webhook = notifier({
  kind: 'webhook',
  options,
  // Plans of 0.1.0 have the address itself.
  planned: z.object({
    kind: z.literal('webhook'),
    url: z.union([Planned.secret, z.string()]),
    signature: Planned.secret.optional(),
  }),
  describe: ({ url, signature: key }) => {
    const keys = key ? [key] : []
    return typeof url === 'string'
      ? { hosts: hostOf(url), secrets: keys }
      : { ...NOTHING_OUTSIDE, secrets: [url, ...keys] }
  },
  create: ({ url, signature: key }, context) => ({
    deliver: async (message, order) => {
      const address = await addressOf(url, context.secrets, order.signal)
      if (!address.ok) return address
      const timestamp = Math.floor(context.clock.now() / 1000)
      const signed: Signed = { id: order.key, timestamp, body: JSON.stringify(bodyOf(message)) }
      const signatures = key ? await signaturesOf(key, signed, context, order.signal) : ok({})
      if (!signatures.ok) return signatures
      const headers = {
        'content-type': 'application/json',
        'webhook-id': signed.id,
        'webhook-timestamp': String(timestamp),
        ...signatures.value,
      }
      return post(context, address.value, { headers, body: signed.body, signal: order.signal })
    },
  }),
})

/** `type` as Standard Webhooks has it, `rollout.rolled_back`; what stood in a body before it stands there still. */
function bodyOf(message: Notification) {
  return { type: `rollout.${message.event.replaceAll('-', '_')}`, ...message }
}

async function signaturesOf(
  reference: SecretReference,
  signed: Signed,
  { secrets }: AdapterContext,
  signal: AbortSignal,
): Promise<Result<Readonly<Record<string, string>>>> {
  const what = 'signing secret: `whsec_` and 24 to 64 bytes in base64'
  const key = await keyOf(reference, { secrets, what, isValid: SIGNING_SECRETS }, signal)
  if (!key.ok) return key
  const value = signature(key.value, signed)
  if (value !== null) return ok({ 'webhook-signature': value })
  return failure('permanent', `its secret (${secretText(reference)}) is no ${what}`)
}

function hostOf(url: string): readonly string[] {
  const address = URL.parse(url)
  return address ? [address.host] : []
}
