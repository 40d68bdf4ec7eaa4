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
const AFTER_FAILURE_MS = 2000
const AT_MOST_MS = 24 * 3_600_000

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
  const issuers = new IssuerKeys(httpOf, clock)
  /** Throws `NoKeys` where they cannot be read and none are known. */
  return (issuer: string, signal: AbortSignal): JWTVerifyGetKey =>
    async (header, token) =>
      issuers.keyFor(issuer, { signal, pick: ({ keys }) => keys(header, token) })
}

type Wanted = { readonly signal: AbortSignal; readonly pick: (kept: Kept) => ReturnType<JWTVerifyGetKey> }

class IssuerKeys {
  readonly #httpOf: HttpOf
  readonly #clock: Clock
  readonly #known = new Map<string, Kept>()
  readonly #asked = new Map<string, Promise<Kept>>()
  readonly #failed = new Map<string, { readonly at: number; readonly error: unknown }>()

  constructor(httpOf: HttpOf, clock: Clock) {
    this.#httpOf = httpOf
    this.#clock = clock
  }

  async keyFor(issuer: string, { signal, pick }: Wanted): Promise<Awaited<ReturnType<JWTVerifyGetKey>>> {
    const before = this.#known.get(issuer)
    const isOld = before === undefined || this.#age(before) >= KEPT_MS
    const kept = isOld
      ? await this.#fresh(issuer, signal).catch((error: unknown) => this.#orKept(before, error))
      : before
    try {
      return await pick(kept)
    } catch (error) {
      // A key that is new since: the forge changed its keys.
      const newest = this.#known.get(issuer) ?? kept
      if (!(error instanceof errors.JWKSNoMatchingKey) || this.#age(newest) < AGAIN_MS) throw error
      return pick(await this.#fresh(issuer, signal))
    }
  }

  /** Asked once at a time, and not again at once after a failure: strangers must not have us ask all day. */
  async #fresh(issuer: string, signal: AbortSignal): Promise<Kept> {
    const before = this.#failed.get(issuer)
    if (before !== undefined && this.#age(before) < AFTER_FAILURE_MS) throw before.error
    const running = this.#asked.get(issuer) ?? this.#read(issuer, signal).finally(() => this.#asked.delete(issuer))
    this.#asked.set(issuer, running)
    return running
  }

  async #read(issuer: string, signal: AbortSignal): Promise<Kept> {
    try {
      const kept = { keys: createLocalJWKSet(await readKeys(this.#httpOf, issuer, signal)), at: this.#clock.now() }
      this.#known.set(issuer, kept)
      this.#failed.delete(issuer)
      return kept
    } catch (error) {
      this.#failed.set(issuer, { at: this.#clock.now(), error })
      throw error
    }
  }

  /** A forge that is away does not make what it signed before any less true; for a day, since it may have withdrawn a key. */
  #orKept(before: Kept | undefined, error: unknown): Kept {
    if (before === undefined || this.#age(before) >= AT_MOST_MS) throw error
    return before
  }

  #age({ at }: { readonly at: number }): number {
    return this.#clock.now() - at
  }
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
