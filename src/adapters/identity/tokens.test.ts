import assert from 'node:assert/strict'
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { instant } from '../../core/time.ts'
import type { TokenWish } from '../../ports/identity.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { openFileTokenStore } from './file-token-store.ts'
import { ensureLocalToken } from './local-token.ts'
import { MemoryTokenStore } from './memory-token-store.ts'
import { createTokens } from './tokens.ts'

const wish: TokenWish = {
  name: 'ci of shop',
  person: 'ci:github',
  roles: ['release-captain'],
  scopes: ['deploy'],
  expiresAt: instant(2000),
}

async function issueWith(change: Partial<TokenWish> = {}, now = { at: 1000 }) {
  const store = new MemoryTokenStore()
  const tokens = createTokens({ store, now: () => instant(now.at) })
  const issued = await tokens.issue({ ...wish, ...change })
  return { store, tokens, issued, now }
}

describe('tokens', () => {
  it('shows the secret once and keeps only its SHA-256', async () => {
    const { store, issued } = await issueWith()
    assert(issued.ok)
    assert.match(issued.value.secret, /^stw_[\w-]{43}$/)
    const stored = JSON.stringify(await store.list())
    assert(!stored.includes(issued.value.secret))
    assert.match(stored, /"hash":"[0-9a-f]{64}"/)
  })

  it('recognises who holds a token: pseudonym, roles and scopes', async () => {
    const { tokens, issued } = await issueWith()
    assert(issued.ok)
    const identity = await tokens.authenticate(issued.value.secret)
    assert.deepEqual(identity, {
      token: issued.value.token.id,
      actor: { id: 'ci:github', roles: ['release-captain'] },
      scopes: ['deploy'],
    })
  })

  it('expires at the very moment, not one millisecond earlier', async () => {
    const { tokens, issued, now } = await issueWith({ expiresAt: instant(2000) })
    assert(issued.ok)
    now.at = 1999
    assert.notEqual(await tokens.authenticate(issued.value.secret), null)
    now.at = 2000
    assert.equal(await tokens.authenticate(issued.value.secret), null)
  })

  it('knows neither revoked, nor foreign, nor misshapen secrets', async () => {
    const { tokens, issued } = await issueWith()
    assert(issued.ok)
    const { secret, token } = issued.value
    for (const other of ['', 'stw_', `${secret}x`, secret.slice(0, -1), `stw_${'A'.repeat(43)}`]) {
      assert.equal(await tokens.authenticate(other), null, other)
    }
    assert.equal(await tokens.revoke(token.id), true)
    assert.equal(await tokens.revoke(token.id), true)
    assert.equal(await tokens.revoke('tok_none'), false)
    assert.equal(await tokens.authenticate(secret), null)
  })

  it('notes the last use at most once a minute', async () => {
    const { tokens, issued, now } = await issueWith({ expiresAt: null })
    assert(issued.ok)
    const usedAt = async () => (await tokens.list())[0]!.lastUsedAt
    now.at = 100_000
    await tokens.authenticate(issued.value.secret)
    assert.equal(await usedAt(), 100_000)
    now.at = 159_999
    await tokens.authenticate(issued.value.secret)
    assert.equal(await usedAt(), 100_000)
    now.at = 160_000
    await tokens.authenticate(issued.value.secret)
    assert.equal(await usedAt(), 160_000)
  })

  it('names every problem of a wish, an e-mail address as a person among them', async () => {
    const { issued } = await issueWith({
      name: ' ',
      person: 'alex@example.org',
      roles: ['Release Captain'],
      scopes: [],
      expiresAt: instant(1000),
    })
    assert(!issued.ok)
    assert.deepEqual(
      issued.problems.map(({ where }) => where),
      ['name', 'person', 'roles', 'scopes', 'expiresAt'],
    )
  })
})

async function folderOf(test: TestContext): Promise<string> {
  const folder = await temporaryFolder('tokens')
  test.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

describe('tokens in a file', () => {
  it('survive a restart, are for the owner only, and leave nothing beside', async (test) => {
    const folder = await folderOf(test)
    const file = join(folder, 'tokens.json')
    const now = () => instant(1000)
    const first = createTokens({ store: await openFileTokenStore(file), now })
    const many = await Promise.all(Array.from({ length: 10 }, (_, i) => first.issue({ ...wish, name: `token ${i}` })))
    assert(many.every(({ ok }) => ok))
    const again = createTokens({ store: await openFileTokenStore(file), now })
    assert.equal((await again.list()).length, 10)
    const seventh = many[7]!
    assert(seventh.ok)
    assert.notEqual(await again.authenticate(seventh.value.secret), null)
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    assert.deepEqual(await readdir(folder), ['tokens.json'])
  })

  it('says which file is broken and what to do', async (test) => {
    const folder = await folderOf(test)
    const file = join(folder, 'tokens.json')
    await writeFile(file, '[{')
    await assert.rejects(openFileTokenStore(file), (error: Error) => error.message.includes(file))
  })

  it('makes the local token once, and again when it is no longer valid', async (test) => {
    const folder = await folderOf(test)
    const tokens = createTokens({ store: new MemoryTokenStore(), now: () => instant(1000) })
    const secret = await ensureLocalToken(tokens, folder)
    assert.equal(await ensureLocalToken(tokens, folder), secret)
    assert.equal((await readFile(join(folder, 'local-token'), 'utf8')).trim(), secret)
    assert.equal((await stat(join(folder, 'local-token'))).mode & 0o777, 0o600)
    const identity = await tokens.authenticate(secret)
    assert.deepEqual(identity?.scopes, ['admin'])
    await tokens.revoke(identity.token)
    assert.notEqual(await ensureLocalToken(tokens, folder), secret)
  })
})
