/** The public keys of an issuer: its discovery document, then the keys that it names, kept for a while. */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import { say, type Sentence, quote } from '../../../core/say.ts'
import type { Http } from '../../../ports/adapter.ts'
import type { Clock } from '../../../ports/clock.ts'

const TIME_LIMIT_MS = 5000
const SIZE_LIMIT = 262_144
/** Keys that were read so long ago are read again; one that is unknown has them read again, but not more often than this. */
const KEPT_MS = 10 * 60_000
const AGAIN_MS = 30_000

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.string() })
const Keys = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) })

/** Reads nothing but the issuer's own host. */
export type HttpOf = (host: string) => Http

/** Why there are no keys, for people. */
export class NoKeys extends Error {
  readonly said: Sentence
  constructor(said: Sentence) {
    super('no keys')
    this.said = said
  }
}

type Kept = { readonly keys: JWTVerifyGetKey; readonly at: number }

export function issuerKeys(httpOf: HttpOf, clock: Clock) {
  const known = new Map<string, Kept>()

  async function fresh(issuer: string, signal: AbortSignal): Promise<Kept> {
    const kept = { keys: createLocalJWKSet(await readKeys(httpOf, issuer, signal)), at: clock.now() }
    known.set(issuer, kept)
    return kept
  }

  /** Throws `NoKeys` where they cannot be read and none are known. */
  return function keysOf(issuer: string, signal: AbortSignal): JWTVerifyGetKey {
    return async (header, token) => {
      const before = known.get(issuer)
      const isOld = before === undefined || clock.now() - before.at >= KEPT_MS
      // A forge that is away does not make what it signed before any less true.
      const { keys, at } = isOld ? await fresh(issuer, signal).catch((error: unknown) => orKept(before, error)) : before
      try {
        return await keys(header, token)
      } catch (error) {
        // A key that is new since: the forge changed its keys.
        if (!(error instanceof errors.JWKSNoMatchingKey) || clock.now() - at < AGAIN_MS) throw error
        return (await fresh(issuer, signal)).keys(header, token)
      }
    }
  }
}

function orKept(before: Kept | undefined, error: unknown): Kept {
  if (before === undefined) throw error
  return before
}

async function readKeys(httpOf: HttpOf, issuer: string, signal: AbortSignal): Promise<JSONWebKeySet> {
  const { origin, host } = new URL(issuer)
  const http = httpOf(host)
  const found = await read(http, `${issuer}/.well-known/openid-configuration`, Discovery, signal)
  if (found.issuer.replace(/\/$/, '') !== issuer) {
    throw new NoKeys(say`${issuer} says of itself that it is ${quote(found.issuer)}`)
  }
  if (URL.parse(found.jwks_uri)?.origin !== origin) {
    throw new NoKeys(say`${issuer} names keys that lie elsewhere: ${quote(found.jwks_uri)}`)
  }
  return (await read(http, found.jwks_uri, Keys, signal)) as JSONWebKeySet
}

async function read<T>(http: Http, url: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
  const limits = { timeLimitMs: TIME_LIMIT_MS, sizeLimit: SIZE_LIMIT, signal }
  const answer = await http(url, { method: 'GET', headers: { accept: 'application/json' }, ...limits })
  if (!answer.ok) throw new NoKeys(say`${url}: ${quote(answer.message)}`)
  const { status, text } = answer.value
  if (status !== 200) throw new NoKeys(say`${url} answers ${status}`)
  const parsed = schema.safeParse(jsonOf(text))
  if (!parsed.success) throw new NoKeys(say`${url} answers something else than it should`)
  return parsed.data
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // What is no JSON does not fit the schema either.
    return undefined
  }
}
