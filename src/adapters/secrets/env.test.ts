import assert from 'node:assert/strict'
import { test } from 'node:test'
import { env } from './env.ts'

const { signal } = new AbortController()
const secrets = env.create({ environment: { TOKEN: 'hunter2', EMPTY: '', NOTHING: undefined } })

test('reads a variable, also an empty one', async () => {
  assert.deepEqual(await secrets.read({ kind: 'env', name: 'TOKEN' }, signal), { ok: true, value: 'hunter2' })
  assert.deepEqual(await secrets.read({ kind: 'env', name: 'EMPTY' }, signal), { ok: true, value: '' })
})

test('a variable that is not there is a permanent failure that names it', async () => {
  for (const name of ['OTHER', 'NOTHING', 'constructor', '__proto__']) {
    const read = await secrets.read({ kind: 'env', name }, signal)
    assert.ok(!read.ok)
    assert.equal(read.kind, 'permanent')
    assert.match(read.message, new RegExp(`has no variable ${name}`))
  }
})

test('a reference of another kind is refused', async () => {
  assert.equal((await secrets.read({ kind: 'file', path: '/x' }, signal)).ok, false)
})
