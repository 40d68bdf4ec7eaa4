import type { Actor } from '../core/rollout/inputs.ts'
import type { Instant } from '../core/time.ts'

/**
 * What a token may do. `deploy` and `approve` include `read`; `admin` includes everything. Roles (who may give which
 * approval) are another matter: the core judges them (law L7).
 */
export const SCOPES = ['read', 'deploy', 'approve', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

export function includesScope(held: readonly Scope[], wanted: Scope): boolean {
  return held.includes(wanted) || held.includes('admin') || (wanted === 'read' && held.length > 0)
}

/** Who is calling, once a token has been recognised. */
export type Identity = { readonly token: string; readonly actor: Actor; readonly scopes: readonly Scope[] }

/** What may be shown of a token: everything but the secret and its hash. */
export type TokenFacts = {
  readonly id: string
  /** For people: `ci of lokaltreu`. */
  readonly name: string
  /** Pseudonymous (law L11): `person:alex`, `ci:github`. */
  readonly person: string
  readonly roles: readonly string[]
  readonly scopes: readonly Scope[]
  readonly createdAt: Instant
  /** Null: never. */
  readonly expiresAt: Instant | null
  readonly lastUsedAt: Instant | null
  readonly revokedAt: Instant | null
}

/** `hash` is the SHA-256 of the secret in hex; the secret itself is shown once and kept nowhere. */
export type StoredToken = TokenFacts & { readonly hash: string }

export type TokenWish = {
  readonly name: string
  readonly person: string
  readonly roles: readonly string[]
  readonly scopes: readonly Scope[]
  readonly expiresAt: Instant | null
}

export type IssuedToken = { readonly secret: string; readonly token: TokenFacts }

export type TokenProblem = { readonly where: string; readonly message: string }

/**
 * Hands out and recognises API tokens.
 *
 * 1. `issue` refuses a wish that is not well-formed and answers every problem with it.
 * 2. `authenticate` answers null for a secret that is unknown, expired or revoked, and does not tell which.
 * 3. `revoke` of an unknown id answers false; of a revoked one true (law L12).
 */
export interface Tokens {
  issue(
    wish: TokenWish,
  ): Promise<
    | { readonly ok: true; readonly value: IssuedToken }
    | { readonly ok: false; readonly problems: readonly TokenProblem[] }
  >
  authenticate(secret: string): Promise<Identity | null>
  list(): Promise<readonly TokenFacts[]>
  revoke(id: string): Promise<boolean>
}

/** Where tokens are kept. All methods are atomic; `insert` of a known id or hash throws. */
export interface TokenStore {
  insert(token: StoredToken): Promise<void>
  list(): Promise<readonly StoredToken[]>
  findByHash(hash: string): Promise<StoredToken | null>
  /** Sets `lastUsedAt`; unknown ids are ignored. */
  touch(id: string, at: Instant): Promise<void>
  /** Sets `revokedAt` unless it is set; false when there is no such token. */
  revoke(id: string, at: Instant): Promise<boolean>
}
