/** For tests of notifiers that speak HTTP: a real server that stands in for the channel. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Mood } from './notifier-contract.ts'

export type Received = {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export type HttpChannel = {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string
  /** Leads here, whichever host is asked for. */
  readonly fetch: typeof fetch
  readonly received: () => readonly Received[]
  readonly mood: (mood: Mood) => void
  /** Fails when a request was not what the channel's description allows. */
  readonly end: () => Promise<void>
}

export type HttpChannelOptions = {
  /** Status and body of an answer. */
  readonly answers: Readonly<Record<'takes' | 'busy' | 'refuses', readonly [status: number, body: string]>>
  /** What is wrong with a request, by the channel's description; nothing when all is well. */
  readonly problems?: (received: Received) => readonly string[]
}

/** A busy channel asks to be left alone for so long. */
export const BUSY_MS = 7000

export async function httpChannel({ answers, problems = () => [] }: HttpChannelOptions): Promise<HttpChannel> {
  const received: Received[] = []
  let mood: Mood = 'takes'
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    received.push({ path: request.url ?? '', headers: request.headers, body })
    if (mood === 'silent' || mood === 'gone') return
    const [status, text] = answers[mood]
    const later = mood === 'busy' ? { 'retry-after': String(BUSY_MS / 1000) } : {}
    response.writeHead(status, { connection: 'close', ...later }).end(text)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return {
    origin,
    fetch: (url, init) => fetch(at(origin, url as URL), init),
    received: () => received,
    mood: (next) => {
      mood = next
      if (next === 'gone') close()
    },
    end: async () => {
      close()
      assert.deepEqual(received.flatMap(problems), [])
    },
  }
}

function at(origin: string, { pathname, search }: URL): URL {
  return new URL(`${pathname}${search}`, origin)
}
