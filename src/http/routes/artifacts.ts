/** Artifacts on their way in: content in parts, then what a version of a service is made of. */
import { IncomingMessage } from 'node:http'
import { z } from '@hono/zod-openapi'
import type { PinnedArtifact } from '../../core/pinned.ts'
import type { Identity } from '../../ports/identity.ts'
import type { ContentAnswer, ContentState, KeptContent } from '../../ports/contents.ts'
import { answer, problem } from '../problem.ts'
import { type Api, CREATED, route, spec } from '../route.ts'
import { Moment } from '../schema-parts.ts'
import { ArtifactBody } from '../schemas.ts'
import type { HttpContext, HttpOptions } from '../types.ts'
import { within } from '../within.ts'

const tag = 'artifacts'

const Service = z.string().regex(/^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/)
const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
const OfContent = z.object({ service: Service, digest: Digest })
const Offset = z.object({
  'upload-offset': z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .openapi({ description: '`receivedBytes` of the state: where it goes on.' }),
})

const ContentStateBody: z.ZodType<ContentState> = z
  .object({
    digest: z.string(),
    state: z.enum(['absent', 'partial', 'kept']),
    receivedBytes: z.number().int(),
    bytes: z.number().int(),
  })
  .openapi('ContentState', { description: 'How far content has come; `kept` is whole, verified, and for use.' })

const PinBody = z.strictObject({ service: Service, artifact: ArtifactBody }).openapi('PinRequest')

const PinnedBody: z.ZodType<PinnedArtifact> = z
  .object({ service: z.string(), artifact: ArtifactBody, by: z.string(), pinnedAt: Moment })
  .openapi('PinnedArtifact')

const ofContent = {
  path: '/contents/{service}/{digest}',
  tag,
  params: OfContent,
  ok: { status: 200, description: 'How far the content has come.', schema: ContentStateBody },
} as const

/** Whoever sends some of it may do so, and what the disk and the digest say of it may refuse it. */
const sent = { ...ofContent, scope: 'deploy', refusals: ['invalid', 'too-large', 'conflict', 'unavailable'] } as const

const stateSpec = spec({
  ...ofContent,
  method: 'get',
  scope: 'read',
  summary: 'How far a content has come',
})

const beginSpec = spec({
  ...sent,
  method: 'put',
  summary: 'Announce a content: what it consists of',
  description:
    'One JSON line per file, folder and link, sorted by the bytes of its path: `[path, kind, content, size]`, where kind is `file`, `program`, `folder` or `link`, and content the SHA-256 of a file in hex, the target of a link, or empty. The digest is over the lines `[path, kind, content]`. Repeated, it answers how far the content has come.',
  bytes: 'The manifest.',
})

const appendSpec = spec({
  ...sent,
  method: 'patch',
  summary: 'Send a part of a content: the bytes of its files, one after the other in the order of the manifest',
  description:
    'What came before a connection broke stays: ask how far it has come, and go on there. With the last byte all of it is verified; then, at once, it is there for use, and the log says who brought it.',
  headers: Offset,
  bytes: 'Bytes from the offset on.',
})

const pinSpec = spec({
  method: 'post',
  path: '/artifacts',
  scope: 'deploy',
  tag,
  summary: 'Pin what a version of a service is, for ever',
  description: 'Its content has to be there. The same again changes nothing; something else is refused with 409.',
  body: PinBody,
  ok: { status: 201, description: 'It is pinned.', schema: PinnedBody },
  refusals: CREATED,
})

const pinnedSpec = spec({
  method: 'get',
  path: '/artifacts/{service}/{version}',
  scope: 'read',
  tag,
  summary: 'What a version of a service is',
  params: z.object({ service: Service, version: z.string().min(1).max(100) }),
  ok: { status: 200, description: 'The artifact, and who pinned it when.', schema: PinnedBody },
  refusals: ['not-found', 'unavailable'],
})

type Handed = { readonly service: string; readonly digest: string }

/** Of content that another service brought, nobody hears by its digest alone: it is announced first, as if it were not there. */
async function stateFor(
  { controlPlane, contents }: HttpOptions,
  identity: Identity,
  { service, digest }: Handed,
): Promise<ContentState> {
  const state = await contents.state(digest)
  const counts = state.state !== 'kept' || (await within(controlPlane, identity).wasHandedOver(service, digest))
  return counts ? state : { digest, state: 'absent', receivedBytes: 0, bytes: 0 }
}

export function artifactRoutes(api: Api, options: HttpOptions): void {
  contentRoutes(api, options)
  const { controlPlane } = options
  route(api, pinSpec, async ({ c, identity, body }) =>
    answer(c, await within(controlPlane, identity).pin(body, identity.actor), 201),
  )
  route(api, pinnedSpec, async ({ c, identity, params: { service, version } }) =>
    answer(c, await within(controlPlane, identity).pinned(service, version)),
  )
}

function contentRoutes(api: Api, options: HttpOptions): void {
  const { controlPlane, contents } = options
  route(api, stateSpec, async ({ c, identity, params }) => {
    const refused = within(controlPlane, identity).mayHandOver(params.service)
    return refused.ok ? c.json(await stateFor(options, identity, params)) : answer(c, refused)
  })
  route(api, beginSpec, async ({ c, identity, params: { service, digest } }) => {
    const control = within(controlPlane, identity)
    const refused = control.mayHandOver(service)
    if (!refused.ok) return answer(c, refused)
    const record = async (kept: KeptContent) => {
      if (!(await control.wasHandedOver(service, digest)))
        await control.recordContent({ service, ...kept }, identity.actor)
    }
    return stateAnswer(c, await contents.begin(digest, bytesOf(c), record))
  })
  route(api, appendSpec, async ({ c, identity, params: { service, digest }, headers }) => {
    const control = within(controlPlane, identity)
    const refused = control.mayHandOver(service)
    if (!refused.ok) return answer(c, refused)
    const part = { offset: headers['upload-offset'], bytes: bytesOf(c) }
    const record = (kept: KeptContent) => control.recordContent({ service, ...kept }, identity.actor)
    return stateAnswer(c, await contents.append(digest, part, record))
  })
}

function stateAnswer(c: HttpContext, result: ContentAnswer): Response {
  return result.ok ? c.json(result.value) : problem(c, result.kind, result.said)
}

/** Without a byte for so long, whoever sends is gone, though the connection may not know it. */
const SILENCE_MS = 30_000

/** As it comes from the network, so that no more of it is in memory than the disk can take. */
function bytesOf(c: HttpContext): AsyncIterable<Uint8Array> {
  const { incoming } = c.env ?? {}
  if (!(incoming instanceof IncomingMessage)) return (c.req.raw.body ?? []) as AsyncIterable<Uint8Array>
  // Nobody hears of it: the server ends such a connection itself.
  incoming.setTimeout(SILENCE_MS)
  return incoming
}
