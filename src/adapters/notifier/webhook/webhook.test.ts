import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { notificationOf } from '../../../testing/notifier-contract.ts'
import type { Notifier } from '../../../ports/notifier.ts'
import { failure, ok, type Result } from '../../../ports/result.ts'
import { adapterContext } from '../../../testing/adapter-context.ts'
import { restrictedHttp } from '../../http.ts'
import { webhook } from './webhook.ts'
import { adapterContract } from '../../../testing/adapter-contract.ts'

const ORDER = { key: 'k/1', fence: 1, signal: new AbortController().signal }
const MESSAGE = notificationOf()
const REFERENCE = { kind: 'env', name: 'CHAT' } as const

function notifier(read: Result<string>, url: typeof REFERENCE | string = REFERENCE) {
  const http = restrictedHttp({ mayReach: () => true, fetch })
  const context = adapterContext({ http, secrets: { read: async () => read } })
  const made = webhook.create({ kind: 'webhook', url }, context)
  return { deliver: async (...asked: Parameters<Notifier['deliver']>) => (await made).deliver(...asked) }
}

test('the address is read when a message goes out, and the receiver can tell a repetition', async () => {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${String(request.headers['webhook-id'])}`)
    request.resume().on('end', () => response.end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/secret-part`
  const sent = await notifier(ok(`${url}\n`)).deliver(MESSAGE, ORDER)
  const old = await notifier(failure('permanent', 'unused'), url).deliver(MESSAGE, ORDER)
  server.close()
  assert.deepEqual(seen, Array(2).fill('POST /hooks/secret-part k/1'))
  assert.deepEqual([sent.ok, old.ok], [true, true], 'plans of 0.1.0 have the address itself')
  assert(!JSON.stringify(sent).includes('secret-part'))
})

test('what is wrong with the secret is said without what it holds', async () => {
  for (const value of ['hunter2', 'ftp://hunter2.example.com', 'https://me:hunter2@example.com', '']) {
    const sent = await notifier(ok(value)).deliver(MESSAGE, ORDER)
    assert(!sent.ok)
    assert.equal(sent.kind, 'permanent')
    assert.equal(sent.message, 'its secret (env CHAT) is no http(s) URL without user name and password')
  }
  const gone = await notifier(failure('permanent', 'the variable CHAT is not set')).deliver(MESSAGE, ORDER)
  assert.deepEqual(gone, failure('permanent', 'the variable CHAT is not set'))
})

adapterContract({
  adapter: webhook,
  written: { url: { secret: 'CHAT' } },
  asPlanned: (read) => ({ ...read, url: { kind: 'env', name: 'CHAT' } }),
  context: adapterContext(),
})
