import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failure, ok } from '../../ports/result.ts'
import { webhook } from './webhook.ts'

const MESSAGE = { event: 'held', priority: 'P2', title: 't', text: 'x', serving: 's' } as const
const ORDER = { key: 'r/1/0', fence: 1, signal: new AbortController().signal }
const ADDRESS = 'https://hooks.example.com/services/T0AB/B0CD/x7yZx7yZx7yZx7yZ'

function given(url: unknown, secret = ok(ADDRESS) as ReturnType<typeof ok<string>> | ReturnType<typeof failure>) {
  const sent: string[] = []
  const fetch = (async (address: string) => {
    sent.push(address)
    return new Response(null, { status: 204 })
  }) as unknown as typeof globalThis.fetch
  const options = webhook.options.parse({ kind: 'webhook', url })
  const notifier = webhook.create(options, { fetch, secrets: { read: async () => secret } })
  return { sent, options, deliver: () => notifier.deliver(MESSAGE, ORDER) }
}

test('an address that is a secret is read when a message is sent, and stands nowhere else', async () => {
  const { sent, options, deliver } = given({ kind: 'env', name: 'WEBHOOK_URL' })
  assert.deepEqual(await deliver(), ok({ receipt: 'hooks.example.com 204' }))
  assert.deepEqual(sent, [ADDRESS])
  assert.doesNotMatch(JSON.stringify(options), /services/)
})

test('an address as text is taken, one with a token in it is not', () => {
  const parse = (url: string) => webhook.options.safeParse({ kind: 'webhook', url })
  for (const url of ['http://127.0.0.1:9000/hook', 'https://example.com/incoming/team-alerts-production?v=2'])
    assert.ok(parse(url).success, url)
  for (const url of [
    ADDRESS,
    'https://x.example/hook?token=abcdefgh12345678',
    'https://x.example/0123456789abcdef0123',
  ]) {
    const read = parse(url)
    assert.ok(!read.success, url)
    assert.match(JSON.stringify(read.error.issues), /for ever; write url: \{ kind: env/)
  }
})

test('a secret that cannot be read, or is no address, is said without its value', async () => {
  const unread = await given({ kind: 'env', name: 'HOOK' }, failure('permanent', 'there is no HOOK')).deliver()
  assert.deepEqual(unread, failure('permanent', 'the address of the webhook: there is no HOOK'))
  const wrong = await given({ kind: 'file', path: '/run/hook' }, ok('not-an-address-but-secret')).deliver()
  assert.deepEqual(wrong, failure('permanent', 'the secret in /run/hook is no http(s) address of a webhook'))
})
