/** Tokens of CI jobs, verified with `jose` (RFC 7519, 8725): signature, issuer, audience, times; and read as a job. */
import { decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose'
import type { CiGrant } from '../../../core/ci.ts'
import { quote, say, type Sentence } from '../../../core/say.ts'
import { instant } from '../../../core/time.ts'
import type { Clock } from '../../../ports/clock.ts'
import { AUDIENCE, type ForgeTokens, type ForgeVerdict } from '../../../ports/identity.ts'
import { jobOf } from './claims.ts'
import { type HttpOf, issuerKeys, NoKeys } from './keys.ts'

/** Public keys only: with a shared secret, or none, anybody who knows the public key could sign. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']
/** How far two clocks may be apart. */
const TOLERANCE_S = 30
/** A forge's token is good for minutes; one that says years is none of a forge. */
const AGE_MAX_S = 24 * 3600
const TOKEN_MAX = 16_384

export function createForgeTokens({ httpOf, clock }: { readonly httpOf: HttpOf; readonly clock: Clock }): ForgeTokens {
  const keysOf = issuerKeys(httpOf, clock)
  return {
    async verify(token, issuers, signal) {
      const claimed = issuerOf(token)
      if (claimed === null) return refused(say`it is no token of a CI job`)
      const known = issuers.filter(({ issuer }) => issuer === claimed)
      const [first] = known
      if (first === undefined) return refused(say`nothing here lets in jobs of ${quote(claimed)}`)
      try {
        const { payload } = await jwtVerify(token, keysOf(first.issuer, signal), {
          issuer: [first.issuer, `${first.issuer}/`],
          audience: AUDIENCE,
          algorithms: ALGORITHMS,
          clockTolerance: TOLERANCE_S,
          maxTokenAge: AGE_MAX_S,
          requiredClaims: ['exp', 'iat', 'jti'],
          currentDate: new Date(clock.now()),
        })
        return verdictOf(known, payload)
      } catch (error) {
        const verdict = verdictOn(error, first.issuer)
        if (verdict !== null) return verdict
        throw error
      }
    },
  }
}

/** Null: nothing that a token or an issuer can be blamed for. */
function verdictOn(error: unknown, issuer: string): ForgeVerdict | null {
  if (error instanceof NoKeys) return { ok: false, kind: 'unavailable', said: error.said }
  if (error instanceof errors.JOSEError) return refused(whyOf(error))
  // A key of the set that is no key: the forge's to mend.
  const isOfKey = error instanceof DOMException || error instanceof TypeError
  return isOfKey ? { ok: false, kind: 'unavailable', said: say`${issuer} names a key that cannot be used` } : null
}

/** Not believed: it only says whose keys to ask. */
function issuerOf(token: string): string | null {
  if (token.length > TOKEN_MAX) return null
  try {
    return decodeJwt(token).iss?.replace(/\/$/, '') ?? null
  } catch {
    // No token at all: whoever sent it is told so.
    return null
  }
}

/** One address may sign for forges of both kinds: what it says of the job tells which. */
function verdictOf(known: readonly Pick<CiGrant, 'forge' | 'issuer'>[], payload: JWTPayload): ForgeVerdict {
  const job = known.map(({ forge, issuer }) => jobOf(forge, issuer, payload)).find((read) => read !== null)
  const [{ forge, issuer } = { forge: '', issuer: '' }] = known
  if (job === undefined || job === null) return refused(say`it lacks what a token of ${forge} says of a job`)
  if (!isConsistent(payload)) return refused(say`its subject names another repository than its other claims`)
  return { ok: true, job, id: `${issuer} ${payload.jti}`, expiresAt: instant(payload.exp! * 1000) }
}

/**
 * `sub` of GitHub, in both of its forms: `repo:octo/shop:…`, and since 2026 `repo:octo@45/shop@123:…`. It is compared with the ids
 * where it has them, and never believed by itself.
 */
function isConsistent({ sub = '', ...claims }: JWTPayload): boolean {
  const [, owner, repository] = /^repo:[^:@/]+@(\d+)\/[^:@/]+@(\d+)(?::|$)/.exec(sub) ?? []
  if (owner === undefined) return true
  return String(claims['repository_owner_id']) === owner && String(claims['repository_id']) === repository
}

function whyOf(error: errors.JOSEError): Sentence {
  if (error instanceof errors.JWTExpired) return say`it has expired`
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud') return say`it is not for "${AUDIENCE}": ask for it with that audience`
    if (error.claim === 'nbf' || error.claim === 'iat') return say`it is not valid yet: do the clocks agree?`
    return say`its claim "${error.claim}" is missing or wrong`
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return say`it is not signed with a public key`
  if (error instanceof errors.JWKSNoMatchingKey) return say`it is signed by a key that its issuer does not have`
  return say`its signature is wrong`
}

function refused(said: Sentence): ForgeVerdict {
  return { ok: false, kind: 'refused', said }
}
