import type { Instant } from '../../core/time.ts'
import type { StoredToken, TokenStore } from '../../ports/identity.ts'

type Tokens = readonly StoredToken[]

/**
 * Keeps tokens in this process. `save` sees every new list before the change counts; when it rejects, the change did not
 * happen. Changes are made one after the other.
 */
export class MemoryTokenStore implements TokenStore {
  #tokens: Tokens
  #turn: Promise<unknown> = Promise.resolve()
  readonly #save: (tokens: Tokens) => Promise<void>

  constructor(initial: Tokens = [], save: (tokens: Tokens) => Promise<void> = async () => {}) {
    this.#tokens = initial
    this.#save = save
  }

  insert(token: StoredToken): Promise<void> {
    return this.#change((now) => {
      if (now.some(({ id, hash }) => id === token.id || hash === token.hash))
        throw new Error('the token exists already')
      return [...now, token]
    })
  }

  async list(): Promise<Tokens> {
    return this.#tokens
  }

  async findByHash(hash: string): Promise<StoredToken | null> {
    return this.#tokens.find((token) => token.hash === hash) ?? null
  }

  touch(id: string, at: Instant): Promise<void> {
    return this.#update(id, (token) => ({ ...token, lastUsedAt: at }))
  }

  async revoke(id: string, at: Instant): Promise<boolean> {
    if (!this.#tokens.some((token) => token.id === id)) return false
    await this.#update(id, (token) => ({ ...token, revokedAt: token.revokedAt ?? at }))
    return true
  }

  #update(id: string, facts: (token: StoredToken) => StoredToken): Promise<void> {
    return this.#change((now) => now.map((token) => (token.id === id ? facts(token) : token)))
  }

  async #change(next: (now: Tokens) => Tokens): Promise<void> {
    const before = this.#turn
    const done = Promise.withResolvers<void>()
    this.#turn = done.promise
    await before
    try {
      const wanted = next(this.#tokens)
      await this.#save(wanted)
      this.#tokens = wanted
    } finally {
      done.resolve()
    }
  }
}
