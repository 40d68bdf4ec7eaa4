import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type Answer, json, refusal } from './answer.ts'
import type { Log, Summary } from './log.ts'
import { describe } from './readiness.ts'
import { type Match, match } from './routes.ts'
import { type Service, versionOf } from './service.ts'

const BODY_BYTES_MAX = 16 * 1024

export type HttpDeps = {
  readonly log: Log
  readonly summary: Summary
  /** While true every answer asks its connection to close. */
  readonly closing: () => boolean
}

export function createHttp(service: Service, deps: HttpDeps): Server {
  // Longer than any proxy in front keeps an idle connection: the proxy, not we, decides when one is over.
  const options = { keepAliveTimeout: 75_000, headersTimeout: 20_000, requestTimeout: 20_000 }
  return createServer(options, (incoming, outgoing) => void serve(incoming, outgoing, service, deps))
}

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  service: Service,
  { log, summary, closing }: HttpDeps,
): Promise<void> {
  const started = performance.now()
  const method = incoming.method ?? 'GET'
  const found = match(method, (incoming.url ?? '/').split('?')[0] ?? '/')
  const answer = await answerTo(incoming, found, service, log)
  const close = closing() || answer.status === 413
  send(outgoing, answer, {
    ...(close && { connection: 'close' }),
    'x-version': versionOf(service),
    'x-slot': service.config.slot,
  })
  const ms = performance.now() - started
  summary.count(answer.status, ms)
  service.metrics.requests.add({ route: found.route, status: String(answer.status) })
  if (found.route.includes('/v1/')) service.metrics.requestSeconds.observe(ms / 1000)
  if (answer.status >= 500) service.metrics.errors.add()
}

async function answerTo(incoming: IncomingMessage, found: Match, service: Service, log: Log): Promise<Answer> {
  try {
    const body = await readBody(incoming)
    if (body === undefined) return refusal(413, 'too-large', `A body holds at most ${BODY_BYTES_MAX} bytes.`)
    const { authorization, accept = '', 'dry-run': dryRun } = incoming.headers
    const request = { route: found.route, params: found.params, authorization, accept, body }
    return await found.handler({ ...request, dryRun: String(dryRun).toLowerCase() === 'true' }, service)
  } catch (error) {
    if (incoming.destroyed && !incoming.complete) return json(499, { ok: false, error: 'client-left' })
    log('error', 'request failed', { route: found.route, reason: describe(error) })
    return refusal(503, 'database-unavailable', 'The booking could not be made. Nothing was booked; please try again.')
  }
}

/** The whole body, or undefined when it is longer than we take. */
async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > BODY_BYTES_MAX) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function send(outgoing: ServerResponse, answer: Answer, headers: Readonly<Record<string, string>>): void {
  const body = Buffer.from(answer.body)
  outgoing.writeHead(answer.status, {
    ...answer.headers,
    ...headers,
    'content-type': answer.contentType,
    'content-length': body.length,
  })
  outgoing.end(body)
}
