import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Notification } from '../../../ports/notifier.ts'
import { failure } from '../../../ports/result.ts'
import { adapterContext, secretsOf } from '../../../testing/adapter-context.ts'
import { adapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'
import { adapterContract } from '../../../testing/adapter-contract.ts'
import { apiSpec } from '../../../testing/api-spec.ts'
import { BUSY_MS, httpChannel, type Received } from '../../../testing/http-channel.ts'
import { notificationOf, notifierContract, ORDER } from '../../../testing/notifier-contract.ts'
import { restrictedHttp } from '../../http.ts'
import { pagerduty } from './pagerduty.ts'

const REFERENCE = { kind: 'env', name: 'PD_KEY' } as const
const KEY = 'R01secretpartsecretpartsecretpar'
const EVENT = apiSpec('pagerduty-events-v2.derived.schema.json', '#/$defs/event')
const CHANGE = apiSpec('pagerduty-events-v2.derived.schema.json', '#/$defs/change')

type Details = { readonly text: string; readonly serving: string }
type Body = {
  readonly event_action?: string
  readonly dedup_key?: string
  readonly payload?: { readonly summary: string; readonly severity?: string; readonly custom_details: Details }
}

const problems = ({ path, body }: Received) =>
  (path === '/v2/enqueue' ? EVENT : CHANGE).problems(JSON.parse(body)).map((problem) => `${path}: ${problem}`)

async function open({ region = 'us', key = `${KEY}\n` } = {}) {
  const channel = await httpChannel({
    answers: {
      takes: [202, '{"status":"success"}'],
      busy: [429, '{"status":"throttle exceeded"}'],
      refuses: [400, '{"status":"invalid event","message":"Event object is invalid"}'],
    },
    problems,
  })
  const asked: string[] = []
  const http = restrictedHttp({
    mayReach: (host) => pagerduty.describe({ kind: 'pagerduty', routingKey: REFERENCE, region }).hosts.includes(host),
    fetch: (url, init) => {
      asked.push(new URL(String(url)).host)
      return channel.fetch(url, init)
    },
  })
  const context = adapterContext({ http, secrets: secretsOf({ PD_KEY: key }) })
  const notifier = await pagerduty.create({ kind: 'pagerduty', routingKey: REFERENCE, region }, context)
  const bodies = () => channel.received().map(({ body }) => JSON.parse(body) as Body)
  return { channel, notifier, bodies, asked }
}

/** Each as `trigger rollback`, `resolve held`, `change`. */
async function sentFor(event: Notification['event'], priority: Notification['priority']): Promise<readonly string[]> {
  const { channel, notifier, bodies } = await open()
  assert.ok((await notifier.deliver(notificationOf({ event, priority }), ORDER)).ok)
  await channel.end()
  return bodies().map(({ event_action, dedup_key }) =>
    event_action ? `${event_action} ${dedup_key!.replace('stellwerk/shop-prod-2/', '')}` : 'change',
  )
}

notifierContract('pagerduty', async () => {
  const { channel, notifier, bodies } = await open()
  const shown = () => bodies().filter(({ payload }) => payload !== undefined)
  return {
    notifier,
    // What resolves says nothing to people.
    got: () => shown().map((body) => JSON.stringify(body)),
    read: () =>
      shown().map(({ payload }) => {
        const { text, serving } = payload!.custom_details
        return { text: [payload!.summary, text, serving].join('\n'), markup: [] }
      }),
    ids: () => shown().map(({ dedup_key }) => dedup_key ?? 'a change'),
    mood: channel.mood,
    secret: 'secretpart',
    retryAfterMs: BUSY_MS,
    end: channel.end,
  }
})

test('what people have to look at is an alert, by its priority; the whole of it is what PagerDuty takes', async () => {
  const { channel, notifier, bodies } = await open()
  const answer = await notifier.deliver(notificationOf({ event: 'unwell', priority: 'P1' }), ORDER)
  assert.deepEqual(answer, { ok: true, value: { receipt: 'events.pagerduty.com 202' } })
  assert.deepEqual(bodies(), [
    {
      routing_key: KEY,
      event_action: 'trigger',
      dedup_key: 'stellwerk/shop-prod-2/unwell',
      client: 'Stellwerk',
      payload: {
        summary: 'shop v2 in prod: was rolled back',
        source: 'shop in prod',
        severity: 'critical',
        component: 'shop',
        group: 'prod',
        class: 'unwell',
        custom_details: {
          text: '5 % of requests failed, the limit is 1 %',
          serving: 'api v1 100 %',
          version: 'v2',
          rollout: 'shop-prod-2',
        },
      },
    },
  ])
  await channel.end()
})

test('a rollback is one alert from its beginning to its end, and what has ended resolves what waited', async () => {
  const waits = ['resolve held', 'resolve shared-cause', 'resolve no-data', 'resolve needs-human']
  assert.deepEqual(await sentFor('rollback-started', 'P2'), ['trigger rollback'])
  assert.deepEqual(await sentFor('rolled-back', 'P2'), [...waits, 'trigger rollback'])
  assert.deepEqual(await sentFor('aborted', 'P3'), [...waits, 'trigger aborted'])
  assert.deepEqual(await sentFor('finalized', 'info'), [...waits, 'change'])
})

test('what is over resolves its alert; what only is worth knowing pages nobody', async () => {
  for (const event of ['unwell', 'no-data', 'shared-cause', 'log-doubted'] as const) {
    assert.deepEqual(await sentFor(event, 'P2'), [`trigger ${event}`])
    assert.deepEqual(await sentFor(event, 'info'), [`resolve ${event}`])
  }
  for (const event of ['started', 'waiting-for-approval'] as const) {
    assert.deepEqual(await sentFor(event, 'info'), ['change'])
  }
})

test('what comes after something that failed is not sent, so that a change is told once', async () => {
  const { channel, notifier, bodies } = await open()
  channel.mood('busy')
  const answer = await notifier.deliver(notificationOf({ event: 'finalized', priority: 'info' }), ORDER)
  const why = 'events.pagerduty.com refused the message with 429: {"status":"throttle exceeded"}'
  assert.deepEqual(answer, { ...failure('transient', why), retryAfterMs: BUSY_MS })
  assert.equal(bodies().length, 1)
  await channel.end()
})

test('an account in the EU is reached there, and nowhere else', async () => {
  const { channel, notifier, asked } = await open({ region: 'eu' })
  assert.ok((await notifier.deliver(notificationOf(), ORDER)).ok)
  assert.deepEqual([...new Set(asked)], ['events.eu.pagerduty.com'])
  await channel.end()
})

test('a key that is none is said without what it holds, and nothing is sent', async () => {
  for (const key of ['hunter2', '', `${KEY}x`]) {
    const { channel, notifier } = await open({ key })
    const why = 'its secret (env PD_KEY) is no integration key: 32 letters and digits'
    assert.deepEqual(await notifier.deliver(notificationOf(), ORDER), failure('permanent', why))
    assert.equal(channel.received().length, 0)
    await channel.end()
  }
})

test('the description of PagerDuty’s API finds what is wrong with an event', { skip: EVENT.skip }, () => {
  assert.notDeepEqual(EVENT.problems({ routing_key: KEY, event_action: 'resolve' }), [])
  assert.notDeepEqual(CHANGE.problems({ routing_key: KEY, payload: {} }), [])
})

adapterKeys({
  port: 'notifier',
  kind: 'pagerduty',
  written: { routingKey: { secret: 'CHAT' } },
  keys: { 'routingKey.secret': ['OTHER'], region: ['eu'] },
})

adapterContract({
  adapter: pagerduty,
  written: { routingKey: { secret: 'PD_KEY' }, region: 'eu' },
  asPlanned: (given) => ({ ...given, routingKey: REFERENCE }),
  context: adapterContext(),
})
