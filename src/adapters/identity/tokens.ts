import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { looksLike, personOf, readPerson } from '../../core/person.ts'
import type { Instant } from '../../core/time.ts'
import {
  type Identity,
  type Inserted,
  SCOPES,
  type StoredToken,
  type TokenFacts,
  type TokenProblem,
  type Tokens,
  type TokenStore,
  type NewToken,
} from '../../ports/identity.ts'
import type { OnceKey } from '../../ports/identity.ts'

/** `lastUsedAt` is written at most this often per token, so that reading needs no write. */
const TOUCH_EVERY_MS = 60_000
const SECRET = /^stw_[A-Za-z0-9_-]{43}$/
const PLACE = /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/
const ROLE = /^[a-z][a-z0-9-]{0,62}$/

export type TokensDeps = {
  readonly store: TokenStore
  readonly now: () => Instant
  /** For tests; default is the system's randomness. */
  readonly random?: (bytes: number) => Buffer
  /** From it come the secrets of requests that may be repeated, so that none has to be kept; default: this process's own. */
  readonly secretKey?: Uint8Array
}

/** Tokens are `stw_` and 32 random bytes in base64url; only their SHA-256 is kept. */
export function createTokens({ store, now, random = randomBytes, secretKey = randomBytes(32) }: TokensDeps): Tokens {
  return {
    async issue(given, by, once = null) {
      const request = { ...given, person: personOf(given.person) }
      const problems = [...problemsOf(request, now()), ...lookalikesOf(request.person, await store.list())]
      if (problems.length > 0) return { ok: false, problems }
      const secret = `stw_${(once ? repeatable(once, secretKey) : random(32)).toString('base64url')}`
      const token = newToken(request, hashOf(secret), now(), random(9).toString('base64url'))
      return issuedOrKnown(await store.insert(token, by, once), secret)
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

function newToken(request: NewToken, hash: string, at: Instant, id: string): StoredToken {
  const { name, person, roles, scopes, expiresAt, services = null, environments = null } = request
  const fresh = { createdAt: at, expiresAt, lastUsedAt: null, revokedAt: null }
  const lists = { roles: [...new Set(roles)], scopes: [...new Set(scopes)], services, environments }
  return { id: `tok_${id}`, hash, name, person, ...lists, ...fresh }
}

/** Every way in which a request cannot become a token. An e-mail address is refused: people are pseudonymous (law L11). */
function problemsOf(request: NewToken, now: Instant): readonly TokenProblem[] {
  const problems: TokenProblem[] = []
  const name = request.name.trim()
  if (name === '' || name.length > 100) problems.push({ where: 'name', message: 'must have 1 to 100 characters' })
  const person = readPerson(request.person)
  if (!person.ok) problems.push({ where: 'person', message: `"${request.person}" ${person.why}` })
  for (const role of request.roles.filter((role) => !ROLE.test(role))) {
    problems.push({ where: 'roles', message: `"${role}" must be written like release-captain` })
  }
  for (const scope of request.scopes.filter((scope) => !SCOPES.includes(scope))) {
    problems.push({ where: 'scopes', message: `"${scope}" must be one of ${SCOPES.join(', ')}` })
  }
  if (request.scopes.length === 0) problems.push({ where: 'scopes', message: `must name one of ${SCOPES.join(', ')}` })
  for (const where of ['services', 'environments'] as const) {
    for (const name of (request[where] ?? []).filter((each) => !PLACE.test(each))) {
      problems.push({ where, message: `"${name}" is the name of none; it must be written like lokaltreu or prod` })
    }
  }
  if (request.expiresAt !== null && request.expiresAt <= now) {
    problems.push({ where: 'expiresAt', message: 'must be in the future' })
  }
  return problems
}

/** An id that an eye takes for another one's would be a second pair of eyes for one person (law L7). */
function lookalikesOf(person: string, tokens: readonly StoredToken[]): readonly TokenProblem[] {
  const others = tokens.filter(({ person: known, revokedAt }) => revokedAt === null && known !== person)
  const other = others.find(({ person: known }) => looksLike(known) === looksLike(person))
  if (!other) return []
  const message = `"${person}" can be taken for "${other.person}", who has a token (${other.id}); if it is one person, use that id, or give this one another`
  return [{ where: 'person', message }]
}

/** The secret for one key of one sender and one request: the same again for a repetition, unknown without `secretKey`. */
function repeatable({ owner, key, fingerprint }: OnceKey, secretKey: Uint8Array): Buffer {
  return createHmac('sha256', secretKey)
    .update(JSON.stringify(['token', owner, key, fingerprint]))
    .digest()
}

function issuedOrKnown(inserted: Inserted, secret: string): Awaited<ReturnType<Tokens['issue']>> {
  if (inserted.kind === 'other') return refusedKey('was used for another request before; send a new key')
  const { token } = inserted
  if (token.hash !== hashOf(secret))
    return refusedKey(
      `made ${token.id} before, under another key of the control plane: its secret cannot be shown again`,
    )
  return { ok: true, value: { secret, token: factsOf(token) } }
}

function refusedKey(why: string): Awaited<ReturnType<Tokens['issue']>> {
  return { ok: false, problems: [{ where: 'header.idempotency-key', message: `this Idempotency-Key ${why}` }] }
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
