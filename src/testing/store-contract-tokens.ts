/** Tokens: what every store keeps about them. */
import { strict as assert } from 'node:assert'
import { after, instant } from '../core/time.ts'
import type { StoredToken } from '../ports/identity.ts'
import { happened, type Suite } from './store-suite.ts'

const TOKEN: StoredToken = {
  id: 'tok_1',
  hash: 'a'.repeat(64),
  name: 'ci of shop',
  person: 'ci:github',
  roles: ['release-captain'],
  scopes: ['deploy', 'read'],
  services: ['shop'],
  environments: null,
  createdAt: instant(1000),
  expiresAt: instant(90_000),
  lastUsedAt: null,
  revokedAt: null,
}

export function tokensContract(suite: Suite): void {
  const { test } = suite
  const save = (...tokens: readonly StoredToken[]) =>
    suite.store().transact(async (tx) => {
      for (const token of tokens) await tx.saveToken(token)
    })

  test('a token is kept as it is, found by its hash, and listed oldest first', async () => {
    const second = { ...TOKEN, id: 'tok_0', hash: 'b'.repeat(64), createdAt: instant(2000), services: null }
    await save(second, TOKEN)
    assert.deepEqual(await suite.store().tokens(), [TOKEN, second])
    assert.deepEqual(await suite.store().tokenByHash(second.hash), second)
    assert.equal(await suite.store().tokenByHash('c'.repeat(64)), null)
    assert.deepEqual(await suite.store().transact((tx) => tx.token('tok_1')), TOKEN)
    assert.equal(await suite.store().transact((tx) => tx.token('tok_9')), null)
  })

  test('a hash belongs to one token', async () => {
    await save(TOKEN)
    await assert.rejects(save({ ...TOKEN, id: 'tok_2' }))
    assert.equal((await suite.store().tokens()).length, 1)
  })

  test('a token and its event are there together or not at all', async () => {
    const both = suite.store().transact(async (tx) => {
      await tx.append('token-tok_1', 0, [happened('TokenIssued')])
      await tx.saveToken(TOKEN)
      throw new Error('crash')
    })
    await assert.rejects(both, /crash/)
    assert.deepEqual(await suite.store().tokens(), [])
    assert.equal(await suite.store().size(), 0)
  })

  test('the last use is noted, never goes back, and a change of the token leaves it', async () => {
    await save(TOKEN)
    const now = suite.clock().now()
    await suite.store().touchTokens(
      new Map([
        ['tok_1', now],
        ['tok_9', now],
      ]),
    )
    await suite.store().touchTokens(new Map([['tok_1', after(now, -500)]]))
    const revoked = { ...TOKEN, revokedAt: now }
    await save(revoked)
    assert.deepEqual(await suite.store().tokens(), [{ ...revoked, lastUsedAt: now }])
  })

  test('the events of a request name its token, all others none', async () => {
    await suite.store().transact((tx) => tx.append('s1', 0, [{ ...happened('A'), token: 'tok_1' }, happened('B')]))
    const [first, second] = await suite.store().read('s1')
    assert.equal(first?.token, 'tok_1')
    assert.ok(second !== undefined && !('token' in second))
    assert.equal((await suite.store().readAll(0, 1))[0]?.token, 'tok_1')
    assert.equal((await suite.store().event('s1', 1))?.token, 'tok_1')
  })
}
