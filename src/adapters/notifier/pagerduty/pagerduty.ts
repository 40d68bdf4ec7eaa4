/**
 * Alerts and changes in PagerDuty (Events API v2). What people have to look at is an alert, one for each class of events of
 * a rollout, by a key that is always the same: told twice it is one, and what ends it resolves it. What only is worth knowing
 * is a change, which pages nobody and is shown beside the alerts of the service.
 */
import { z } from 'zod'
import type { AdapterContext } from '../../../ports/adapter.ts'
import type { Notification } from '../../../ports/notifier.ts'
import { ok, type Result } from '../../../ports/result.ts'
import { SecretByName } from '../../../stellwerk-yaml/secret-options.ts'
import { notifier } from '../../kit.ts'
import { keyOf, Planned, postJson } from '../post.ts'
import { eventsOf } from './events.ts'

const HOSTS = { us: 'events.pagerduty.com', eu: 'events.eu.pagerduty.com' } as const
const Region = z.enum(['us', 'eu'])

export const pagerduty = notifier({
  kind: 'pagerduty',
  options: z.strictObject({
    kind: z.literal('pagerduty').meta({ description: 'Alerts and changes of a service in PagerDuty.' }),
    routingKey: SecretByName.meta({
      description:
        'Integration key (Events API v2) of the service in PagerDuty, by the name of the secret that holds it.',
    }),
    region: Region.prefault('us').meta({ description: 'Where the account is: `eu` for `*.eu.pagerduty.com`.' }),
  }),
  planned: z.object({ kind: z.literal('pagerduty'), routingKey: Planned.secret, region: Region }),
  describe: ({ routingKey, region }) => ({ hosts: [HOSTS[region]], secrets: [routingKey] }),
  create: ({ routingKey, region }, context) => ({
    deliver: async (notification, { signal }) => {
      const wanted = { secrets: context.secrets, what: 'integration key: 32 letters and digits', isValid: ROUTING_KEY }
      const key = await keyOf(routingKey, wanted, signal)
      return key.ok ? send(context, { host: HOSTS[region], key: key.value, notification, signal }) : key
    },
  }),
})

const ROUTING_KEY = /^[A-Za-z0-9]{32}$/

type Sending = {
  readonly host: string
  readonly key: string
  readonly notification: Notification
  readonly signal: AbortSignal
}

/** One after the other: what cannot be told twice, a change, is the last. */
async function send(context: AdapterContext, sending: Sending): Promise<Result<{ readonly receipt: string }>> {
  const { host, key, notification, signal } = sending
  let sent: Result<{ readonly receipt: string }> = ok({ receipt: host })
  for (const { path, event } of eventsOf(notification)) {
    sent = await postJson(context, new URL(path, `https://${host}`), { body: { routing_key: key, ...event }, signal })
    if (!sent.ok) return sent
  }
  return sent
}
