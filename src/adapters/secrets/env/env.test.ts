import assert from 'node:assert/strict'
import { test } from 'node:test'
import { adapterContext } from '../../../testing/adapter-context.ts'
import { env } from './env.ts'
import { adapterKeys } from '../../../stellwerk-yaml/fixture-adapter-keys.ts'
import { adapterContract } from '../../../testing/adapter-contract.ts'
import { secretContract } from '../../../testing/secret-contract.ts'

const { signal } = new AbortController()
const environment = { TOKEN: 'hunter2', EMPTY: '', NOTHING: undefined }

async function read(name: string) {
  const context = adapterContext({ host: { dataFolder: '/nowhere', environment } })
  return (await env.create({ kind: 'env', name }, context)).read(signal)
}

test('reads a variable, also an empty one', async () => {
  assert.deepEqual(await read('TOKEN'), { ok: true, value: 'hunter2' })
  assert.deepEqual(await read('EMPTY'), { ok: true, value: '' })
})

test('a variable that is not there is a permanent failure that names it', async () => {
  for (const name of ['OTHER', 'NOTHING', 'constructor', '__proto__']) {
    const found = await read(name)
    assert.ok(!found.ok)
    assert.equal(found.kind, 'permanent')
    assert.match(found.message, new RegExp(`has no variable ${name}`))
  }
})

test('a reference of another kind is refused', async () => {
  await assert.rejects(
    env.create({ kind: 'file', path: '/x' }, adapterContext()),
    /cannot be read by this Stellwerk: kind/,
  )
})

adapterKeys({ port: 'secrets', kind: 'env', written: { name: 'A' }, keys: { name: ['B'] } })

adapterContract({
  adapter: env,
  written: { name: 'TOKEN' },
  context: adapterContext(),
})

secretContract({
  name: 'env',
  open: async (value) => {
    const variables: Record<string, string | undefined> = value === null ? {} : { TOKEN: value }
    const context = adapterContext({ host: { dataFolder: '/nowhere', environment: variables } })
    return {
      source: await env.create({ kind: 'env', name: 'TOKEN' }, context),
      change: async (next) => void (variables['TOKEN'] = next),
      end: async () => undefined,
    }
  },
})
