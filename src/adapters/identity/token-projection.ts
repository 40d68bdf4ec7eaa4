/** Tokens, made again from the events of their issue and revocation (law L2). */
import type { Instant } from '../../core/time.ts'
import type { TokenFacts } from '../../ports/identity.ts'
import { NOTHING_BESIDE, type ProjectedToken, type Projector } from '../../ports/projection.ts'
import type { NewEvent } from '../../ports/store.ts'

/**
 * What stands in the log of a new token. `hash` is the SHA-256 of 32 random bytes: nobody finds the secret by it, nobody gets in
 * with it. The name stays outside: it is free text for people, and what stands in the log stands there for ever (law L11).
 */
export type TokenIssued = Omit<TokenFacts, 'name' | 'lastUsedAt' | 'revokedAt'> & { readonly hash: string }

/** As versions wrote it that did not say by what a token is recognised, nor when it was made. */
type AnyTokenIssued = Omit<TokenIssued, 'hash' | 'createdAt'> & Partial<Pick<TokenIssued, 'hash' | 'createdAt'>>

export function issuedData(token: TokenIssued): NewEvent['data'] {
  const { id, hash, person, roles, scopes, services, environments, createdAt, expiresAt } = token
  return { id, hash, person, roles, scopes, services, environments, createdAt, expiresAt }
}

export const tokenProjector: Projector = (first) => {
  if (first.type !== 'TokenIssued' || first.forged) return null
  const { hash = null, createdAt = first.at, ...issued } = first.data as unknown as AnyTokenIssued
  let token: ProjectedToken = { ...issued, hash, createdAt, revokedAt: null }
  return {
    see({ type, at, data, forged }) {
      if (type !== 'TokenRevoked' || forged) return
      const { revokedAt = at } = data as { readonly revokedAt?: Instant }
      token = { ...token, revokedAt: token.revokedAt ?? revokedAt }
    },
    beside: () => ({ ...NOTHING_BESIDE, token }),
  }
}
