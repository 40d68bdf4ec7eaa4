/** The admin API: JSON over loopback, a bearer token for everything, RFC 9457 problems. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { problem, refused, type Outcome, type Problem } from '../problem.ts'
import type { Log } from './log.ts'
import { prometheusText } from './prometheus.ts'
import type { Router } from './router.ts'

const BODY_MAX_BYTES = 1_000_000

export type AdminOptions = { readonly router: Router; readonly token: string; readonly log: Log }

export function adminServer({ router, token, log }: AdminOptions): Server {
  return createServer({ requestTimeout: 30_000 }, (req, res) => {
    handle(router, token, req, res).catch((error: Error) => {
      log(`admin ${req.method} ${req.url}: ${error.stack}`)
      sendProblem(res, problem('worker-silent', 500, `${error.message}. Compare GET /routes with what you desired.`))
    })
  })
}

async function handle(router: Router, token: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (!isOwnHost(req.headers.host)) {
    const why = `This API is spoken to as 127.0.0.1 or localhost, not as ${JSON.stringify(req.headers.host ?? '')}.`
    return sendProblem(res, problem('bad-host', 421, why))
  }
  if (!isAllowed(req.headers.authorization, token)) {
    res.setHeader('WWW-Authenticate', 'Bearer')
    return sendProblem(
      res,
      problem('unauthorized', 401, 'Send "Authorization: Bearer …" with the token of router.json.'),
    )
  }
  const asked = readTarget(req.url ?? '/')
  if (asked === null) {
    const why = `The path ${JSON.stringify(req.url)} cannot be read: expected "/" and percent-encoded UTF-8.`
    return sendProblem(res, problem('bad-request', 400, why))
  }
  const { url, path } = asked
  const [resource, key, part] = path
  const name = `${req.method} /${resource}${key === undefined ? '' : resource === 'routes' ? '/:key' : `/${key}`}${part ? `/${part}` : ''}`
  if (name === 'GET /metrics') return sendMetrics(router, res)
  const outcome = await answer(name, { router, key: key ?? '', req, url })
  if (outcome.ok) send(res, 200, 'application/json', JSON.stringify(outcome.value))
  else sendProblem(res, outcome.problem)
}

/** A page of another site that has its name point at us (DNS rebinding) sends that name. */
function isOwnHost(host: string | undefined): boolean {
  return /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i.test(host ?? '')
}

/** Null when it is no path, or not percent-encoded UTF-8 (`%zz`, half a surrogate). */
function readTarget(target: string): { readonly url: URL; readonly path: readonly string[] } | null {
  try {
    const url = new URL(`http://router${target.startsWith('/') ? '' : '/'}${target}`)
    return { url, path: url.pathname.split('/').slice(1).map(decodeURIComponent) }
  } catch {
    return null
  }
}

type Call = { readonly router: Router; readonly key: string; readonly req: IncomingMessage; readonly url: URL }

async function answer(name: string, { router, key, req, url }: Call): Promise<Outcome<unknown>> {
  switch (name) {
    case 'PUT /routes/:key': {
      const body = await readJson(req)
      return body.ok ? router.put(key, body.value, url.searchParams.get('takesOver')) : body
    }
    case 'GET /routes/:key':
      return router.get(key)
    case 'DELETE /routes/:key':
      return remove(router, key, url.searchParams.get('generation'))
    case 'GET /routes/:key/metrics':
      return router.metrics(key)
    case 'GET /routes':
      return router.list()
    case 'POST /worker/replace':
      return router.replaceWorker()
    case 'GET /health':
      return { ok: true, value: router.health() }
    default:
      return refused('not-found', 404, `${req.method} ${url.pathname} is not part of this API.`)
  }
}

async function remove(router: Router, key: string, generation: string | null): Promise<Outcome<unknown>> {
  if (generation === null || !/^\d{1,15}$/.test(generation)) {
    return refused('bad-request', 400, 'DELETE needs ?generation=N, an integer not below the stored one.')
  }
  return router.remove(key, Number(generation))
}

async function sendMetrics(router: Router, res: ServerResponse): Promise<void> {
  const metrics = await router.allMetrics()
  if (!metrics.ok) return sendProblem(res, metrics.problem)
  const page = prometheusText(metrics.value, router.health().faults)
  send(res, 200, 'text/plain; version=0.0.4; charset=utf-8', page)
}

async function readJson(req: IncomingMessage): Promise<Outcome<unknown>> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > BODY_MAX_BYTES) return refused('bad-request', 413, `The body is larger than ${BODY_MAX_BYTES} bytes.`)
    chunks.push(chunk)
  }
  try {
    return { ok: true, value: JSON.parse(Buffer.concat(chunks).toString('utf8')) }
  } catch (error) {
    return refused('bad-request', 400, `The body is not JSON: ${(error as Error).message}`)
  }
}

function isAllowed(authorization: string | undefined, token: string): boolean {
  return timingSafeEqual(digest(authorization ?? ''), digest(`Bearer ${token}`))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function sendProblem(res: ServerResponse, value: Problem): void {
  send(res, value.status, 'application/problem+json', JSON.stringify(value))
}

function send(res: ServerResponse, status: number, type: string, body: string): void {
  if (res.headersSent) return void res.end()
  res.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  })
  res.end(body)
}
