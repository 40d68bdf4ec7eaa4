import { createHash } from 'node:crypto'
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { PROBLEMS, type ProblemKind } from '../errors.ts'
import type { Identity, Scope } from '../ports/identity.ts'
import { canonicalJson } from '../core/json.ts'
import type { OnceKey } from '../ports/identity.ts'
import { requireEverywhere, requireScope } from './auth.ts'
import { sameVersion } from './same-version.ts'
import { ProblemBody } from './schemas.ts'
import { plainTexts, plainTextsBesides } from './texts.ts'
import type { HttpContext, HttpEnv } from './types.ts'

export type Api = OpenAPIHono<HttpEnv>

type Schema = z.ZodType | undefined
type Out<S extends Schema> = S extends z.ZodType ? z.output<S> : undefined

export type RouteSpec<P extends Schema, Q extends Schema, H extends Schema, B extends Schema> = {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  readonly path: string
  readonly scope: Scope
  /** It concerns all services and environments: a token that counts for some of them only is refused. */
  readonly everywhere?: true
  readonly tag: string
  readonly summary: string
  readonly description?: string
  readonly params?: P
  readonly query?: Q
  readonly headers?: H
  readonly body?: B
  /** What the body is, where it is no JSON: the route takes it as it comes. */
  readonly bytes?: string
  readonly ok: {
    readonly status: 200 | 201
    readonly description: string
    readonly schema?: z.ZodType
    readonly type?: string
  }
  /** A `post` that changes nothing. */
  readonly readOnly?: true
  /** Refusals beyond those that every route has. */
  readonly refusals?: readonly ProblemKind[]
}

/** Every `post` that changes something takes it (the other methods have one effect by themselves): `once` says whose request it is, under which key, and what it asks. */
const IdempotencyKey = z.string().min(1).max(200).optional().openapi({
  description:
    'Yours to choose: a repetition with the same key is told what the first one was told, and has no effect. The same key for another request is refused with 422.',
})

export type RouteInput<P extends Schema, Q extends Schema, H extends Schema, B extends Schema> = {
  readonly c: HttpContext
  readonly identity: Identity
  readonly params: Out<P>
  readonly query: Out<Q>
  readonly headers: Out<H>
  readonly body: Out<B>
  /** Of a `post` that changes something, when its sender named a key. */
  readonly once: OnceKey | null
}

/** Keeps the types of a route's parts; the spec is data, its handler stands apart. */
export function spec<
  P extends Schema = undefined,
  Q extends Schema = undefined,
  H extends Schema = undefined,
  B extends Schema = undefined,
>(spec: RouteSpec<P, Q, H, B>): RouteSpec<P, Q, H, B> {
  return spec
}

/** Refusals of a route that makes something out of a JSON body, once. */
export const CREATED: readonly ProblemKind[] = ['unsupported-type', 'too-large', 'invalid', 'conflict', 'unavailable']

const COMMON: readonly ProblemKind[] = ['malformed', 'unauthenticated', 'not-allowed', 'rate-limited', 'internal']

/** Registers one route under /api/v1: its scope, its checked input, its place in the OpenAPI description. */
export function route<
  P extends Schema = undefined,
  Q extends Schema = undefined,
  H extends Schema = undefined,
  B extends Schema = undefined,
>(
  api: Api,
  spec: RouteSpec<P, Q, H, B>,
  handle: (input: RouteInput<P, Q, H, B>) => Response | Promise<Response>,
): void {
  const config = createRoute({
    method: spec.method,
    path: `/api/v1${spec.path}`,
    tags: [spec.tag],
    summary: spec.summary,
    description: [spec.description, needs(spec)].filter(Boolean).join(' '),
    security: [{ token: [spec.scope] }],
    middleware: [
      requireScope(spec.scope),
      ...(spec.everywhere ? [requireEverywhere] : []),
      ...ofVersion(spec),
      spec.bytes === undefined ? plainTexts : plainTextsBesides,
    ],
    request: requestOf(spec),
    responses: { [spec.ok.status]: okResponse(spec.ok), ...problemResponses(refusalsOf(spec)) },
  } as Parameters<typeof createRoute>[0])
  const handler = (c: HttpContext) => handle(inputOf(c, spec))
  api.openapi(config, handler as never)
}

function needs({ scope, everywhere }: RouteSpec<Schema, Schema, Schema, Schema>): string {
  return `Needs the scope \`${scope}\`${everywhere ? ', and a token that counts everywhere' : ''}.`
}

function inputOf<P extends Schema, Q extends Schema, H extends Schema, B extends Schema>(
  c: HttpContext,
  spec: RouteSpec<P, Q, H, B>,
): RouteInput<P, Q, H, B> {
  const valid = (there: Schema, target: 'param' | 'query' | 'header' | 'json') =>
    there === undefined ? undefined : c.req.valid(target as never)
  return {
    c,
    identity: c.get('identity'),
    params: valid(spec.params, 'param') as Out<P>,
    query: valid(spec.query, 'query') as Out<Q>,
    headers: valid(spec.headers, 'header') as Out<H>,
    body: valid(spec.body, 'json') as Out<B>,
    once: onceOf(c, spec, valid(spec.body, 'json')),
  }
}

type AnySpec = RouteSpec<Schema, Schema, Schema, Schema>

function isRepeatable({ method, readOnly }: Pick<AnySpec, 'method' | 'readOnly'>): boolean {
  return method === 'post' && readOnly !== true
}

/** A key is its sender's own: two people who choose the same one ask two things. */
function onceOf(c: HttpContext, spec: Pick<AnySpec, 'method' | 'readOnly'>, body: unknown): OnceKey | null {
  const key = c.req.header('idempotency-key')
  if (key === undefined || !isRepeatable(spec)) return null
  const asked = canonicalJson({ method: c.req.method, path: c.req.path, body })
  return { owner: c.get('identity').actor.id, key, fingerprint: createHash('sha256').update(asked).digest('hex') }
}

function requestOf(spec: AnySpec): object {
  const { params, query, body, bytes } = spec
  const headers = isRepeatable(spec) ? z.object({ 'idempotency-key': IdempotencyKey }) : spec.headers
  return {
    ...(params && { params }),
    ...(query && { query }),
    ...(headers && { headers }),
    ...(body && { body: { required: true, content: { 'application/json': { schema: body } } } }),
    ...(bytes && { body: { required: true, description: bytes, content: BYTES } }),
  }
}

const BYTES = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } }

function ofVersion(spec: AnySpec) {
  const begins = isRepeatable(spec) || spec.method === 'put'
  return begins && spec.scope !== 'intervene' ? [sameVersion] : []
}

function refusalsOf(spec: AnySpec): readonly ProblemKind[] {
  return [...(ofVersion(spec).length > 0 ? (['other-version'] as const) : []), ...(spec.refusals ?? [])]
}

function okResponse({
  description,
  schema,
  type = 'application/json',
}: RouteSpec<Schema, Schema, Schema, Schema>['ok']) {
  return { description, content: { [type]: { schema: schema ?? z.string() } } }
}

/** Kinds that share a status (none today) would share the entry. */
function problemResponses(own: readonly ProblemKind[]): object {
  const responses = [...COMMON, ...own].map((kind) => [
    PROBLEMS[kind].status,
    { description: PROBLEMS[kind].title, content: { 'application/problem+json': { schema: ProblemBody } } },
  ])
  return Object.fromEntries(responses)
}
