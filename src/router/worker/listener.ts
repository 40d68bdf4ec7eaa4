/** One listening address: takes requests in, asks the route for a slot, starts the exchange. */
import { createServer, ServerResponse, type IncomingMessage, type Server } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { startInterval, startTimer } from '../clock.ts'
import { Exchange, type Upgrade } from './exchange.ts'
import { NO_ROUTE } from './failure.ts'
import { answer, type Page } from './page.ts'
import type { Route } from './route.ts'

const OPTIONS = {
  keepAliveTimeout: 65_000,
  headersTimeout: 30_000,
  requestTimeout: 0,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 32_768,
  optimizeEmptyRequests: true,
  // h2c would carry requests past the router inside a tunnel (request smuggling); it is ignored, as RFC 9113 allows.
  shouldUpgradeCallback: (req: IncomingMessage) => !/^\s*h2c\b/i.test(req.headers.upgrade ?? ''),
}

export class Listener {
  readonly address: string
  readonly server: Server
  route: Route | null = null

  constructor(address: string) {
    this.address = address
    this.server = createServer(OPTIONS, (req, res) => this.#admit(req, res, null))
    this.server.on('upgrade', (req, socket, head) => this.#admitUpgrade(req, socket as Socket, head))
  }

  /** Accepts nothing new; idle connections live on for `graceMs`, so that a request just sent into one is not lost. */
  leave(graceMs: number, onClosed: () => void): void {
    NetServer.prototype.close.call(this.server, onClosed)
    const closeIdle = () => this.server.closeIdleConnections()
    if (graceMs === 0) closeIdle()
    startTimer(() => {
      closeIdle()
      startInterval(closeIdle, 500).unref()
    }, graceMs).unref()
  }

  #admit(req: IncomingMessage, res: ServerResponse, upgrade: Upgrade | null): void {
    const { route } = this
    if (route === null || route.isLeaving) res.shouldKeepAlive = false
    if (route === null) return answer(req, res, NO_ROUTE)
    if (route.config.maintenance !== null) return answer(req, res, maintenancePage(route.config.maintenance))
    const assignment = route.assign(req)
    if (assignment === null) return answer(req, res, NO_ROUTE)
    new Exchange(assignment, req, res, upgrade).start(assignment.slot)
  }

  /** A response object stands in on the socket until the upstream has agreed: refusals then look like any other answer. */
  #admitUpgrade(req: IncomingMessage, socket: Socket, head: Buffer): void {
    const res = new ServerResponse(req)
    res.shouldKeepAlive = false
    res.assignSocket(socket)
    socket.on('error', () => socket.destroy())
    socket.on('drain', () => res.emit('drain'))
    res.on('finish', () => {
      res.detachSocket(socket)
      socket.end()
    })
    this.#admit(req, res, { socket: socket as Duplex, head, protocol: req.headers.upgrade ?? '' })
  }
}

function maintenancePage({ title, text, retryAfterS }: { title: string; text: string; retryAfterS: number }): Page {
  return { status: 503, reason: 'maintenance', title, text, retryAfterS }
}
