/** A JSON message by HTTP POST; `webhook-id` is the order's key, so a receiver can tell a repetition. */
import { z } from 'zod'
import { NOTHING_OUTSIDE } from '../../../ports/adapter.ts'
import { SecretByName } from '../../../spec/secret-options.ts'
import { notifier } from '../../kit.ts'
import { addressOf, Planned, post } from '../post.ts'

const options = z.strictObject({
  kind: z.literal('webhook').meta({ description: 'A JSON message by HTTP POST.' }),
  url: SecretByName.meta({
    description:
      'Where to: an http(s) URL, by the name of the secret that holds it, since whoever knows it can send there.',
  }),
})

export const webhook = notifier({
  kind: 'webhook',
  options,
  // Plans of 0.1.0 have the address itself.
  planned: z.object({ kind: z.literal('webhook'), url: z.union([Planned.secret, z.string()]) }),
  describe: ({ url }) => {
    return typeof url === 'string' ? { hosts: hostOf(url), secrets: [] } : { ...NOTHING_OUTSIDE, secrets: [url] }
  },
  create: ({ url }, { http, secrets }) => ({
    deliver: async (message, { key, signal }) => {
      const address = await addressOf(url, secrets, signal)
      if (!address.ok) return address
      const headers = { 'content-type': 'application/json', 'webhook-id': key }
      return post(http, address.value, { headers, body: JSON.stringify(message), signal })
    },
  }),
})

function hostOf(url: string): readonly string[] {
  const address = URL.parse(url)
  return address ? [address.host] : []
}
