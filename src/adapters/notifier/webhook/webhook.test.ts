import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instant } from '../../../core/time.ts'
import type { Notification } from '../../../ports/notifier.ts'
import { failure, ok, type Result } from '../../../ports/result.ts'
import { adapterContext, secretsOf } from '../../../testing/adapter-context.ts'
import { adapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'
import { adapterContract } from '../../../testing/adapter-contract.ts'
import { BUSY_MS, type HttpChannel, httpChannel } from '../../../testing/http-channel.ts'
import { notificationOf, notifierContract, ORDER } from '../../../testing/notifier-contract.ts'
import { restrictedHttp } from '../../http.ts'
import { signature } from './signature.ts'
import { webhook } from './webhook.ts'

const URL_SECRET = { kind: 'env', name: 'CHAT' } as const
const KEY_SECRET = { kind: 'env', name: 'KEY' } as const
const KEY = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const NOW = instant(1_795_251_436_500)
const PATH = '/hooks/secret-part'

const receiver = () => httpChannel({ answers: { takes: [200, ''], busy: [503, 'later'], refuses: [410, 'gone'] } })

type Given = { readonly url?: Result<string>; readonly key?: string; readonly options?: object }

function notifierOf(
  channel: HttpChannel,
  { url = ok(`${channel.origin}${PATH}\n`), key = KEY, options = {} }: Given = {},
) {
  const http = restrictedHttp({ mayReach: () => true, fetch: channel.fetch })
  const clock = { now: () => NOW, sleepUntil: async () => undefined }
  const secrets = secretsOf({ CHAT: url, KEY: key })
  const context = adapterContext({ http, clock, secrets })
  return webhook.create({ kind: 'webhook', url: URL_SECRET, ...options }, context)
}

const bodiesOf = (channel: HttpChannel) => channel.received().map(({ body }) => JSON.parse(body) as Notification)

notifierContract('webhook', async () => {
  const channel = await receiver()
  return {
    notifier: await notifierOf(channel, { options: { signature: KEY_SECRET } }),
    got: () => channel.received().map(({ body }) => body),
    read: () =>
      bodiesOf(channel).map(({ title, text, serving }) => ({ text: [title, text, serving].join('\n'), markup: [] })),
    ids: () => channel.received().map(({ headers }) => String(headers['webhook-id'])),
    mood: channel.mood,
    secret: 'secret-part',
    retryAfterMs: BUSY_MS,
    end: channel.end,
  }
})

test('a signed message is one of Standard Webhooks: its headers, its signature, its type', async () => {
  const channel = await receiver()
  const notifier = await notifierOf(channel, { options: { signature: KEY_SECRET } })
  assert.ok((await notifier.deliver(notificationOf(), ORDER)).ok)
  await channel.end()
  const [{ path, headers, body }] = channel.received() as [ReturnType<HttpChannel['received']>[number]]
  assert.equal(path, PATH)
  assert.equal(headers['webhook-id'], ORDER.key)
  assert.equal(headers['webhook-timestamp'], '1795251436')
  assert.equal(headers['webhook-signature'], signature(KEY, { id: ORDER.key, timestamp: 1_795_251_436, body }))
  assert.deepEqual(JSON.parse(body), { type: 'rollout.rolled_back', ...notificationOf() })
})

test('the signature is that of the published vector, one for each secret while they are exchanged', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const signed = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1_614_265_330, body: '{"test": 2432232314}' }
  const expected = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
  assert.equal(signature(secret, signed), expected)
  assert.match(signature(`${secret} ${KEY}`, signed)!, /^v1,g0hM9SsE\S+ v1,\S{44}$/)
})

test('a signing secret that is none is said without what it holds, and nothing is sent', async () => {
  const channel = await receiver()
  for (const key of ['hunter2', 'whsec_', 'whsec_aHVudGVyMg==', `whsec_${Buffer.alloc(65).toString('base64')}`, '']) {
    const notifier = await notifierOf(channel, { key, options: { signature: KEY_SECRET } })
    const why = 'its secret (env KEY) is no signing secret: `whsec_` and 24 to 64 bytes in base64'
    assert.deepEqual(await notifier.deliver(notificationOf(), ORDER), failure('permanent', why))
  }
  assert.equal(channel.received().length, 0)
  await channel.end()
})

test('without a signature nothing claims one; plans of 0.1.0 have the address itself', async () => {
  const channel = await receiver()
  const plain = `${channel.origin}${PATH}`
  for (const options of [{}, { url: plain }]) {
    const sent = await (await notifierOf(channel, { options })).deliver(notificationOf(), ORDER)
    assert.ok(sent.ok && !JSON.stringify(sent).includes('secret-part'))
  }
  assert.deepEqual(
    channel.received().map(({ path, headers }) => [path, headers['webhook-id'], headers['webhook-signature']]),
    Array.from({ length: 2 }, () => [PATH, ORDER.key, undefined]),
  )
  await channel.end()
  assert.deepEqual(webhook.describe({ kind: 'webhook', url: 'https://a.example/x' }), {
    hosts: ['a.example'],
    secrets: [],
  })
})

test('what is wrong with the secret is said without what it holds', async () => {
  const channel = await receiver()
  for (const value of ['hunter2', 'ftp://hunter2.example.com', 'https://me:hunter2@example.com', '']) {
    const sent = await (await notifierOf(channel, { url: ok(value) })).deliver(notificationOf(), ORDER)
    const why = 'its secret (env CHAT) is no http(s) URL without user name and password'
    assert.deepEqual(sent, failure('permanent', why))
  }
  const url = failure('permanent', 'the variable CHAT is not set')
  assert.deepEqual(await (await notifierOf(channel, { url })).deliver(notificationOf(), ORDER), url)
  await channel.end()
})

test('a refusal tells what the receiver said of it, unless that is a page', async () => {
  for (const [body, why] of [
    ['no_such\nchannel', ': no_such channel'],
    ['<html>no</html>', ''],
    ['', ''],
  ] as const) {
    const channel = await httpChannel({ answers: { takes: [404, body], busy: [503, ''], refuses: [400, ''] } })
    const sent = await (await notifierOf(channel)).deliver(notificationOf(), ORDER)
    const { host } = new URL(channel.origin)
    assert.deepEqual(sent, failure('permanent', `${host} refused the message with 404${why}`))
    await channel.end()
  }
})

adapterKeys({
  port: 'notifier',
  kind: 'webhook',
  written: { url: { secret: 'CHAT' } },
  keys: { 'url.secret': ['OTHER'], 'signature.secret': ['OTHER'] },
})

adapterContract({
  adapter: webhook,
  written: { url: { secret: 'CHAT' }, signature: { secret: 'KEY' } },
  asPlanned: (read) => ({ ...read, url: URL_SECRET, signature: KEY_SECRET }),
  context: adapterContext(),
})
