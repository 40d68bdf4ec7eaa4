import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Instant } from '../../core/time.ts'
import {
  type Identity,
  SCOPES,
  type StoredToken,
  type TokenFacts,
  type TokenProblem,
  type Tokens,
  type TokenStore,
  type TokenWish,
} from '../../ports/identity.ts'

/** `lastUsedAt` is written at most this often per token, so that reading needs no write. */
const TOUCH_EVERY_MS = 60_000
const SECRET = /^stw_[A-Za-z0-9_-]{43}$/
const PERSON = /^(?:person|ci|system):[a-z0-9][a-z0-9._-]{0,62}$/
const ROLE = /^[a-z][a-z0-9-]{0,62}$/

export type TokensDeps = {
  readonly store: TokenStore
  readonly now: () => Instant
  /** For tests; default is the system's randomness. */
  readonly random?: (bytes: number) => Buffer
}

/** Tokens are `stw_` and 32 random bytes in base64url; only their SHA-256 is kept. */
export function createTokens({ store, now, random = randomBytes }: TokensDeps): Tokens {
  return {
    async issue(wish, by) {
      const problems = wishProblems(wish, now())
      if (problems.length > 0) return { ok: false, problems }
      const secret = `stw_${random(32).toString('base64url')}`
      const token = newToken(wish, hashOf(secret), now(), random(9).toString('base64url'))
      await store.insert(token, by)
      return { ok: true, value: { secret, token: factsOf(token) } }
    },
    async authenticate(secret) {
      if (!SECRET.test(secret)) return null
      const hash = hashOf(secret)
      const token = await store.findByHash(hash)
      if (!token || !sameHash(token.hash, hash) || !isValid(token, now())) return null
      touch(store, token, now())
      return identityOf(token)
    },
    async list() {
      return (await store.list()).map(factsOf)
    },
    revoke: (id, by) => store.revoke(id, now(), by),
  }
}

function newToken(wish: TokenWish, hash: string, at: Instant, id: string): StoredToken {
  const { name, person, roles, scopes, expiresAt, services = null, environments = null } = wish
  const fresh = { createdAt: at, expiresAt, lastUsedAt: null, revokedAt: null }
  const lists = { roles: [...new Set(roles)], scopes: [...new Set(scopes)], services, environments }
  return { id: `tok_${id}`, hash, name, person, ...lists, ...fresh }
}

/** Every way in which a wish cannot become a token. An e-mail address is refused: people are pseudonymous (law L11). */
function wishProblems(wish: TokenWish, now: Instant): readonly TokenProblem[] {
  const problems: TokenProblem[] = []
  const name = wish.name.trim()
  if (name === '' || name.length > 100) problems.push({ where: 'name', message: 'must have 1 to 100 characters' })
  if (!PERSON.test(wish.person)) {
    const message = `"${wish.person}" must be a pseudonym such as person:alex or ci:github, never a name or an e-mail address`
    problems.push({ where: 'person', message })
  }
  for (const role of wish.roles.filter((role) => !ROLE.test(role))) {
    problems.push({ where: 'roles', message: `"${role}" must be written like release-captain` })
  }
  for (const scope of wish.scopes.filter((scope) => !SCOPES.includes(scope))) {
    problems.push({ where: 'scopes', message: `"${scope}" must be one of ${SCOPES.join(', ')}` })
  }
  if (wish.scopes.length === 0) problems.push({ where: 'scopes', message: `must name one of ${SCOPES.join(', ')}` })
  if (wish.expiresAt !== null && wish.expiresAt <= now) {
    problems.push({ where: 'expiresAt', message: 'must be in the future' })
  }
  return problems
}

function isValid(token: StoredToken, now: Instant): boolean {
  return token.revokedAt === null && (token.expiresAt === null || now < token.expiresAt)
}

function touch(store: TokenStore, token: StoredToken, now: Instant): void {
  if (token.lastUsedAt === null || now - token.lastUsedAt >= TOUCH_EVERY_MS) store.touch(token.id, now)
}

function identityOf({ id, person, roles, scopes, services, environments }: StoredToken): Identity {
  return { token: id, actor: { id: person, roles, token: id }, scopes, reach: { services, environments } }
}

function factsOf(token: StoredToken): TokenFacts {
  const { hash: _, ...facts } = token
  return facts
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

function sameHash(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right))
}
