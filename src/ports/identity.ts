import type { CiGrant, CiJob } from '../core/ci.ts'
import type { Sentence } from '../core/say.ts'
import type { Actor } from '../core/rollout/inputs.ts'
import type { Instant } from '../core/time.ts'
import type { Json } from '../core/json.ts'

/** What a token may do. Roles (who may give which approval) are another matter: the core judges them (law L7). */
export const SCOPES = ['read', 'deploy', 'approve', 'intervene', 'policy', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/**
 * What each scope includes; the routes say which one they need. Nobody but `admin` includes `approve` beside `deploy`:
 * whoever asks is not whom is asked.
 */
export const INCLUDED: Readonly<Record<Scope, readonly Scope[]>> = {
  read: ['read'],
  deploy: ['read', 'deploy', 'intervene'],
  approve: ['read', 'approve'],
  intervene: ['read', 'intervene'],
  policy: ['read', 'policy'],
  admin: SCOPES,
}

export function includesScope(held: readonly Scope[], wanted: Scope): boolean {
  return held.some((scope) => INCLUDED[scope].includes(wanted))
}

/** Where a token counts: the services and environments named, or every one where it is null. */
export type TokenReach = {
  readonly services: readonly string[] | null
  readonly environments: readonly string[] | null
}

/** Whether a token counts for what concerns this service and this environment. */
export function reaches(
  reach: TokenReach,
  at: { readonly service: string; readonly environment: string | null },
): boolean {
  const { services, environments } = reach
  const isEnvironment = environments === null || (at.environment !== null && environments.includes(at.environment))
  return isEnvironment && (services === null || services.includes(at.service))
}

/** Who is calling, once a token has been recognised. `actor.token` is the token's id: the events of a request name it. */
export type Identity = {
  readonly token: string
  readonly actor: Actor
  readonly scopes: readonly Scope[]
  readonly reach: TokenReach
}

/** On whose behalf a token is issued or revoked; `token` is null for the control plane itself. */
export type Caller = { readonly actor: string; readonly token: string | null }

export const CONTROL_PLANE: Caller = { actor: 'system', token: null }

/** What may be shown of a token: everything but the secret and its hash. */
export type TokenFacts = TokenReach & {
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

export type NewToken = Partial<TokenReach> & {
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
 * 1. `issue` refuses a request that is not well-formed and answers every problem with it.
 * 2. `authenticate` answers null for a secret that is unknown, expired or revoked, and does not tell which.
 * 3. `revoke` of an unknown id answers false; of a revoked one true (law L12).
 * 4. `issue` with `once`: a repetition answers the same token with the same secret, which is not kept for that either.
 * 5. Issue and revocation are events of the log, in the stream `token-<id>`. They hold no secret and no name; by the hash that
 *    stands there the table of tokens can be made again (law L2), and nobody gets in.
 */
export interface Tokens {
  issue(
    request: NewToken,
    by: Caller,
    once?: OnceKey | null,
  ): Promise<
    | { readonly ok: true; readonly value: IssuedToken }
    | { readonly ok: false; readonly problems: readonly TokenProblem[] }
  >
  authenticate(secret: string): Promise<Identity | null>
  list(): Promise<readonly TokenFacts[]>
  revoke(id: string, by: Caller): Promise<boolean>
}

/** `known`: the token that the first request of this key made; this one was not inserted. `other`: it made something else. */
export type Inserted = { readonly kind: 'inserted' | 'known'; readonly token: StoredToken } | { readonly kind: 'other' }

/** Where tokens are kept. All methods are atomic; `insert` of a known id or hash throws. */
export interface TokenStore {
  insert(token: StoredToken, by: Caller, once?: OnceKey | null): Promise<Inserted>
  list(): Promise<readonly StoredToken[]>
  /**
   * Asks the database, and goes by what it last said while that does not answer: who has a token gets in while the
   * database is away. Throws `StoreUnavailableError` for one that was never seen.
   */
  findByHash(hash: string): Promise<StoredToken | null>
  /** Sets `lastUsedAt` some time later: nobody who shows a token waits for a write. Unknown ids are ignored. */
  touch(id: string, at: Instant): void
  /** Sets `revokedAt` unless it is set; false when there is no such token. */
  revoke(id: string, at: Instant, by: Caller): Promise<boolean>
}

/** A request that its sender may repeat. `fingerprint` stands for all that it asks: a repetition asks the very same. */
export type OnceKey = { readonly owner: string; readonly key: string; readonly fingerprint: string }

/** `first`: nobody was answered under this key. `other`: somebody was, and had asked something else. */
export type Recalled =
  | { readonly kind: 'first' }
  | { readonly kind: 'known'; readonly answer: Json }
  | { readonly kind: 'other' }

/** What a forge's token of a job says, verified; or why it cannot be believed. */
export type ForgeVerdict =
  | { readonly ok: true; readonly job: CiJob; readonly id: string; readonly expiresAt: Instant }
  /** `refused`: it will never do. `unavailable`: the forge's keys could not be read just now. */
  | { readonly ok: false; readonly kind: 'refused' | 'unavailable'; readonly said: Sentence }

/**
 * Recognises the tokens that a forge gives the jobs of its CI (OpenID Connect).
 *
 * 1. `issuers` are the only ones whose keys are asked for: nobody makes us look up an address of his own.
 * 2. A token counts while it is valid, for `AUDIENCE` alone, signed by a key of its issuer with an algorithm of public keys.
 * 3. `id` is the token's own (`jti`) with its issuer: whoever accepts one accepts each once.
 */
export interface ForgeTokens {
  verify(
    token: string,
    issuers: readonly Pick<CiGrant, 'forge' | 'issuer'>[],
    signal: AbortSignal,
  ): Promise<ForgeVerdict>
}

/** What a job asks its token for, `aud`. */
export const AUDIENCE = 'stellwerk'
