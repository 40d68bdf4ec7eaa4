/**
 * Tokens in the store, for all control planes that share its database. Each issue and each revocation is an event, in the
 * transaction that makes it count.
 *
 * Whoever shows a token waits for one read and never for a write. While the database does not answer, or answers too
 * slowly, what it last said counts: a full disk or a database that is away must not lock out who wants to roll back. A
 * revocation is heard by whoever asks the database; by others within `REFRESH_MS` at the latest.
 */
import type { Json } from '../../core/json.ts'
import { after, type Instant } from '../../core/time.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Caller, Inserted, StoredToken, TokenStore } from '../../ports/identity.ts'
import { issuedData } from './token-projection.ts'
import type { NewEvent, Store, StoreTransaction } from '../../ports/store.ts'
import type { OnceKey } from '../../ports/identity.ts'

export type TokenStoreDeps = {
  readonly store: Store
  readonly clock: Clock
}

export interface SharedTokenStore extends TokenStore {
  /** Writes down last uses and hears of others' revocations, again and again until `signal` aborts. */
  keepFresh(signal: AbortSignal, failed: (error: unknown) => void): Promise<void>
  /** Writes down the last uses now. */
  flush(): Promise<void>
}

const REFRESH_MS = 15_000
/** A database that takes longer to find one row by its key is as good as away. */
const PATIENCE_MS = 1000

export function createTokenStore(deps: TokenStoreDeps): SharedTokenStore {
  return new TokensInStore(deps)
}

class TokensInStore implements SharedTokenStore {
  readonly #store: Store
  readonly #clock: Clock
  /** By hash, as the database last said. */
  readonly #known = new Map<string, StoredToken>()
  /** Last uses that are not written down yet. */
  readonly #uses = new Map<string, Instant>()

  constructor({ store, clock }: TokenStoreDeps) {
    this.#store = store
    this.#clock = clock
  }

  async insert(token: StoredToken, by: Caller, once: OnceKey | null = null): Promise<Inserted> {
    const inserted = await this.#store.transact(async (tx): Promise<Inserted> => {
      const before = once && (await tx.claim(once))
      if (before?.kind === 'other') return before
      if (before?.kind === 'known') return madeBefore(tx, before.answer)
      await insertNew(tx, token, by)
      if (once) await tx.answer(once, { token: token.id })
      return { kind: 'inserted', token }
    })
    if (inserted.kind !== 'other') this.#learn(inserted.token)
    return inserted
  }

  async list(): Promise<readonly StoredToken[]> {
    const tokens = await this.#store.tokens()
    for (const token of tokens) this.#learn(token)
    return tokens.map((token) => this.#withUse(token))
  }

  async findByHash(hash: string): Promise<StoredToken | null> {
    const asked = this.#store.tokenByHash(hash)
    const kept = this.#known.get(hash)
    const found = await (kept === undefined ? asked : inTime(asked, this.#clock, kept))
    if (found === null) this.#known.delete(hash)
    else this.#learn(found)
    return found && this.#withUse(found)
  }

  touch(id: string, at: Instant): void {
    this.#uses.set(id, at)
  }

  async revoke(id: string, at: Instant, by: Caller): Promise<boolean> {
    const token = await this.#store.transact(async (tx) => {
      const found = await tx.token(id)
      if (found === null || found.revokedAt !== null) return found
      const row = await tx.lock(streamOf(id))
      const ended = { ...found, revokedAt: at }
      await tx.append(streamOf(id), row?.version ?? 0, [revoked(ended, by)])
      await tx.saveToken(ended)
      return ended
    })
    if (token !== null) this.#learn(token)
    return token !== null
  }

  async flush(): Promise<void> {
    if (this.#uses.size === 0) return
    const some = new Map(this.#uses)
    await this.#store.touchTokens(some)
    for (const [id, at] of some) if (this.#uses.get(id) === at) this.#uses.delete(id)
  }

  async keepFresh(signal: AbortSignal, failed: (error: unknown) => void): Promise<void> {
    while (!signal.aborted) {
      await this.list().catch(failed)
      await this.flush().catch(failed)
      await this.#clock.sleepUntil(after(this.#clock.now(), REFRESH_MS), signal).catch(() => undefined)
    }
  }

  #withUse(token: StoredToken): StoredToken {
    return { ...token, lastUsedAt: this.#uses.get(token.id) ?? token.lastUsedAt }
  }

  #learn(token: StoredToken): void {
    this.#known.set(token.hash, token)
  }
}

async function insertNew(tx: StoreTransaction, token: StoredToken, by: Caller): Promise<void> {
  if ((await tx.token(token.id)) !== null) throw new Error('the token exists already')
  const events = [issued(token, by), ...(token.revokedAt === null ? [] : [revoked(token, by)])]
  await tx.append(streamOf(token.id), 0, events)
  await tx.saveToken(token)
}

/** The key may have been used for something else that has an answer, which is then of no token. */
async function madeBefore(tx: StoreTransaction, answer: Json): Promise<Inserted> {
  const { token: id } = answer as { readonly token?: string }
  const token = id === undefined ? null : await tx.token(id)
  return token === null ? { kind: 'other' } : { kind: 'known', token }
}

/** What the database says, or `kept` where it fails or takes too long. */
async function inTime<T>(asked: Promise<T>, clock: Clock, kept: T): Promise<T> {
  const answered = new AbortController()
  const late = clock.sleepUntil(after(clock.now(), PATIENCE_MS), answered.signal).then(
    () => kept,
    () => kept,
  )
  try {
    return await Promise.race([asked.catch(() => kept), late])
  } finally {
    answered.abort()
  }
}

function streamOf(id: string): string {
  return `token-${id}`
}

function issued(token: StoredToken, by: Caller): NewEvent {
  return caused('TokenIssued', issuedData(token), by)
}

function revoked({ id, person, revokedAt }: StoredToken, by: Caller): NewEvent {
  return caused('TokenRevoked', { id, person, revokedAt }, by)
}

function caused(type: string, data: NewEvent['data'], { actor, token }: Caller): NewEvent {
  return { type, data, actor, ...(token === null ? {} : { token }) }
}
