/**
 * The HTTP part of the two small examples: JSON in, JSON out, health and readiness, every answer with its version and slot,
 * one log line a second, and an end that lets requests finish.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { release } from './release.ts'

export type Request = {
  readonly params: readonly string[]
  readonly token: string | null
  /** `Dry-Run: true`: check everything, write nothing. */
  readonly dryRun: boolean
  readonly body: string
}
export type Answer = { readonly status: number; readonly body: unknown; readonly type?: string }
export type Handler = (request: Request) => Answer | Promise<Answer>
/** `POST /vehicles/:/entries`; `:` stands for one part of the path. */
export type Routes = Readonly<Record<string, Handler>>

const BODY_MAX = 64 * 1024
const { PORT = '3000', STELLWERK_SLOT: slot = '' } = process.env

/** `ready` answers why no traffic should come here, or null. */
export function serve(service: string, routes: Routes, ready: () => Promise<string | null>): void {
  const all: Routes = {
    ...routes,
    'GET /health': () => answer(200, { status: 'ok' }),
    'GET /readiness': readiness(ready),
  }
  let stopping = false
  let answered = 0
  const server = createServer(async (incoming, outgoing) => {
    const found = await answerTo(incoming, all)
    answered += 1
    send(outgoing, found, stopping)
  })
  const say = (message: string) => console.log(JSON.stringify({ level: 'info', service, ...release, message }))
  const summary = setInterval(() => say(`${answered} requests answered`), 1000)
  server.listen(Number(PORT), '127.0.0.1', () => say(`listening on ${PORT}`))
  process.on('SIGTERM', () => {
    stopping = true
    clearInterval(summary)
    server.close(() => process.exit(0))
    setInterval(() => server.closeIdleConnections(), 500).unref()
  })
}

export function answer(status: number, body: unknown, type?: string): Answer {
  return type === undefined ? { status, body } : { status, body, type }
}

function readiness(ready: () => Promise<string | null>): Handler {
  return async () => {
    const reason = await ready()
    return reason === null ? answer(200, { ready: true }) : answer(503, { ready: false, detail: reason })
  }
}

async function answerTo(incoming: IncomingMessage, routes: Routes): Promise<Answer> {
  const path = (incoming.url ?? '/').split('?')[0] ?? '/'
  for (const [route, handler] of Object.entries(routes)) {
    const params = match(route, `${incoming.method} ${path}`)
    if (params === null) continue
    try {
      const body = await readBody(incoming)
      if (body === null) return answer(413, { detail: 'the body is too large' })
      const token = incoming.headers.authorization?.replace('Bearer ', '') ?? null
      return await handler({ params, token, dryRun: incoming.headers['dry-run'] === 'true', body })
    } catch (error) {
      console.error(
        JSON.stringify({ level: 'error', route, reason: error instanceof Error ? error.message : 'unknown' }),
      )
      return answer(500, { detail: 'Internal Server Error' })
    }
  }
  return answer(404, { detail: 'Not Found' })
}

function match(route: string, called: string): readonly string[] | null {
  const [wanted, given] = [route.split('/'), called.split('/')]
  if (wanted.length !== given.length) return null
  if (!wanted.every((part, index) => part === ':' || part === given[index])) return null
  return given.filter((_, index) => wanted[index] === ':').map(decodeURIComponent)
}

async function readBody(incoming: IncomingMessage): Promise<string | null> {
  let text = ''
  for await (const chunk of incoming) {
    text += String(chunk)
    if (text.length > BODY_MAX) return null
  }
  return text
}

function send(outgoing: ServerResponse, { status, body, type }: Answer, closing: boolean): void {
  const text = type === undefined ? `${JSON.stringify(body)}\n` : String(body)
  outgoing.writeHead(status, {
    'content-type': type ?? 'application/json',
    'x-version': release.version,
    'x-slot': slot,
    ...(closing && { connection: 'close' }),
  })
  outgoing.end(text)
}

/** The body as an object, or an empty one where it is none. */
export function jsonOf(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
