import { quote, say, verbatim } from '../core/say.ts'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { StellwerkError } from '../errors.ts'
import type { Api } from './route.ts'
import { startTimer } from '../timers.ts'

export type ServeOptions = {
  /** Default 127.0.0.1: reachable from this machine only. */
  readonly host?: string
  /** Default 7070; 0 takes a free one. */
  readonly port?: number
}

export type HttpServer = {
  /** `http://127.0.0.1:7070` */
  readonly url: string
  /** Takes no new request, lets running ones end up to `graceMs`, then ends them; event streams end at once. */
  close(graceMs?: number): Promise<void>
}

export async function serveHttp(api: Api, { host = '127.0.0.1', port = 7070 }: ServeOptions = {}): Promise<HttpServer> {
  const server = createAdaptorServer({ fetch: api.fetch as (request: Request) => Response | Promise<Response> })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(host, port, error)))
    server.listen(port, host, resolve)
  })
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    close: (graceMs = 1000) =>
      new Promise((resolve) => {
        const timer = startTimer(() => 'closeAllConnections' in server && server.closeAllConnections(), graceMs)
        server.close(() => {
          timer.stop()
          resolve()
        })
        if ('closeIdleConnections' in server) server.closeIdleConnections()
      }),
  }
}

function cannotListen(host: string, port: number, error: NodeJS.ErrnoException): StellwerkError {
  const why =
    error.code === 'EADDRINUSE'
      ? say`something else listens there, perhaps another control plane`
      : quote(error.message)
  return new StellwerkError(
    'failed',
    { what: say`cannot listen on ${host}:${port}`, why, fix: verbatim(`stellwerk up --listen ${host}:0`) },
    error,
  )
}
