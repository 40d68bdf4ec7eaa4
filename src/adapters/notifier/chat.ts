/** Chats that take a message by a webhook whose address is a secret: they differ in how a message reads, and in nothing else. */
import { z } from 'zod'
import { NOTHING_OUTSIDE } from '../../ports/description.ts'
import type { Notification } from '../../ports/notifier.ts'
import { SecretByName } from '../../stellwerk-yaml/secret-options.ts'
import { notifier } from '../kit.ts'
import { addressOf, Planned, postJson } from './post.ts'

export type Chat<Kind extends string> = {
  readonly kind: Kind
  /** For the reference page: what arrives where, and whose webhook it takes. */
  readonly description: string
  readonly webhook: string
  /** What is posted, as JSON. */
  readonly messageOf: (notification: Notification) => object
}

export function chat<const Kind extends string>({ kind, description, webhook, messageOf }: Chat<Kind>) {
  return notifier({
    kind,
    options: z.strictObject({
      kind: z.literal(kind).meta({ description }),
      url: SecretByName.meta({
        description: `Of ${webhook}, by the name of the secret that holds it: whoever knows it can post.`,
      }),
    }),
    planned: z.object({ kind: z.literal(kind), url: Planned.secret }),
    describe: ({ url }) => ({ ...NOTHING_OUTSIDE, secrets: [url] }),
    create: ({ url }, context) => ({
      deliver: async (notification, { signal }) => {
        const address = await addressOf(url, context.secrets, signal)
        return address.ok ? postJson(context, address.value, { body: messageOf(notification), signal }) : address
      },
    }),
  })
}
