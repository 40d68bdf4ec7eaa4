import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { instant } from '../../core/time.ts'
import { type Caller, CONTROL_PLANE, type StoredToken, type NewToken } from '../../ports/identity.ts'
import { type Store, StoreUnavailableError } from '../../ports/store.ts'
import { memoryStore } from '../../testing/memory-store.ts'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { virtualClock } from '../../testing/virtual-clock.ts'
import { ensureLocalToken } from './local-token.ts'
import { importTokenFile } from './token-file.ts'
import { createTokenStore } from './token-store.ts'
import { createTokens } from './tokens.ts'

const request: NewToken = {
  name: 'ci of shop',
  person: 'ci:github',
  roles: ['release-captain'],
  scopes: ['deploy'],
  expiresAt: instant(2000),
}

const ALEX: Caller = { actor: 'person:alex', token: 'tok_alex' }

/** A store that can be told to fail, or to answer nothing. */
function house(now = { at: 1000 }) {
  const clock = virtualClock()
  const log = memoryStore({ clock })
  let database: 'there' | 'away' | 'hangs' = 'there'
  const away = async () => {
    if (database === 'hangs') await new Promise(() => undefined)
    if (database === 'away') throw new StoreUnavailableError('transient', 'the database cannot be reached')
  }
  const store: Store = {
    ...log,
    tokens: () => away().then(() => log.tokens()),
    tokenByHash: (hash) => away().then(() => log.tokenByHash(hash)),
    touchTokens: (uses) => away().then(() => log.touchTokens(uses)),
  }
  const open = () => {
    const tokenStore = createTokenStore({ store, clock })
    return { tokenStore, tokens: createTokens({ store: tokenStore, now: () => instant(now.at) }) }
  }
  const becomes = (state: typeof database) => {
    database = state
  }
  return { clock, log, becomes, open, now, ...open() }
}

async function issueWith(change: Partial<NewToken> = {}) {
  const there = house()
  const issued = await there.tokens.issue({ ...request, ...change }, ALEX)
  return { ...there, issued }
}

describe('tokens', () => {
  it('shows the secret once and keeps only its SHA-256', async () => {
    const { log, tokenStore, issued } = await issueWith()
    assert(issued.ok)
    assert.match(issued.value.secret, /^stw_[\w-]{43}$/)
    const stored = JSON.stringify(await tokenStore.list())
    assert(!stored.includes(issued.value.secret))
    const [, hash = ''] = /"hash":"([0-9a-f]{64})"/.exec(stored) ?? []
    assert.notEqual(hash, '')
    const events = JSON.stringify(await log.readAll(0, 10))
    assert(events.includes(hash) && !events.includes(issued.value.secret) && !events.includes(request.name))
  })

  it('recognises who holds a token: pseudonym, roles and scopes', async () => {
    const { tokens, issued } = await issueWith()
    assert(issued.ok)
    const identity = await tokens.authenticate(issued.value.secret)
    assert.deepEqual(identity, {
      token: issued.value.token.id,
      actor: { id: 'ci:github', roles: ['release-captain'], token: issued.value.token.id },
      scopes: ['deploy'],
      reach: { services: null, environments: null },
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
    assert.equal(await tokens.revoke(token.id, ALEX), true)
    assert.equal(await tokens.revoke(token.id, ALEX), true)
    assert.equal(await tokens.revoke('tok_none', ALEX), false)
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

  it('names every problem of a request, an e-mail address as a person among them', async () => {
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

describe('tokens in the log', () => {
  it('are issued and revoked by events that name who did it, and by which token', async () => {
    const { log, tokens, issued } = await issueWith({ services: ['shop'] })
    assert(issued.ok)
    const { id, createdAt } = issued.value.token
    const hash = createHash('sha256').update(issued.value.secret).digest('hex')
    await tokens.revoke(id, { actor: 'person:kim', token: 'tok_kim' })
    await tokens.revoke(id, ALEX)
    const events = (await log.read(`token-${id}`)).map(({ type, actor, token, data }) => ({ type, actor, token, data }))
    const { person, roles, scopes } = request
    const reach = { services: ['shop'], environments: null }
    assert.deepEqual(events, [
      {
        type: 'TokenIssued',
        actor: 'person:alex',
        token: 'tok_alex',
        data: { id, hash, person, roles, scopes, ...reach, createdAt, expiresAt: 2000 },
      },
      { type: 'TokenRevoked', actor: 'person:kim', token: 'tok_kim', data: { id, person, revokedAt: createdAt } },
    ])
  })

  it('a token that one control plane revoked is revoked for every other one, and for the next start', async () => {
    const { open, tokens, issued } = await issueWith()
    assert(issued.ok)
    const { secret, token } = issued.value
    const other = open()
    assert.notEqual(await other.tokens.authenticate(secret), null)
    await tokens.revoke(token.id, ALEX)
    assert.equal(await other.tokens.authenticate(secret), null)
    assert.equal(await open().tokens.authenticate(secret), null)
  })
})

describe('tokens while the database is away', () => {
  for (const state of ['away', 'hangs'] as const) {
    it(`who was let in before is let in, and who was revoked or expired is not: it ${state}`, async () => {
      const { becomes, clock, tokens, issued, now } = await issueWith()
      const other = await tokens.issue({ ...request, name: 'other' }, ALEX)
      assert(issued.ok && other.ok)
      await tokens.revoke(other.value.token.id, ALEX)
      becomes(state)
      const authenticated = async (secret: string) => {
        const asked = tokens.authenticate(secret)
        await clock.settle()
        await clock.advance(1000)
        return asked
      }
      assert.equal((await authenticated(issued.value.secret))?.actor.id, 'ci:github')
      assert.equal(await authenticated(other.value.secret), null)
      now.at = 2000
      assert.equal(await authenticated(issued.value.secret), null)
    })
  }

  it('an unknown secret is not called invalid: nobody could be asked', async () => {
    const { becomes, tokens } = house()
    becomes('away')
    await assert.rejects(tokens.authenticate(`stw_${'A'.repeat(43)}`), StoreUnavailableError)
  })

  it('nobody who shows a token waits for a write; the last use is written down later, and again after a failure', async () => {
    const { becomes, clock, log, tokens, tokenStore, issued } = await issueWith()
    assert(issued.ok)
    await tokens.authenticate(issued.value.secret)
    const kept = async () => (await log.tokens())[0]?.lastUsedAt
    assert.equal(await kept(), null)
    assert.equal((await tokens.list())[0]?.lastUsedAt, 1000)
    becomes('away')
    const failures: unknown[] = []
    const ending = new AbortController()
    const running = tokenStore.keepFresh(ending.signal, (error) => void failures.push(error))
    await clock.settle()
    assert.equal(failures.length, 2)
    becomes('there')
    await clock.advance(15_000)
    assert.equal(await kept(), 1000)
    ending.abort()
    await running
  })
})

describe('tokens.json of an earlier version', () => {
  const old = ({ id, hash, revokedAt }: Pick<StoredToken, 'id' | 'hash' | 'revokedAt'>) => ({
    id,
    hash,
    name: id,
    person: 'person:kim',
    roles: [],
    scopes: ['read'],
    createdAt: 1,
    expiresAt: null,
    lastUsedAt: 5,
    revokedAt,
  })

  it('is taken over once, revoked tokens as revoked, and put aside', async (test) => {
    const folder = await folderOf(test)
    const file = join(folder, 'tokens.json')
    const { tokenStore, log, open } = house()
    const tokens = [
      old({ id: 'tok_a', hash: 'a'.repeat(64), revokedAt: null }),
      old({ id: 'tok_b', hash: 'b'.repeat(64), revokedAt: instant(4) }),
    ]
    await writeFile(file, JSON.stringify(tokens.slice(0, 1)))
    assert.equal(await importTokenFile(tokenStore, file), 1)
    // A start that was killed before the file was put aside.
    await writeFile(file, JSON.stringify(tokens))
    assert.equal(await importTokenFile(tokenStore, file), 1)
    assert.equal(await importTokenFile(tokenStore, file), 0)
    assert.deepEqual(await readdir(folder), ['tokens.json.imported'])
    const everywhere = { services: null, environments: null }
    assert.deepEqual(
      await open().tokenStore.list(),
      tokens.map((token) => ({ ...token, ...everywhere })),
    )
    const types = (await log.readAll(0, 10)).map(({ stream, type, actor }) => `${stream} ${type} ${actor}`)
    assert.deepEqual(types, [
      'token-tok_a TokenIssued system',
      'token-tok_b TokenIssued system',
      'token-tok_b TokenRevoked system',
    ])
  })

  it('says which file is broken and what to do', async (test) => {
    const folder = await folderOf(test)
    const file = join(folder, 'tokens.json')
    for (const text of ['[{', '{}', '[{}]', '["a"]', '[null]']) {
      await writeFile(file, text)
      const broken = (error: Error) => error.message.includes(file)
      await assert.rejects(importTokenFile(house().tokenStore, file), broken, text)
    }
  })
})

describe('the local token', () => {
  it('is made once, for its owner only, and again when it is no longer valid', async (test) => {
    const folder = await folderOf(test)
    const { tokens } = house()
    const secret = await ensureLocalToken(tokens, folder)
    assert.equal(await ensureLocalToken(tokens, folder), secret)
    assert.equal((await readFile(join(folder, 'local-token'), 'utf8')).trim(), secret)
    assert.equal((await stat(join(folder, 'local-token'))).mode & 0o777, 0o600)
    const identity = await tokens.authenticate(secret)
    assert.deepEqual(identity?.scopes, ['admin'])
    await tokens.revoke(identity.token, CONTROL_PLANE)
    assert.notEqual(await ensureLocalToken(tokens, folder), secret)
  })
})
