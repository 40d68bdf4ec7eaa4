/**
 * Reads manifests and small blobs of one repository (OCI distribution specification 1.1, §Pull). What is answered has the
 * digest that was asked for, or it is a failure: who is in between cannot change it.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { HttpAnswer } from '../../../ports/adapter.ts'
import { failure, type Failure, ok, type Result } from '../../../ports/result.ts'
import { type Challenge, readChallenge } from './challenge.ts'
import type { Credential } from './credentials.ts'
import { ask, type Wire } from './exchange.ts'
import { parsed } from './json.ts'
import { type ImageReference, isLoopback, registryOrigin } from './reference.ts'

export type Repository = {
  manifest(digest: string): Promise<Result<string>>
  blob(digest: string): Promise<Result<string>>
}

export type Asking = {
  readonly wire: Wire
  readonly image: ImageReference
  /** Null: as a stranger. */
  readonly credential: Credential | null
  readonly signal: AbortSignal
}

const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

/** Asks with what the registry wanted the last time: one token serves for the whole image. */
export function openRepository(asking: Asking): Repository {
  let authorization: string | null = null
  const origin = registryOrigin(asking.image)
  async function read(kind: 'manifests' | 'blobs', digest: string, accept: string): Promise<Result<string>> {
    const url = new URL(`${origin}/v2/${asking.image.repository}/${kind}/${digest}`)
    const get = () =>
      ask(asking.wire, {
        url,
        headers: { accept, ...(authorization !== null && { authorization }) },
        signal: asking.signal,
      })
    const first = await get()
    if (!first.ok || first.value.status !== 401) return first.ok ? content(asking, first.value, digest) : first
    const known = await authorize(asking, readChallenge(first.value.headers.get('www-authenticate')))
    if (!known.ok) return known
    authorization = known.value
    const second = await get()
    return second.ok ? content(asking, second.value, digest) : second
  }
  return {
    manifest: (digest) => read('manifests', digest, MANIFESTS),
    blob: (digest) => read('blobs', digest, 'application/octet-stream, */*'),
  }
}

function content({ image, credential }: Asking, answer: HttpAnswer, digest: string): Result<string> {
  const { status, headers, text } = answer
  if (status === 401 || status === 403) return failure('permanent', notAllowed(image, status, credential))
  if (status === 404) return failure('permanent', `${image.registry} has no ${digest} in ${image.repository}`)
  if (status >= 500) return failure('transient', `${image.registry} answers ${status}`)
  if (status !== 200) return failure('permanent', `${image.registry} answers ${status}, which says nothing of an image`)
  const found = `sha256:${createHash('sha256').update(text).digest('hex')}`
  if (found === digest) return ok(text)
  const isPage = /^\s*text\/html/i.test(headers.get('content-type') ?? '')
  return failure(
    'permanent',
    isPage
      ? `${image.registry} answers with a web page: it is no registry, or a proxy in between wants a login`
      : `${image.registry} answers with something else for ${digest}: its digest is ${found}`,
  )
}

function notAllowed({ registry, repository }: ImageReference, status: number, credential: Credential | null): string {
  return credential === null
    ? `${registry} answers ${status} for ${repository}, and nobody has logged in there: "docker login ${registry}"; or there is no such repository`
    : `${registry} answers ${status} for ${repository}: the login for it is wrong, has expired or may not read this`
}

async function authorize(asking: Asking, challenge: Challenge | null): Promise<Result<string>> {
  const { image, credential } = asking
  if (challenge === null)
    return failure(
      'permanent',
      `${image.registry} answers 401 and says neither Basic nor Bearer: it wants what we do not speak`,
    )
  if (challenge.scheme === 'bearer') return tokenOf(asking, challenge)
  if (credential === null) return failure('permanent', notAllowed(image, 401, null))
  if (!('user' in credential))
    return failure('permanent', `${image.registry} wants a user and a password, and the login holds an identity token`)
  return ok(basic(credential))
}

function basic({ user, password }: { readonly user: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}

const Token = z.object({ token: z.string().min(1).optional(), access_token: z.string().min(1).optional() })

async function tokenOf(asking: Asking, challenge: Challenge & { scheme: 'bearer' }): Promise<Result<string>> {
  const { wire, image, credential, signal } = asking
  const { realm } = challenge
  const refused = credential === null ? null : whyNotTold(image, realm)
  if (refused !== null) return refused
  const asked = question(challenge, image, credential)
  const answer = await ask(wire, { ...asked, signal })
  if (!answer.ok) return answer
  const { status, text } = answer.value
  if (status === 400 || status === 401 || status === 403)
    return failure('permanent', `${notAllowed(image, status, credential)} (said by ${realm.host})`)
  if (status !== 200)
    return failure(status >= 500 ? 'transient' : 'permanent', `${realm.host} answers ${status} instead of a token`)
  const read = Token.safeParse(parsed(text))
  const token = read.data?.token ?? read.data?.access_token
  // A header takes no line breaks: what holds one is no token.
  if (token === undefined || !/^[\x21-\x7e]+$/.test(token))
    return failure('permanent', `${realm.host} answers without a token`)
  return ok(`Bearer ${token}`)
}

/** Whoever answers for a registry could otherwise have a password sent in the clear, to anywhere. */
function whyNotTold(image: ImageReference, realm: URL): Failure | null {
  const isLocal = registryOrigin(image).startsWith('http:') && isLoopback(realm.hostname)
  if (realm.protocol === 'https:' || isLocal) return null
  return failure('permanent', `${image.registry} wants the login to be sent to ${realm.host} without TLS`)
}

function question(
  { realm, service, scope }: Challenge & { scheme: 'bearer' },
  image: ImageReference,
  credential: Credential | null,
) {
  const wanted = { ...(service !== null && { service }), scope: scope ?? `repository:${image.repository}:pull` }
  if (credential !== null && 'identityToken' in credential) {
    const { identityToken } = credential
    const body = new URLSearchParams({
      ...wanted,
      grant_type: 'refresh_token',
      client_id: 'stellwerk',
      refresh_token: identityToken,
    })
    return { url: realm, headers: {}, body }
  }
  const url = new URL(realm)
  for (const [name, value] of Object.entries(wanted)) url.searchParams.set(name, value)
  return { url, headers: credential === null ? {} : { authorization: basic(credential) } }
}
